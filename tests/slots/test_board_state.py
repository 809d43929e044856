"""STATE snapshots: flags and lights, the way out of M7, and no other history."""

import pytest

from backplane.slots import services
from backplane.slots.errors import StaleGeneration
from backplane.slots.facts import Cause, EventKind, SlotFlag, SlotState
from backplane.slots.models import Chassis, Slot, Transition
from backplane.slots.records import GapRecord, ReadingRecord, StateRecord
from backplane.slots.telemetry import store
from tests.support.slots import (
    BOARD,
    EMPTY,
    GREEN,
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


def one(flags: SlotFlag, lights: int = GREEN, mv: int | None = 12_050) -> StateRecord:
    return StateRecord(JOURNAL, 0, (ReadingRecord(7, int(flags), lights, mv, 400, None),))


def test_slots_begin_unknown_and_are_discovered() -> None:
    chassis = services.find_or_create_chassis(hello(), "sim://demo", NOW)
    assert set(chassis.slots.values_list("state", "flags", "lights")) == {("M7", None, None)}
    chassis = new_chassis({5: EMPTY, 6: OFF})
    assert slot_of(chassis, 5).state == SlotState.NOT_INSTALLED
    assert slot_of(chassis, 6).state == SlotState.INACTIVE
    assert slot_of(chassis, 7).state == SlotState.ACTIVE
    rows = Transition.objects.values_list("old", "cause").order_by().distinct()
    assert list(rows) == [("M7", Cause.LINK_RESTORED)]


def test_a_slot_whose_devices_do_not_answer_stays_unknown() -> None:
    chassis = new_chassis({7: RUNNING | SlotFlag.NOT_ANSWERING})
    assert slot_of(chassis).state == SlotState.COMMUNICATION_LOST
    services.apply_state(chassis.pk, chassis.epoch, one(RUNNING), NOW)
    assert slot_of(chassis).state == SlotState.ACTIVE


def test_flags_change_without_history_and_count_as_a_new_version() -> None:
    chassis = new_chassis()
    before = Transition.objects.count()
    change = services.apply_state(chassis.pk, chassis.epoch, one(OFF), later(1))
    assert change is not None
    assert change.slot_numbers == (7,)
    slot = slot_of(chassis)
    assert slot.state == SlotState.ACTIVE  # only events move it
    assert slot.revision == change.revision
    assert Transition.objects.count() == before


def test_lights_are_painted_but_are_no_new_version_of_the_slot() -> None:
    chassis = new_chassis()
    seen = slot_of(chassis).revision
    change = services.apply_state(chassis.pk, chassis.epoch, one(RUNNING, 0o33), NOW)
    assert change is not None
    assert (slot_of(chassis).lights, slot_of(chassis).revision) == (0o33, seen)


def test_readings_alone_raise_nothing_and_live_in_memory() -> None:
    chassis = new_chassis()
    assert (
        services.apply_state(chassis.pk, chassis.epoch, one(RUNNING, mv=11_900), later(1)) is None
    )
    assert Chassis.objects.get().revision == chassis.revision
    latest = store.latest(chassis.pk, 7)
    assert latest is not None
    assert (latest.at, latest.reading.mv, latest.reading.cdeg) == (later(1), 11_900, None)
    assert slot_of(chassis).mv == 12_050  # as of the discovery


def test_rows_follow_now_and_then_and_the_peak_is_learned() -> None:
    chassis = new_chassis()
    services.apply_state(chassis.pk, chassis.epoch, one(RUNNING, mv=11_900), later(60))
    slot = slot_of(chassis)
    assert (slot.mv, slot.seen_at) == (11_900, later(60))
    assert slot.peak_mw == 4_820  # 12.05 V x 0.4 A, the higher of the two
    assert Chassis.objects.get().seen_at == later(60)
    assert Chassis.objects.get().last_heard_at == later(60)


@pytest.mark.parametrize(("journal", "as_of"), [(JOURNAL, 2), (JOURNAL, 0), (0xCAFE, 1)])
def test_a_snapshot_of_other_events_is_not_applied(journal: int, as_of: int) -> None:
    chassis = new_chassis()
    services.record_hardware_events(chassis.pk, chassis.epoch, [event(1, EventKind.REMOVE)], NOW)
    before = list(Slot.objects.order_by("pk").values("flags", "lights", "state"))
    snap = snapshot(as_of, journal=journal)
    assert services.apply_state(chassis.pk, chassis.epoch, snap, NOW) is None
    assert list(Slot.objects.order_by("pk").values("flags", "lights", "state")) == before


def test_an_older_generation_is_not_heard() -> None:
    chassis = new_chassis()
    with pytest.raises(StaleGeneration):
        services.apply_state(chassis.pk, chassis.epoch - 1, snapshot(0), NOW)


def test_slots_that_the_chassis_does_not_have_are_skipped() -> None:
    chassis = new_chassis()
    more = StateRecord(JOURNAL, 0, (ReadingRecord(11, int(RUNNING), 0, None, None, None),))
    assert services.apply_state(chassis.pk, chassis.epoch, more, NOW) is None


def test_a_slot_found_empty_keeps_nothing_of_who_was_in_it() -> None:
    chassis = new_chassis()
    read = event(1, EventKind.IDENTIFIED, carrier_uid="aa01")
    services.record_hardware_events(chassis.pk, chassis.epoch, [read], NOW)
    gap = GapRecord(BOARD, JOURNAL, 2, 9, "The board overwrote these events.")
    services.record_gap(chassis.pk, chassis.epoch, gap, 9, NOW)
    services.apply_state(chassis.pk, chassis.epoch, snapshot(9, {7: EMPTY}), later(30))
    slot = slot_of(chassis)
    assert (slot.state, slot.carrier, slot.module) == ("M0", None, None)


def test_devices_that_answer_again_are_no_restored_link() -> None:
    chassis = new_chassis()
    lost, back = event(1, EventKind.DEVICE_LOST), event(2, EventKind.DEVICE_BACK)
    services.record_hardware_events(chassis.pk, chassis.epoch, [lost, back], NOW)
    services.apply_state(chassis.pk, chassis.epoch, snapshot(2), later(1))
    assert (slot_of(chassis).state, slot_of(chassis).cause) == ("M4", "fault")
