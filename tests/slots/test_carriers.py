"""Carriers by the board's own answer: what events told that never came, and never against what events tell."""

from dataclasses import replace

import pytest

from backplane.inventory.csv_import import export_modules
from backplane.live.inventory.equipment import equipment
from backplane.live.records import Occupant
from backplane.live.rows import compared_rows
from backplane.live.selectors import load_chassis
from backplane.slots import services
from backplane.slots.errors import NotPossible
from backplane.slots.facts import EventKind, SlotFlag
from backplane.slots.models import Carrier, Chassis, Module, Slot, Stay
from backplane.slots.naming import name_occupants
from backplane.slots.records import GapRecord
from backplane.slots.services import Look
from tests.support.slots import (
    BOARD,
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


def doubted(chassis: Chassis) -> Slot:
    """Slot 7 after events were lost, and seen anew."""
    lost = GapRecord(BOARD, JOURNAL, 2, 300, "The board's ring was overwritten.")
    services.record_gap(chassis.pk, chassis.epoch, lost, 300, later(1))
    services.apply_state(chassis.pk, chassis.epoch, snapshot(300, {5: EMPTY, 7: RUNNING}), later(2))
    return slot_of(chassis)


def test_after_lost_events_who_stood_there_is_last_seen_and_no_fact(chassis: Chassis) -> None:
    module = Module.objects.create(name="web-04")
    services.name_occupant(slot_of(chassis).pk, module_id=module.pk, now=NOW)
    slot = doubted(chassis)
    assert (slot.is_occupant_unsure, slot.carrier_id is None) == (True, False)
    record = load_chassis(chassis.slug)
    assert record is not None
    shown = record.slots[slot.number - 1]
    assert shown.occupant == Occupant(last_seen="web-04")
    assert (shown.seen.name, shown.is_as_planned) == ("", True)
    assert compared_rows(shown)[0]["seen"] == "not known; last seen: web-04"
    look = services.carriers_to_read(chassis.pk)
    assert look is not None
    assert (look.slots, look.is_open) == ((), True)


def test_the_same_carrier_read_again_ends_the_doubt(chassis: Chassis) -> None:
    doubted(chassis)
    change = services.note_carriers(chassis.pk, Look(JOURNAL, 300, (7,)), {7: "aa01"}, later(5))
    assert change is not None
    assert not slot_of(chassis).is_occupant_unsure
    assert Stay.objects.filter(slot=slot_of(chassis)).count() == 1
    look = services.carriers_to_read(chassis.pk)
    assert look is not None
    assert not look.is_open


def test_a_carrier_put_in_after_lost_events_is_not_the_one_before(chassis: Chassis) -> None:
    doubted(chassis)
    told = event(301, EventKind.INSERT)
    services.record_hardware_events(chassis.pk, chassis.epoch, [told], later(5))
    slot = slot_of(chassis)
    assert (slot.carrier_id, slot.module_id, slot.is_occupant_unsure) == (None, None, False)


def test_a_person_who_looks_ends_the_doubt(chassis: Chassis) -> None:
    slot = slot_of(chassis)
    name_occupants(slot.pk, "web-04", "tray 1", NOW)
    doubted(chassis)
    assert name_occupants(slot.pk, "web-04", "tray 1", later(5))
    assert not slot_of(chassis).is_occupant_unsure


def test_another_name_in_doubt_is_another_pi_and_the_one_before_keeps_its_life(
    chassis: Chassis,
) -> None:
    before = Module.objects.create(name="web-04")
    services.name_occupant(slot_of(chassis).pk, module_id=before.pk, now=NOW)
    doubted(chassis)
    assert name_occupants(slot_of(chassis).pk, "web-09", "tray 2", later(5))
    before.refresh_from_db()
    slot = slot_of(chassis)
    assert (before.name, str(slot.module), slot.carrier) == ("web-04", "web-09", None)
    assert not slot.is_occupant_unsure
    assert Carrier.objects.get(uid="aa01").module == before
    assert not Carrier.objects.exclude(label="").exists()
    told = [(str(stay.module), stay.until is None) for stay in Stay.objects.filter(slot=slot)]
    assert sorted(told) == [("web-04", False), ("web-09", True)]


def test_who_is_named_in_doubt_may_have_stood_elsewhere(chassis: Chassis) -> None:
    slot = slot_of(chassis)
    name_occupants(slot.pk, "web-04", "", NOW)
    doubted(chassis)
    spare = Module.objects.create(name="web-09")
    name_occupants(slot.pk, "web-09", "", later(5))
    assert slot_of(chassis).module == spare
    assert Module.objects.count() == 2


def test_who_says_nothing_in_doubt_is_told_what_to_say(chassis: Chassis) -> None:
    slot = slot_of(chassis)
    name_occupants(slot.pk, "web-04", "tray 1", NOW)
    doubted(chassis)
    with pytest.raises(NotPossible, match="Type the name of the Pi you see there"):
        name_occupants(slot.pk, "", "tray 1", later(5))
    assert (str(slot_of(chassis).module), slot_of(chassis).is_occupant_unsure) == ("web-04", True)


def test_a_board_that_reads_no_carriers_is_not_asked_for_them_for_ever(
    chassis: Chassis, monkeypatch: pytest.MonkeyPatch
) -> None:
    contacts_only = replace(chassis.profile.senses, identity=False)
    profile = replace(chassis.profile, senses=contacts_only, slot_senses={})
    monkeypatch.setattr(Chassis, "profile", property(lambda _: profile))
    assert doubted(chassis).is_occupant_unsure
    look = services.carriers_to_read(chassis.pk)
    assert look is not None
    assert not look.is_open


def test_a_place_in_doubt_is_told_as_last_seen(chassis: Chassis) -> None:
    slot = slot_of(chassis)
    name_occupants(slot.pk, "web-04", "tray 1", NOW)
    assert equipment()[0].where == f"{chassis}, slot 7"
    assert f"{chassis.slug},7" in export_modules()
    doubted(chassis)
    assert equipment()[0].where == f"Not known; last seen: {chassis}, slot 7"
    assert f"{chassis.slug},7" not in export_modules()


def test_where_no_event_ever_tells_who_stands_there_peoples_word_goes_on(db: None) -> None:
    chassis = new_chassis({7: RUNNING})
    Chassis.objects.filter(pk=chassis.pk).update(board_name="bare-4", slot_count=4)
    slot = chassis.slots.get(number=2)
    Slot.objects.filter(pk=slot.pk).update(module=Module.objects.create(name="web-04"))
    lost = GapRecord(BOARD, JOURNAL, 2, 300, "The board's ring was overwritten.")
    services.record_gap(chassis.pk, chassis.epoch, lost, 300, later(1))
    assert not Slot.objects.filter(is_occupant_unsure=True).exists()
