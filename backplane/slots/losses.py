"""Which events tell of power that was lost though nobody asked for it, and the seconds worth keeping around one.

Pure.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from backplane.slots.facts import EventKind, RailCause, SlotFacts, rail_cause
from backplane.slots.reading_ring import TimedReading

BEFORE: Final = timedelta(seconds=10)
AFTER: Final = timedelta(seconds=5)
# One fault speaks in several events (trip, rail off, power lost): they share one record.
ONE_FAULT: Final = timedelta(seconds=2)

# [seconds from the event, mV, mA mean, mA max]; None is not known.
Row = list[float | int | None]
Rows = dict[str, list[Row]]

_ASKED_BY_NOBODY: Final = {
    RailCause.REMOVAL,
    RailCause.TRIP,
    RailCause.POWER_GOOD_FAILED,
    RailCause.OVER_TEMPERATURE,
    RailCause.SUPPLY_LOST,
}


def is_unexpected_loss(kind: int, value: int, facts: SlotFacts) -> bool:
    """Say whether an event takes power from a slot that nobody wanted off; `facts` are from before it."""
    match kind:
        case EventKind.RAIL_OFF:
            return rail_cause(value) in _ASKED_BY_NOBODY
        case EventKind.TRIP:
            return True
        case EventKind.POWER_LOST:
            return bool(facts.rail_on)  # else it is the echo of a rail that went off
        case _:
            return False


def rows_around(
    points: Mapping[int, Sequence[TimedReading]], at: datetime, already: Rows | None = None
) -> Rows:
    """Return the rows of each slot from BEFORE to AFTER `at`, behind those that are kept `already`."""
    kept = already or {}
    rows = {slot: list(old) for slot, old in kept.items()}
    for slot, readings in points.items():
        mine = rows.setdefault(str(slot), [])
        last_s = _last_s(mine)
        mine += [
            _row(each, at) for each in readings if _is_within(each, at) and _s(each, at) > last_s
        ]
    return {slot: mine for slot, mine in rows.items() if mine}


def _is_within(timed: TimedReading, at: datetime) -> bool:
    return at - BEFORE <= timed.at <= at + AFTER


def _s(timed: TimedReading, at: datetime) -> float:
    return round((timed.at - at).total_seconds(), 2)


def _last_s(rows: Sequence[Row]) -> float:
    told = rows[-1][0] if rows else None
    return float("-inf") if told is None else told


def _row(timed: TimedReading, at: datetime) -> Row:
    reading = timed.reading
    return [_s(timed, at), reading.mv, reading.ma, reading.ma_max]
