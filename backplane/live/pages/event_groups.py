"""Puts what belongs to one guided swap into one row of the event page. Reads swaps; knows no request."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Q

from backplane.live.pages.event_query import Entry
from backplane.swaps.models import Swap
from backplane.swaps.steps import STEP_WORDS, UNFINISHED_SWAPS, Step, SwapState

_FEWEST: Final = 2  # one event alone is told as itself


@dataclass(frozen=True, slots=True)
class Group:
    """Events of one swap, newest first; without a swap a single one."""

    entries: tuple[Entry, ...]
    swap: Swap | None = None

    @property
    def swap_words(self) -> str:
        """Return how the swap stands."""
        swap = self.swap
        if swap is None:
            return ""
        if swap.state not in UNFINISHED_SWAPS:
            return swap.outcome or str(swap.get_state_display())
        aside = ", put aside" if swap.state == SwapState.PARKED else ""
        return f"Step {swap.step} of 9: {STEP_WORDS[Step(swap.step)]}{aside}"


def grouped(entries: Sequence[Entry]) -> list[Group]:
    """Return the page's rows: a swap stands where its newest event of this page stands."""
    owners = _owners(entries)
    members: dict[int, list[Entry]] = {}
    for entry, swap in zip(entries, owners, strict=True):
        if swap is not None:
            members.setdefault(swap.pk, []).append(entry)
    groups, seen = [], set[int]()
    for entry, swap in zip(entries, owners, strict=True):
        if swap is None or len(members[swap.pk]) < _FEWEST:
            groups.append(Group((entry,)))
        elif swap.pk not in seen:
            seen.add(swap.pk)
            groups.append(Group(tuple(members[swap.pk]), swap))
    return groups


def _owners(entries: Sequence[Entry]) -> list[Swap | None]:
    """Return the swap to which each entry belongs: at its slot, while it was open."""
    moments = [entry.line.at for entry in entries if entry.line.slot]
    if not moments:
        return [None] * len(entries)
    swaps = list(
        Swap.objects.filter(
            Q(ended_at=None) | Q(ended_at__gte=min(moments)),
            chassis__in={entry.chassis.pk for entry in entries},
            created_at__lte=max(moments),
        ).select_related("slot")
    )
    return [next((swap for swap in swaps if _owns(swap, entry)), None) for entry in entries]


def _owns(swap: Swap, entry: Entry) -> bool:
    is_here = swap.chassis_id == entry.chassis.pk and swap.slot.number == entry.line.slot
    at = entry.line.at
    return is_here and swap.created_at <= at and (swap.ended_at is None or at <= swap.ended_at)
