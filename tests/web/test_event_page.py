"""One event at its own address: evidence, changes, who asked, what was measured."""

import pytest
from django.test import Client
from django.utils import timezone

from backplane.slots.facts import EventKind
from backplane.slots.models import (
    Chassis,
    Command,
    FlightRecord,
    Gap,
    HardwareEvent,
    Slot,
    Transition,
)
from tests.web.racks import make_command

pytestmark = pytest.mark.django_db


def trip() -> HardwareEvent:
    return HardwareEvent.objects.get(kind=EventKind.TRIP)


def body(client: Client, key: str) -> str:
    answer = client.get(f"/events/{key}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_hardware_event_tells_its_evidence(viewer: Client, demo: Chassis) -> None:
    said = body(viewer, f"h{trip().pk}")
    assert "Slot 6: Over-current 3.1 A, cut by hardware." in said
    assert "TRIP (10), value 3100" in said
    assert "1 of journal 00000001" in said
    assert 'href="/c/demo/s/6/"' in said
    assert "15 seconds around it" not in said


def test_what_it_changed_is_told_with_who_asked(viewer: Client, demo: Chassis) -> None:
    slot = Slot.objects.get(number=6)
    command = make_command(slot, "power_off")
    Transition.objects.create(
        slot=slot,
        old="M4",
        new="M1",
        cause="person",
        hardware_event=trip(),
        command=command,
        at=timezone.now(),
        revision=1,
    )
    said = body(viewer, f"h{trip().pk}")
    assert "Slot 6: M4 active → M1 inactive (person, asked by ana)" in said
    assert "Slot 6: M4 active → M1 inactive" in body(viewer, f"c{command.pk}")


def test_a_flight_record_is_drawn_told_and_listed(viewer: Client, demo: Chassis) -> None:
    readings = {"6": [[-1.0, 12000, 400, 3100], [1.0, 0, 0, 0]], "2": [[-1.0, 12000, 400, None]]}
    FlightRecord.objects.create(
        hardware_event=trip(), chassis=demo, at=timezone.now(), readings=readings
    )
    said = body(viewer, f"h{trip().pk}")
    assert "15 seconds around it" in said
    assert "3.10 A at the event" in said
    assert said.count("<polyline") == 5
    assert "Show numbers" in said
    assert "12.00 V" in said
    assert "are not recorded" in said  # the record is not complete


def test_a_command_and_a_gap_have_pages_too(viewer: Client, demo: Chassis) -> None:
    slot = Slot.objects.get(number=1)
    command = make_command(slot, "clear_alarm", arguments={"reason": "Left empty"})
    assert "Left empty" in body(viewer, f"c{command.pk}")
    Command.objects.update(state="done", finished_at=timezone.now())
    assert "Clear alarm: done." in body(viewer, f"c{command.pk}e")
    gap = Gap.objects.create(
        chassis=demo,
        board_id="1",
        journal=1,
        first_missing=4,
        reason="The journal was lost.",
        noticed_at=timezone.now(),
    )
    assert "The journal was lost." in body(viewer, f"g{gap.pk}")


@pytest.mark.parametrize("key", ["h999999", "c999999", "g999999", "l3", "x1", "h", "h1e"])
def test_what_is_not_there_is_not_found(viewer: Client, demo: Chassis, key: str) -> None:
    assert viewer.get(f"/events/{key}/").status_code == 404


def test_lists_lead_to_the_event(viewer: Client, demo: Chassis) -> None:
    link = f'href="/events/h{trip().pk}/"'
    for path in ("/events/", "/c/demo/", "/c/demo/s/6/"):
        assert link in viewer.get(path).content.decode()
