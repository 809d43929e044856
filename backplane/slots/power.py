"""Admission: which slot may be powered within the chassis's budget, and why not.

Pure. Today's budget is one number for the chassis; supplies and N+1 change how that number is made,
not how it is spent. The firmware keeps a hard ceiling of its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from backplane.slots.facts import Cause, SlotFacts, SlotState

# Power is good within 200 ms or the firmware cuts it; what takes longer is no start and blocks nobody.
_COMES_UP_WITHIN: Final = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class PoweredSlot:
    """One slot as admission sees it: what it is, since when, and the most it is expected to draw."""

    number: int
    facts: SlotFacts
    need_mw: int
    since: datetime | None = None

    @property
    def counts(self) -> bool:
        """Whether its need is spent. Not known counts: power that may flow is not free."""
        if self.facts.state is SlotState.NOT_INSTALLED:
            return bool(self.facts.suspicious)
        return self.facts.rail_on is not False

    def is_coming_up(self, now: datetime) -> bool:
        """Whether its rail is on and not good yet; a running slot whose power failed is not starting."""
        if self.since is not None and now - self.since >= _COMES_UP_WITHIN:
            return False
        is_starting = self.facts.state is SlotState.ACTIVATION_IN_PROGRESS
        return is_starting and bool(self.facts.rail_on) and self.facts.cause is not Cause.FAULT


def need_mw(rating_mw: int, peak_mw: int) -> int:
    """Return what a slot must be granted: the larger of its rating and its learned peak."""
    return max(rating_mw, peak_mw)


def admitted_mw(slots: Iterable[PoweredSlot], starting: Iterable[int] = ()) -> int:
    """Return the power already granted, with the slots whose start is on its way."""
    on_the_way = set(starting)
    return sum(slot.need_mw for slot in slots if slot.counts or slot.number in on_the_way)


def shortage(slot: PoweredSlot, free_mw: int) -> str:
    """Return "" when `slot` fits into what is free, else what it waits for in words."""
    if slot.need_mw <= free_mw:
        return ""
    return (
        f"slot {slot.number} needs {watts(slot.need_mw)}, {watts(max(free_mw, 0))} free; "
        "starts when another slot stops"
    )


def watts(mw: int) -> str:
    """Return milliwatts as people read them: 9 W, 4.6 W."""
    return f"{mw / 1000:.1f}".removesuffix(".0") + " W"
