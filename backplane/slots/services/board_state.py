"""Applies STATE snapshots: flags, lights, and the way out of M7. Writes no other history."""

from datetime import datetime, timedelta

from backplane.slots.facts import Cause, SlotFacts, SlotFlag, SlotState
from backplane.slots.models import Slot
from backplane.slots.records import Change, ReadingRecord, StateRecord
from backplane.slots.services.lights import note_read_back
from backplane.slots.services.stays import forget_occupant, settle_discovered
from backplane.slots.services.work import Work, work_on
from backplane.slots.states import Decision, Happening, decide
from backplane.slots.telemetry import Reading, store

# Readings live in memory; their rows are refreshed this often, so that a restart has something to show.
ROWS_REFRESHED_EVERY = timedelta(seconds=30)
# The board's own STATE period, less some: other processes judge the chassis's age by its row.
SEEN_WRITTEN_EVERY = timedelta(seconds=4)


def apply_state(chassis_id: int, epoch: int, state: StateRecord, now: datetime) -> Change | None:
    """Apply a snapshot if it tells of exactly the events recorded so far; else keep its readings only.

    Returns None when nothing painted changed; readings alone do not count. Raises StaleGeneration.
    """
    with work_on(chassis_id, now, epoch=epoch) as work:
        if _is_current(work, state):
            _apply_all(work, state)
        if _is_due(work.chassis.seen_at, now, SEEN_WRITTEN_EVERY):
            work.set_chassis(seen_at=now)
    _keep_readings(chassis_id, state, now)
    return work.change


def _is_current(work: Work, state: StateRecord) -> bool:
    chassis = work.chassis
    is_same_journal = chassis.journal is None or chassis.journal == state.journal
    return chassis.link_is_up and is_same_journal and state.as_of_event == (chassis.cursor or 0)


def _is_due(last: datetime | None, now: datetime, period: timedelta) -> bool:
    return last is None or now - last >= period


def _apply_all(work: Work, state: StateRecord) -> None:
    heard = [reading for reading in state.readings if reading.number in work.slots]
    discovered = [
        work.slots[reading.number]
        for reading in heard
        if _apply(work, work.slots[reading.number], reading)
    ]
    settle_discovered(work, discovered)


def _apply(work: Work, slot: Slot, reading: ReadingRecord) -> bool:
    """Put one slot's part of a snapshot into its row; tell whether its state was discovered by it."""
    flags = SlotFlag(reading.flags)

    def decider(facts: SlotFacts) -> Decision:
        known = SlotFacts(facts.state, flags, facts.cause)
        was_device = facts.cause is Cause.FAULT  # its own devices were lost, not the link
        return decide(known, Happening.DEVICE_CAME_BACK if was_device else Happening.LINK_RESTORED)

    is_discovered = work.move(slot, decider).is_transition
    work.set_slot(slot, lights=reading.lights)
    note_read_back(work, slot)
    if is_discovered and slot.facts.state is SlotState.NOT_INSTALLED:
        forget_occupant(work, slot)  # it left while nobody was heard, and its REMOVE may be lost
    if is_discovered or _is_due(slot.seen_at, work.now, ROWS_REFRESHED_EVERY):
        _write_readings(slot, reading, work.now)
    return is_discovered


def _write_readings(slot: Slot, reading: ReadingRecord, now: datetime) -> None:
    peak_mw = max(slot.peak_mw, Reading(reading.mv, reading.ma).mw or 0)
    Slot.objects.filter(pk=slot.pk).update(
        mv=reading.mv, ma=reading.ma, cdeg=reading.cdeg, peak_mw=peak_mw, seen_at=now
    )


def _keep_readings(chassis_id: int, state: StateRecord, now: datetime) -> None:
    store.hear(chassis_id, now)
    readings = {each.number: Reading(each.mv, each.ma, each.cdeg) for each in state.readings}
    store.put_all(chassis_id, readings, now)
