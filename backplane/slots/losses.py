"""Which events tell of power that was lost though nobody asked for it, and the seconds worth keeping around one.

Pure.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from backplane.slots.facts import EventKind, RailCause, SlotFacts, rail_cause
from backplane.slots.reading_ring import Row

BEFORE: Final = timedelta(seconds=10)
AFTER: Final = timedelta(seconds=5)
# One fault speaks in several events (trip, rail off, power lost): they share one record.
ONE_FAULT: Final = timedelta(seconds=2)

Rows = dict[str, list[Row]]  # by slot number, as JSON wants its keys

LOSS_KINDS: Final = (EventKind.RAIL_OFF, EventKind.TRIP, EventKind.POWER_LOST)
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


def with_later(kept: Rows, found: Mapping[int, Sequence[Row]]) -> Rows:
    """Return `kept` with those rows of each slot that lie behind what is kept of it."""
    rows = {slot: list(old) for slot, old in kept.items()}
    for slot, news in found.items():
        mine = rows.setdefault(str(slot), [])
        last_s = _seconds(mine[-1]) if mine else float("-inf")
        mine += [row for row in news if _seconds(row) > last_s]
    return rows


def _seconds(row: Row) -> float:
    return row[0] or 0.0
