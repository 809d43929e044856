"""What a budget bar shows of each feed: the limit, what is spent, kept, waited for, and what is wrong.

Pure. Says what power.py decides by; decides nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from backplane.slots.feeds import Feed, LimitKind
from backplane.slots.power import PoweredSlot, admitted_mw, on_feed
from backplane.slots.waiting import watts


@dataclass(frozen=True, slots=True)
class Draw:
    """What is measured now, in mW; a slot that is not in it, or None, is not known."""

    supply_mw: int | None = None  # the meter of the whole chassis
    slots_mw: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked for: slots whose start is on its way, and reasons of those that wait for power."""

    starting: tuple[int, ...] = ()
    waiting: Mapping[int, str] = field(default_factory=dict)  # in the order they were asked


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """One feed. `drawn_mw` None: not known. `warning` "": nothing is wrong."""

    name: str
    budget_mw: int
    admitted_mw: int
    drawn_mw: int | None
    reserved: tuple[tuple[int, int], ...]  # (slot, mW it waits for)
    waiting: tuple[tuple[int, str], ...]  # (slot, reason)
    lost: tuple[str, ...]
    is_redundant: bool  # any one supply may fail, and what is admitted still has its power
    slots: tuple[int, ...]
    full_mw: int  # with every supply back
    limit: LimitKind
    supplies: tuple[str, ...]
    warning: str

    @property
    def free_mw(self) -> int:
        """What a new start may have; 0 when more is admitted than there is."""
        kept = sum(mw for _, mw in self.reserved)
        return max(self.budget_mw - self.admitted_mw - kept, 0)


def budget_lines(
    feeds: Sequence[Feed], slots: Sequence[PoweredSlot], demand: Demand, draw: Draw
) -> tuple[BudgetLine, ...]:
    """Return one line for each feed, in the order of `feeds`."""
    return tuple(
        _line(feed, on_feed(feed, slots), demand, _drawn(feed, slots, draw)) for feed in feeds
    )


def _line(
    feed: Feed, slots: Sequence[PoweredSlot], demand: Demand, drawn_mw: int | None
) -> BudgetLine:
    need_mw = {slot.number: slot.need_mw for slot in slots}
    spent_mw = admitted_mw(slots, demand.starting)
    waiting = tuple((n, reason) for n, reason in demand.waiting.items() if n in need_mw)
    is_redundant = feed.wants_redundancy and spent_mw <= feed.spare_mw
    return BudgetLine(
        name=feed.name,
        budget_mw=feed.budget_mw,
        admitted_mw=spent_mw,
        drawn_mw=drawn_mw,
        reserved=tuple((number, need_mw[number]) for number, _ in waiting),
        waiting=waiting,
        lost=feed.lost,
        is_redundant=is_redundant,
        slots=tuple(sorted(feed.slots)),
        full_mw=feed.full_mw,
        limit=feed.limit,
        supplies=feed.supplies,
        warning=_warning(feed, spent_mw, is_redundant=is_redundant),
    )


def _warning(feed: Feed, spent_mw: int, *, is_redundant: bool) -> str:
    are = "are" if len(feed.lost) > 1 else "is"
    lost = f"{' and '.join(feed.lost)} {are} lost. " if feed.lost else ""
    if spent_mw > feed.budget_mw:
        return (
            f"{lost}{watts(spent_mw)} admitted, {watts(feed.budget_mw)} there. "
            "Nothing is cut; nothing more starts until there is room."
        )
    if feed.wants_redundancy and not is_redundant:
        return f"{lost}No reserve: one more lost supply leaves {watts(feed.spare_mw)} for {watts(spent_mw)}."
    return lost.strip()


def _drawn(feed: Feed, slots: Sequence[PoweredSlot], draw: Draw) -> int | None:
    """Return what the feed's slots draw; the chassis's own meter where the feed is the whole chassis."""
    if draw.supply_mw is not None and len(feed.slots) == len(slots):
        return draw.supply_mw
    powered = [slot.number for slot in on_feed(feed, slots) if slot.counts]
    known = [draw.slots_mw[number] for number in powered if number in draw.slots_mw]
    return sum(known) if len(known) == len(powered) else None
