"""Admission: which slot may be powered within the limits it is under, first come, first served.

Pure. A start that waits keeps what it needs reserved, so that no later and smaller one overtakes it. The
firmware keeps a hard ceiling of its own; nothing here ever cuts a slot.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from backplane.slots.facts import Cause, SlotFacts, SlotState
from backplane.slots.feeds import Feed

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

    @property
    def is_stopping(self) -> bool:
        """Whether somebody already asked it to stop, so that its power will be free."""
        stopping = {SlotState.DEACTIVATION_REQUEST, SlotState.DEACTIVATION_IN_PROGRESS}
        return self.counts and self.facts.state in stopping

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


@dataclass(slots=True)
class FeedAccount:
    """What is left of one feed while a plan is made. Negative: more is admitted than there is now."""

    feed: Feed
    free_mw: int
    queue: list[int] = field(default_factory=list)  # slots whose waiting starts hold a reservation
    reserved_mw: int = 0

    def is_short_for(self, slot: PoweredSlot) -> bool:
        """Whether this start must wait: for power, or for those who came before it."""
        return slot.need_mw > self.free_mw - self.reserved_mw


class Accounts:
    """The feeds of a chassis with what is spent of them; one plan's own, thrown away after it."""

    def __init__(
        self, feeds: Sequence[Feed], slots: Sequence[PoweredSlot], starting: Iterable[int] = ()
    ) -> None:
        on_the_way = tuple(starting)
        self._accounts = [
            FeedAccount(feed, feed.budget_mw - admitted_mw(on_feed(feed, slots), on_the_way))
            for feed in feeds
        ]

    def never_fits(self, slot: PoweredSlot) -> Feed | None:
        """Return the feed that could not carry this slot even alone and with every supply."""
        return next(
            (each.feed for each in self._of(slot) if slot.need_mw > each.feed.full_mw), None
        )

    def shortage(self, slot: PoweredSlot) -> FeedAccount | None:
        """Return the feed that is shortest of power for this start, None when it may be admitted."""
        short = [each for each in self._of(slot) if each.is_short_for(slot)]
        return min(short, key=lambda each: each.free_mw - each.reserved_mw, default=None)

    def admit(self, slot: PoweredSlot) -> None:
        """Spend what `slot` needs, or note that it will be spent when its turn comes."""
        for account in self._of(slot):
            account.free_mw -= slot.need_mw

    def reserve(self, slot: PoweredSlot) -> None:
        """Keep what `slot` needs from those who come after it."""
        for account in self._of(slot):
            account.queue.append(slot.number)
            account.reserved_mw += slot.need_mw

    def _of(self, slot: PoweredSlot) -> list[FeedAccount]:
        return [each for each in self._accounts if slot.number in each.feed.slots]


def on_feed(feed: Feed, slots: Iterable[PoweredSlot]) -> list[PoweredSlot]:
    """Return those of `slots` that are under this limit."""
    return [slot for slot in slots if slot.number in feed.slots]
