"""Stays: opened, recognised and ended by what the hardware says, and read back as lives."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backplane.slots import services, stays
from backplane.slots.errors import NotPossible
from backplane.slots.facts import EventKind, RailCause, SlotFlag
from backplane.slots.models import Carrier, Chassis, Module, Slot, Stay
from backplane.slots.naming import name_occupants
from backplane.slots.records import EventRecord, GapRecord
from backplane.slots.services.stays import put_on
from backplane.slots.services.work import work_on
from tests.support.slots import (
    BOARD,
    EMPTY,
    JOURNAL,
    NOW,
    OFF,
    RUNNING,
    event,
    hello,
    later,
    new_chassis,
    slot_of,
    snapshot,
)

pytestmark = pytest.mark.django_db


def record(chassis: Chassis, *events: EventRecord, at_s: float = 1) -> None:
    services.record_hardware_events(chassis.pk, chassis.epoch, events, later(at_s))


def read(number: int, uid: str = "aa01", slot: int = 7) -> EventRecord:
    return event(number, EventKind.IDENTIFIED, slot, carrier_uid=uid)


def lives(number: int = 7) -> list[tuple[str | None, float, float | None, bool]]:
    """Return (carrier, since, until, by surprise) of a slot's stays, oldest first, in seconds from NOW."""
    return [
        (
            stay.carrier.uid if stay.carrier else None,
            (stay.since - NOW).total_seconds(),
            None if stay.until is None else (stay.until - NOW).total_seconds(),
            stay.ended_by_surprise,
        )
        for stay in Stay.objects.filter(slot__number=number).order_by("pk")
    ]


def test_a_snapshot_opens_what_it_discovers_and_nothing_for_an_empty_slot() -> None:
    new_chassis({5: EMPTY, 6: OFF})
    assert lives(5) == []
    assert lives(6) == lives(7) == [(None, 0.0, None, False)]


def test_a_life_from_insertion_to_a_pull_under_power() -> None:
    chassis = new_chassis({7: EMPTY})
    record(chassis, event(1, EventKind.INSERT, occurred_at=later(5)), at_s=6)
    record(chassis, read(2), at_s=7)
    record(chassis, event(3, EventKind.RAIL_ON), event(4, EventKind.POWER_GOOD), at_s=8)
    assert lives() == [("aa01", 5.0, None, False)]
    record(chassis, event(5, EventKind.REMOVE, occurred_at=later(20)), at_s=21)
    assert lives() == [("aa01", 5.0, 20.0, True)]
    last = stays.last_occupant(slot_of(chassis))
    assert last is not None
    assert last.carrier == Carrier.objects.get(uid="aa01")
    assert slot_of(chassis).carrier is None


def test_a_pull_of_a_slot_that_is_off_is_no_surprise() -> None:
    chassis = new_chassis({7: OFF})
    record(chassis, event(1, EventKind.REMOVE))
    assert lives() == [(None, 0.0, 1.0, False)]


def test_the_one_before_is_named_while_the_next_is_in() -> None:
    chassis = new_chassis()
    assert stays.last_occupant(slot_of(chassis)) is None
    record(chassis, read(1), event(2, EventKind.REMOVE), at_s=1)
    record(chassis, event(3, EventKind.INSERT), read(4, "bb02"), at_s=9)
    last = stays.last_occupant(slot_of(chassis))
    assert last is not None
    assert last.carrier is not None
    assert last.carrier.uid == "aa01"


def test_the_same_carrier_read_again_is_the_same_stay() -> None:
    chassis = new_chassis()
    record(chassis, read(1))
    record(chassis, read(2), at_s=9)
    assert lives() == [("aa01", 0.0, None, False)]


def test_another_carrier_than_before_is_another_stay() -> None:
    chassis = new_chassis()
    record(chassis, read(1))
    record(chassis, read(2, "bb02"), at_s=30)
    assert lives() == [("aa01", 0.0, 30.0, False), ("bb02", 30.0, None, False)]


def test_an_insertion_whose_removal_was_lost_ends_the_stay_before() -> None:
    chassis = new_chassis()
    record(chassis, event(1, EventKind.INSERT), at_s=30)
    assert lives() == [(None, 0.0, 30.0, False), (None, 30.0, None, False)]


def test_a_link_that_comes_back_goes_on_with_the_stay() -> None:
    chassis = new_chassis()
    record(chassis, read(1))
    services.link_lost(chassis.pk, chassis.epoch, "No answer.", later(2))
    services.link_restored(chassis.pk, chassis.epoch, hello(), later(60))
    services.apply_state(chassis.pk, chassis.epoch, snapshot(1), later(61))
    assert lives() == [("aa01", 0.0, None, False)]


def test_what_left_while_nobody_listened_ends_when_the_slot_is_found_empty() -> None:
    chassis = new_chassis()
    record(chassis, read(1))
    gap = GapRecord(BOARD, JOURNAL, 2, 9, "The board overwrote these events.")
    services.record_gap(chassis.pk, chassis.epoch, gap, 9, later(2))
    services.apply_state(chassis.pk, chassis.epoch, snapshot(9, {7: EMPTY}), later(30))
    assert lives() == [("aa01", 0.0, 30.0, False)]


@pytest.mark.parametrize("is_rail_first", [True, False])
def test_a_rail_that_left_with_its_carrier_tells_of_a_surprise_in_m7(is_rail_first: bool) -> None:
    chassis = new_chassis()
    services.link_lost(chassis.pk, chassis.epoch, "No answer.", later(2))
    kinds = [EventKind.REMOVE, EventKind.RAIL_OFF]
    first, second = reversed(kinds) if is_rail_first else kinds
    value = int(RailCause.REMOVAL)
    record(chassis, event(1, first, value=value), event(2, second, value=value), at_s=3)
    assert lives() == [(None, 0.0, 3.0, True)]


def test_a_rail_switched_off_in_m7_makes_no_surprise() -> None:
    chassis = new_chassis()
    services.link_lost(chassis.pk, chassis.epoch, "No answer.", later(2))
    off = event(1, EventKind.RAIL_OFF, value=int(RailCause.COMMAND))
    record(chassis, off, event(2, EventKind.REMOVE), at_s=3)
    assert lives() == [(None, 0.0, 3.0, False)]


def test_events_that_bring_nobody_cost_no_query_of_stays() -> None:
    chassis = new_chassis()
    record(chassis, read(1))
    calm = [event(2, EventKind.HALTED), event(3, EventKind.HANDLE_OPEN), read(4)]
    with CaptureQueriesContext(connection) as asked:
        record(chassis, *calm, at_s=5)
    assert not [query for query in asked if "slots_stay" in query["sql"]]


def test_who_stands_on_a_carrier_is_written_in_three_places_and_erased_elsewhere() -> None:
    chassis = new_chassis()
    record(chassis, read(1), read(2, "bb02", slot=6))
    module = Module.objects.create(name="web-03", serial="10000000aabbccdd")
    services.name_occupant(slot_of(chassis, 6).pk, module_id=module.pk, now=later(2))
    change = services.name_occupant(slot_of(chassis).pk, module_id=module.pk, now=later(3))
    assert change is not None
    assert change.slot_numbers == (6, 7)
    assert slot_of(chassis).module == module
    assert Carrier.objects.get(uid="aa01").module == module
    assert [stay.slot.number for stay in stays.stays_of_module(module)] == [7]
    assert slot_of(chassis, 6).module is None
    assert Carrier.objects.get(uid="bb02").module is None


def test_a_new_pi_on_the_old_tray_leaves_the_old_life_as_it_was() -> None:
    chassis = new_chassis()
    old, new = Module.objects.create(name="old"), Module.objects.create(name="new")
    record(chassis, read(1))
    services.name_occupant(slot_of(chassis).pk, module_id=old.pk, now=later(2))
    record(chassis, event(2, EventKind.REMOVE), event(3, EventKind.INSERT), read(4), at_s=5)
    services.name_occupant(slot_of(chassis).pk, module_id=new.pk, now=later(6))
    told = [stay.module for stay in stays.stays_of_carrier(Carrier.objects.get())]
    assert told == [new, old]


def test_nobody_is_named_in_an_empty_slot() -> None:
    chassis = new_chassis({7: EMPTY})
    module = Module.objects.create(name="web-03")
    with pytest.raises(NotPossible, match="Slot 7 is empty"):
        services.name_occupant(slot_of(chassis).pk, module_id=module.pk, now=NOW)
    assert not Stay.objects.filter(module=module).exists()


def test_a_module_typed_in_on_the_page_of_names_belongs_to_the_stay() -> None:
    chassis = new_chassis()
    record(chassis, read(1))
    assert name_occupants(slot_of(chassis).pk, "web-03", "", later(2))
    module = Module.objects.get()
    assert slot_of(chassis).module == module
    assert Stay.objects.get(slot__number=7).module == module
    assert name_occupants(slot_of(chassis).pk, "web-04", "", later(3))
    assert Module.objects.get().name == "web-04"


def test_a_person_tells_what_a_board_without_contact_cannot_see() -> None:
    unseen = RUNNING & ~SlotFlag.SENSES_PRESENCE & ~SlotFlag.PRESENT
    chassis = new_chassis({7: unseen, 6: unseen & ~SlotFlag.RAIL_ON & ~SlotFlag.POWER_GOOD})
    assert (len(lives(6)), len(lives(7))) == (0, 1)
    services.tell_presence(slot_of(chassis).pk, is_in=False, now=later(4))
    services.tell_presence(slot_of(chassis).pk, is_in=True, now=later(9))
    assert lives() == [(None, 0.0, 4.0, False), (None, 9.0, None, False)]
    with pytest.raises(NotPossible, match="senses by itself"):
        services.tell_presence(slot_of(chassis, 3).pk, is_in=False, now=later(4))


def test_troubles_are_those_between_the_two_ends() -> None:
    chassis = new_chassis()
    record(chassis, event(1, EventKind.TRIP), event(2, EventKind.TRIP, slot=3), at_s=2)
    record(chassis, event(3, EventKind.OVER_TEMP), event(4, EventKind.REMOVE), at_s=4)
    record(chassis, event(5, EventKind.INSERT), at_s=9)
    late = event(6, EventKind.POWER_GOOD_FAILED, occurred_at=later(10))
    record(chassis, late, at_s=60)
    newest, oldest = list(stays.stays_of_slot(slot_of(chassis)))
    first = stays.troubles_in(oldest)
    assert (first.trips, first.over_temperatures, first.power_good_failures) == (1, 1, 0)
    assert [row.number for row in first.events] == [1, 3]
    second = stays.troubles_in(newest)
    assert (second.trips, second.power_good_failures, second.any) == (0, 1, True)
    assert stays.troubles_of([newest, oldest]) == {newest.pk: second, oldest.pk: first}


def test_where_a_carrier_is_and_where_a_module_belongs() -> None:
    chassis = new_chassis()
    module = Module.objects.create(name="web-03")
    record(chassis, read(1))
    Slot.objects.filter(number=4).update(planned_module=module)
    assert stays.where_is(Carrier.objects.get()) == slot_of(chassis)
    assert stays.home_of(module) == slot_of(chassis, 4)
    record(chassis, event(2, EventKind.REMOVE))
    assert stays.where_is(Carrier.objects.get()) is None


def test_what_is_put_on_here_stands_in_no_other_slot() -> None:
    chassis = new_chassis()
    record(chassis, read(1), read(2, "bb02", slot=6))
    module = Module.objects.create(name="cache-01")
    services.name_occupant(slot_of(chassis, 6).pk, module_id=module.pk, now=later(2))
    with work_on(chassis.pk, later(3)) as work:
        put_on(work, work.slots[7], module.pk)
    assert list(module.slots.values_list("number", flat=True)) == [7]
    assert [stay.slot.number for stay in stays.stays_of_module(module)] == [7]
