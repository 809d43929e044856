"""/settings/netbox/: mode, mapping as form and file, and a test that never breaks the page."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from backplane.inventory import setup
from backplane.inventory.models import Mode
from backplane.people.models import AuditEntry
from backplane.slots.models import Chassis

pytestmark = pytest.mark.django_db


def test_without_a_netbox_the_page_says_what_to_set(admin: Client, settings: Settings) -> None:
    settings.NETBOX_URL = settings.NETBOX_TOKEN = ""
    text = admin.get("/settings/netbox/").content.decode()
    assert "NETBOX_URL" in text
    assert "Test the connection" not in text
    assert "No NetBox is set." in admin.post("/settings/netbox/test/").content.decode()


def test_one_that_does_not_answer_is_told_in_words(admin: Client, settings: Settings) -> None:
    settings.NETBOX_URL, settings.NETBOX_TOKEN = "http://127.0.0.1:9", "x" * 40
    text = admin.post("/settings/netbox/test/").content.decode()
    assert "NetBox does not answer: no connection." in text
    assert "x" * 40 not in text


def test_the_mode_is_chosen_and_kept_in_the_trail(admin: Client) -> None:
    assert admin.post("/settings/netbox/mode/", {"mode": "safe"}).status_code == 303
    assert setup.current_mode() is Mode.SAFE
    assert AuditEntry.objects.get(action="inventory.netbox").outcome == "done: mode safe"
    assert admin.post("/settings/netbox/mode/", {"mode": "wild"}).status_code == 422


def test_the_mapping_is_filled_in_boxes(admin: Client, demo: Chassis) -> None:
    boxes = {"place.site": " Home  lab ", "place.rack": "A", "chassis.demo.position": "12"}
    assert admin.post("/settings/netbox/mapping/", boxes).status_code == 303
    mapping = setup.current_mapping()
    assert (mapping.place.site, mapping.of("demo").position) == ("Home lab", 12)
    text = admin.get("/settings/netbox/").content.decode()
    assert 'value="Home lab"' in text
    admin.post("/settings/netbox/mapping/", boxes | {"place.site": ""})
    assert setup.current_mapping().place.site == ""


def test_a_mistake_is_told_and_what_was_typed_stays(admin: Client, demo: Chassis) -> None:
    answer = admin.post("/settings/netbox/mapping/", {"chassis.demo.position": "high"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "chassis.demo.position" in text
    assert 'value="high"' in text
    assert setup.rows_of(setup.current_mapping()) == {}


def test_the_file_goes_out_and_comes_back(admin: Client) -> None:
    admin.post("/settings/netbox/mapping/", {"place.site": "Home"})
    file = admin.get("/settings/netbox/mapping.toml").content
    admin.post("/settings/netbox/mapping/", {"place.site": ""})
    upload = SimpleUploadedFile("m.toml", file)
    assert (
        admin.post("/settings/netbox/mapping/", {"file": upload, "upload": "1"}).status_code == 303
    )
    assert setup.current_mapping().place.site == "Home"


@pytest.mark.parametrize("data", [b"[place]\nsight = 'x'", b"\xff", b"x" * 70_000])
def test_a_wrong_file_changes_nothing(admin: Client, data: bytes) -> None:
    upload = SimpleUploadedFile("m.toml", data)
    answer = admin.post("/settings/netbox/mapping/", {"file": upload, "upload": "1"})
    assert answer.status_code == 422
    assert setup.rows_of(setup.current_mapping()) == {}


def test_simulated_chassis_on_their_way_to_netbox_are_warned_of(
    admin: Client, settings: Settings
) -> None:
    settings.NETBOX_ALLOW_SIMULATED = True
    settings.NETBOX_URL, settings.NETBOX_TOKEN = "http://127.0.0.1:9", "x"
    for url in ("/settings/netbox/", "/inventory/plan/", "/events/"):
        assert "NETBOX_ALLOW_SIMULATED is on" in admin.get(url).content.decode()


def test_only_admins_set_it_up(operator: Client) -> None:
    assert operator.get("/settings/netbox/").status_code == 403
    assert operator.post("/settings/netbox/mode/", {"mode": "all"}).status_code == 403
