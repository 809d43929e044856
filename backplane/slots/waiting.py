"""Why a start waits or can never be, in words that say for whom.

Pure. Judges nothing: power.py has decided that there is no room; here it is only said.
"""

from collections.abc import Sequence
from itertools import accumulate

from backplane.slots.feeds import WHOLE_CHASSIS, Feed
from backplane.slots.power import FeedAccount, PoweredSlot, on_feed


def watts(mw: int) -> str:
    """Return milliwatts as people read them: 9 W, 4.6 W."""
    return f"{mw / 1000:.1f}".removesuffix(".0") + " W"


def why_never(slot: PoweredSlot, feed: Feed) -> str:
    """Return why this feed cannot ever carry this slot."""
    whole = "the whole chassis" if feed.name == WHOLE_CHASSIS or not feed.supplies else feed.name
    if feed.wants_redundancy:
        whole += " (one supply kept in reserve)"
    return f"Slot {slot.number} needs {watts(slot.need_mw)}; {whole} has {watts(feed.full_mw)}."


def why_waiting(slot: PoweredSlot, short: FeedAccount, slots: Sequence[PoweredSlot]) -> str:
    """Return what a start waits for: those before it, or power, and whose stop would give it."""
    if short.queue:
        return f"slot {slot.number} waits behind slot {short.queue[0]}"
    needs = f"slot {slot.number} needs {watts(slot.need_mw)}, {watts(max(short.free_mw, 0))} free"
    others = [each for each in on_feed(short.feed, slots) if each.counts and each is not slot]
    return f"{needs}; {_lost(short.feed)}{_until(slot.need_mw - short.free_mw, short.feed, others)}"


def _lost(feed: Feed) -> str:
    if not feed.lost:
        return ""
    return f"{' and '.join(feed.lost)} {_is(feed)} lost; "


def _is(feed: Feed) -> str:
    return "are" if len(feed.lost) > 1 else "is"


def _until(missing_mw: int, feed: Feed, others: Sequence[PoweredSlot]) -> str:
    """Return whose stop gives `missing_mw`: of those stopping already, else of the least draw that would do."""
    stopping = sorted((each for each in others if each.is_stopping), key=lambda each: -each.need_mw)
    gives_mw = list(accumulate(each.need_mw for each in stopping))
    enough = next((n for n, mw in enumerate(gives_mw, start=1) if mw >= missing_mw), 0)
    if enough:
        return f"starts when {_slots(sorted(each.number for each in stopping[:enough]))}"
    alone = sorted(
        (each for each in others if each.need_mw >= missing_mw),
        key=lambda each: (each.need_mw, each.number),
    )
    if alone:
        first = alone[0]
        another = f" or another of {watts(first.need_mw)}" if len(alone) > 1 else ""
        return f"starts when slot {first.number}{another} stops"
    if sum(each.need_mw for each in others) >= missing_mw:
        return f"starts when slots of {watts(missing_mw)} together stop"
    return f"starts when {' and '.join(feed.lost) or 'a supply'} {_is(feed)} back"


def _slots(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"slot {numbers[0]} stops"
    return f"slots {', '.join(map(str, numbers[:-1]))} and {numbers[-1]} stop"
