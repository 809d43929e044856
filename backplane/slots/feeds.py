"""Feeds: which slots share which limit, and how much that limit is with the supplies there are now.

Pure. A lost supply gives nothing; N+1 leaves out the largest supply of those that share slots. What a
lost supply still had to carry is never cut here: the limit shrinks, and words say so.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from backplane.slots.boards import BoardProfile, Supply

WHOLE_CHASSIS: Final = "Chassis"
N_PLUS_ONE: Final = "n+1"


class LimitKind(StrEnum):
    """What makes the limit of a feed."""

    SUPPLIES = "supplies"
    BUDGET = "budget"  # set on this server
    CEILING = "ceiling"  # set in the board


@dataclass(frozen=True, slots=True)
class Caps:
    """Limits of the whole chassis beside its supplies; `ceiling_mw` None: not read from the board."""

    budget_mw: int
    ceiling_mw: int | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """Slots under one limit. `full_mw` is the limit once every supply is back."""

    name: str
    slots: frozenset[int]
    budget_mw: int
    full_mw: int
    limit: LimitKind = LimitKind.SUPPLIES
    supplies: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    spare_mw: int = 0  # what is left of the supplies when the largest one that works fails, too
    wants_redundancy: bool = False


def feeds_of(profile: BoardProfile, lost: Iterable[int], caps: Caps) -> tuple[Feed, ...]:
    """Return every limit that the slots of a board are under; the whole chassis is always one of them."""
    missing = frozenset(lost)
    every_slot = frozenset(range(1, profile.slot_count + 1))
    groups = _groups(profile, every_slot)
    feeds = [_feed(profile, group, slots, missing) for group, slots in groups]
    if not any(feed.slots == every_slot for feed in feeds):
        limit_mw = min(caps.budget_mw, _ceiling(caps))
        feeds.append(Feed(WHOLE_CHASSIS, every_slot, limit_mw, limit_mw, _limit_kind(caps)))
        return tuple(feeds)
    return tuple(_capped(feed, caps) if feed.slots == every_slot else feed for feed in feeds)


def _groups(
    profile: BoardProfile, every_slot: frozenset[int]
) -> list[tuple[frozenset[int], frozenset[int]]]:
    """Return sets of supplies with the slots that live on nothing else.

    Where supplies overlap in part, each of the sets and their unions is a limit of its own: together they
    hold exactly when the load can be shared out.
    """
    fed_by = {
        slot: frozenset(each.number for each in profile.supplies if _feeds(each, slot))
        for slot in every_slot
    }
    sets = {group for group in fed_by.values() if group}
    while joined := {a | b for a in sets for b in sets if a & b} - sets:
        sets |= joined
    found = [
        (group, frozenset(slot for slot, by in fed_by.items() if by and by <= group))
        for group in sets
    ]
    return sorted(found, key=lambda each: (len(each[1]), min(each[1])))


def _feeds(supply: Supply, slot: int) -> bool:
    return not supply.feeds or slot in supply.feeds


def _feed(
    profile: BoardProfile, group: frozenset[int], slots: frozenset[int], lost: frozenset[int]
) -> Feed:
    supplies = sorted(
        (each for each in profile.supplies if each.number in group), key=lambda each: each.number
    )
    ratings_mw = [each.rating_mw for each in supplies]
    alive_mw = [each.rating_mw for each in supplies if each.number not in lost]
    wants_redundancy = profile.redundancy == N_PLUS_ONE and len(supplies) > 1
    full_mw = sum(ratings_mw) - (max(ratings_mw) if wants_redundancy else 0)
    return Feed(
        name=" + ".join(each.name for each in supplies),
        slots=slots,
        budget_mw=min(full_mw, sum(alive_mw)),
        full_mw=full_mw,
        supplies=tuple(each.name for each in supplies),
        lost=tuple(each.name for each in supplies if each.number in lost),
        spare_mw=sum(alive_mw) - max(alive_mw, default=0),
        wants_redundancy=wants_redundancy,
    )


def _capped(feed: Feed, caps: Caps) -> Feed:
    limit_mw = min(caps.budget_mw, _ceiling(caps))
    if limit_mw >= feed.budget_mw:
        return replace(feed, full_mw=min(feed.full_mw, limit_mw))
    return replace(
        feed,
        budget_mw=limit_mw,
        full_mw=min(feed.full_mw, limit_mw),
        limit=_limit_kind(caps),
    )


def _ceiling(caps: Caps) -> int:
    return caps.budget_mw if caps.ceiling_mw is None else caps.ceiling_mw


def _limit_kind(caps: Caps) -> LimitKind:
    return LimitKind.CEILING if _ceiling(caps) < caps.budget_mw else LimitKind.BUDGET
