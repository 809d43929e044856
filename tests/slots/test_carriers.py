"""Carriers by the board's own answer: what events told that never came, and never against what events tell."""

import pytest

from backplane.slots import services
from backplane.slots.facts import EventKind, SlotFlag
from backplane.slots.models import Carrier, Chassis, Module, Slot, Stay
from backplane.slots.services import Look
from tests.support.slots import (
    EMPTY,
    JOURNAL,
    NOW,
    RUNNING,
    event,
    later,
    new_chassis,
    slot_of,
    snapshot,
)

pytestmark = pytest.mark.django_db
READ = RUNNING | SlotFlag.IDENTITY_READ
LOOK = Look(JOURNAL, 1, (7,))


@pytest.fixture
def chassis(db: None) -> Chassis:
    """Slot 7 holds the carrier aa01, slot 5 nothing."""
    made = new_chassis({5: EMPTY, 7: READ})
    told = event(1, EventKind.IDENTIFIED, carrier_uid="aa01")
    services.record_hardware_events(made.pk, made.epoch, [told], NOW)
    return made


def test_it_says_which_slots_to_read_once_they_are_known(chassis: Chassis) -> None:
    services.apply_state(chassis.pk, chassis.epoch, snapshot(1, {5: EMPTY, 7: READ}), NOW)
    assert services.carriers_to_read(chassis.pk) == LOOK
    services.link_lost(chassis.pk, chassis.epoch, "gone", NOW)
    assert services.carriers_to_read(chassis.pk) is None


def test_another_carrier_than_was_known_is_another_stay(chassis: Chassis) -> None:
    module = Module.objects.create(name="web-04")
    Carrier.objects.create(uid="bb02", module=module)
    Slot.objects.filter(pk=slot_of(chassis).pk).update(peak_mw=9_000)
    change = services.note_carriers(chassis.pk, LOOK, {7: "bb02"}, later(5))
    assert change is not None
    slot = slot_of(chassis)
    assert slot.carrier is not None
    assert (slot.carrier.uid, slot.module, slot.peak_mw) == ("bb02", module, 0)
    before, after = Stay.objects.filter(slot=slot).order_by("since", "pk")
    assert (before.until, after.since, after.until) == (later(5), later(5), None)


def test_the_same_carrier_again_changes_nothing(chassis: Chassis) -> None:
    assert services.note_carriers(chassis.pk, LOOK, {7: "aa01"}, later(5)) is None
    assert Stay.objects.filter(slot=slot_of(chassis)).count() == 1


def test_what_an_event_has_told_since_counts_more(chassis: Chassis) -> None:
    newer = event(2, EventKind.HANDLE_OPEN)
    services.record_hardware_events(chassis.pk, chassis.epoch, [newer], NOW)
    assert services.note_carriers(chassis.pk, LOOK, {7: "bb02"}, later(5)) is None
    stands = slot_of(chassis).carrier
    assert stands is not None
    assert stands.uid == "aa01"


def test_an_answer_of_another_journal_or_for_an_empty_slot_is_none(chassis: Chassis) -> None:
    other = Look(JOURNAL + 1, 1, (7,))
    assert services.note_carriers(chassis.pk, other, {7: "bb02"}, later(5)) is None
    assert services.note_carriers(chassis.pk, LOOK, {5: "bb02", 99: "bb02"}, later(5)) is None
    assert not Carrier.objects.filter(uid="bb02").exists()
