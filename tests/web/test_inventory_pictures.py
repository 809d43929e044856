"""The picture of a chassis behind a secret address: live, without serials, gone when revoked."""

import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.utils import timezone

from backplane.live.inventory.rack_picture import broken, shortened
from backplane.people.models import AuditEntry
from backplane.slots.models import Chassis, Module, RackPicture

pytestmark = pytest.mark.django_db


def address(admin: Client) -> str:
    text = admin.post(
        "/settings/pictures/new/", {"chassis": "demo", "used_for": "wiki"}
    ).content.decode()
    found = re.search(r"/rack/[\w-]+\.svg", text)
    assert found is not None
    return found[0]


def test_whoever_has_the_address_sees_the_blades(admin: Client, demo: Chassis) -> None:
    answer = Client().get(address(admin))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/svg+xml"
    text = answer.content.decode()
    ET.fromstring(text)  # noqa: S314  (our own answer)
    for word in ("Chassis demo", "web-03", "Safe to", "remove", "simulated"):
        assert word in text
    told = re.search(r"Heard (\d+) s before", text)
    assert told is not None
    assert demo.seen_at is not None
    assert int(told[1]) <= (timezone.now() - demo.seen_at).total_seconds()


def test_the_picture_may_do_nothing_and_sets_nothing(admin: Client, demo: Chassis) -> None:
    answer = Client().get(address(admin))
    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    )
    assert "no-store" in answer.headers["Cache-Control"]
    assert not answer.cookies


def test_no_number_of_a_module_is_in_it(admin: Client, demo: Chassis) -> None:
    Module.objects.update(macs=["dc:a6:32:00:00:01"])
    text = Client().get(address(admin)).content.decode()
    numbers = [*Module.objects.values_list("serial", flat=True), str(demo.board_id)]
    assert not any(number in text for number in [*numbers, "dc:a6:32"])


@pytest.mark.parametrize("name", ["", "rpi-10000F31"])
def test_a_module_that_is_called_by_its_serial_has_no_name_in_it(
    admin: Client, demo: Chassis, name: str
) -> None:
    assert Module.objects.filter(name="web-03").update(name=name, serial="10000f31")
    assert "0000f31" not in Client().get(address(admin)).content.decode().casefold()


def test_a_name_cannot_break_out_of_it(admin: Client, demo: Chassis) -> None:
    Module.objects.update(name="</g><script>")
    text = Client().get(address(admin)).content.decode()
    assert "<script" not in text
    ET.fromstring(text)  # noqa: S314  (our own answer)


def test_an_old_picture_says_so(admin: Client, demo: Chassis) -> None:
    heard = timezone.now() - timedelta(hours=5)
    Chassis.objects.update(seen_at=heard, link_state="lost")
    url = address(admin)
    text = Client().get(url).content.decode()
    assert "this may no longer be so" in text


def test_a_revoked_address_is_gone_at_once(admin: Client, demo: Chassis) -> None:
    url = address(admin)
    row = RackPicture.objects.get()
    assert row.secret_hash not in url
    assert admin.post(f"/settings/pictures/{row.pk}/revoke/").status_code == 303
    assert Client().get(url).status_code == 404
    assert Client().get("/rack/" + "x" * 43 + ".svg").status_code == 404
    outcomes = AuditEntry.objects.filter(action="inventory.picture").values_list(
        "outcome", flat=True
    )
    assert sorted(outcomes) == ["made", "revoked"]


def test_only_admins_make_and_revoke(operator: Client, demo: Chassis) -> None:
    assert operator.get("/settings/pictures/").status_code == 403
    values = {"chassis": "demo", "used_for": "x"}
    assert operator.post("/settings/pictures/new/", values).status_code == 403


def test_the_secret_is_shown_once(admin: Client, demo: Chassis) -> None:
    url = address(admin)
    assert url not in admin.get("/settings/pictures/").content.decode()


def test_words_fit_across_a_blade() -> None:
    assert broken("Safe to remove") == ["Safe to", "remove"]
    assert broken("Halted, power on") == ["Halted,", "power on"]
    assert shortened("a-rather-long-name") == "a-rather-lon…"
