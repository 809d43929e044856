"""Gaps and new journals: the cursor and the row together, and nothing assumed afterwards."""

import pytest

from backplane.slots import services
from backplane.slots.errors import StaleGeneration
from backplane.slots.facts import EventKind, SlotState
from backplane.slots.models import Chassis, Gap, Slot, Transition
from backplane.slots.records import GapRecord
from tests.support.slots import BOARD, JOURNAL, NOW, event, later, new_chassis, snapshot

pytestmark = pytest.mark.django_db


def gap(first: int, last: int | None) -> GapRecord:
    return GapRecord(BOARD, JOURNAL, first, last, "The board's ring was overwritten.")


def states() -> set[str]:
    return set(Slot.objects.values_list("state", flat=True))


def test_a_gap_and_the_cursor_are_one_commit_and_slots_are_not_known() -> None:
    chassis = new_chassis()
    result = services.record_gap(chassis.pk, chassis.epoch, gap(1, 300), 300, later(1))
    assert (result.journal, result.number) == (JOURNAL, 300)
    row = Gap.objects.get()
    assert (row.first_missing, row.last_missing, row.noticed_at) == (1, 300, later(1))
    assert Chassis.objects.get().cursor == 300
    assert states() == {SlotState.COMMUNICATION_LOST}
    # The events behind the gap go on, and STATE tells what the slots are.
    services.record_hardware_events(
        chassis.pk, chassis.epoch, [event(301, EventKind.HALTED)], later(2)
    )
    services.apply_state(chassis.pk, chassis.epoch, snapshot(301), later(3))
    assert states() == {SlotState.ACTIVE}


def test_the_same_gap_twice_is_one_row() -> None:
    chassis = new_chassis()
    services.record_gap(chassis.pk, chassis.epoch, gap(1, 300), 300, NOW)
    result = services.record_gap(chassis.pk, chassis.epoch, gap(1, 300), 300, NOW)
    assert result.number == 300
    assert result.change is None
    assert Gap.objects.count() == 1


def test_a_new_journal_starts_at_zero_with_a_gap_behind_it() -> None:
    chassis = new_chassis()
    services.record_hardware_events(chassis.pk, chassis.epoch, [event(1, EventKind.HALTED)], NOW)
    result = services.start_new_journal(chassis.pk, chassis.epoch, gap(2, None), 0xCAFE, NOW)
    assert (result.journal, result.number) == (0xCAFE, 0)
    again = services.start_new_journal(chassis.pk, chassis.epoch, gap(2, None), 0xCAFE, NOW)
    assert again.change is None
    assert Gap.objects.get().last_missing is None
    first = event(1, EventKind.REMOVE, journal=0xCAFE)
    services.record_hardware_events(chassis.pk, chassis.epoch, [first], NOW)
    assert Chassis.objects.get().cursor == 1


def test_an_older_generation_records_no_gap() -> None:
    chassis = new_chassis()
    before = Transition.objects.count()
    with pytest.raises(StaleGeneration):
        services.record_gap(chassis.pk, chassis.epoch - 1, gap(1, 9), 9, NOW)
    assert not Gap.objects.exists()
    assert Transition.objects.count() == before
