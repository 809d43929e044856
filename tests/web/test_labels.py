"""Labels to print: short addresses in capitals as QR codes, honest about what is fixed in print."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from backplane.live.pages.labels import label
from backplane.slots.models import Chassis

pytestmark = pytest.mark.django_db


def test_a_code_stays_small_in_capitals() -> None:
    made = label("https://rack.local", "/S/a12-07/", "7", "A12")
    assert made.address == "HTTPS://RACK.LOCAL/S/A12-07/"
    assert made.side == 33  # version 2 with its quiet zone
    assert made.path.startswith("M4 4h7v1h-7z")  # the corner of the finder pattern


def test_every_slot_and_the_chassis_get_a_label(
    viewer: Client, demo: Chassis, settings: Settings
) -> None:
    settings.PUBLIC_URL = "https://rack.example.org"
    said = viewer.get("/c/demo/labels/").content.decode()
    assert said.count('class="code"') == 11
    assert "HTTPS://RACK.EXAMPLE.ORG/S/DEMO-07/" in said
    assert "HTTPS://RACK.EXAMPLE.ORG/C/DEMO/" in said
    assert "The host name is fixed in print." in said


def test_without_a_public_address_there_is_no_code(
    viewer: Client, demo: Chassis, settings: Settings
) -> None:
    settings.PUBLIC_URL = ""
    said = viewer.get("/c/demo/labels/").content.decode()
    assert "PUBLIC_URL is not set" in said
    assert 'class="code"' not in said


@pytest.mark.parametrize("path", ["/S/DEMO-07/", "/C/DEMO/"])
def test_what_is_printed_leads_somewhere(viewer: Client, demo: Chassis, path: str) -> None:
    assert viewer.get(path, follow=True).status_code == 200
