"""Planned against seen, slot by slot. Pure. What is not known is no difference, and nothing follows from it."""

from dataclasses import dataclass
from enum import StrEnum


class Match(StrEnum):
    """How a slot stands to its plan."""

    SAME = "same"
    OTHER = "other"
    MISSING = "missing"
    NOT_KNOWN = "not-known"
    NOT_IDENTIFIED = "not-identified"
    NO_PLAN = "no-plan"

    @property
    def is_difference(self) -> bool:
        return self in {Match.OTHER, Match.MISSING}

    @property
    def word(self) -> str:
        return _WORDS[self]

    @property
    def sign(self) -> str:
        return _SIGNS[self]


_WORDS = {
    Match.SAME: "As planned",
    Match.OTHER: "Another module",
    Match.MISSING: "Not there",
    Match.NOT_KNOWN: "Not known",
    Match.NOT_IDENTIFIED: "Not identified",
    Match.NO_PLAN: "No plan",
}
_SIGNS = {
    Match.SAME: "=",
    Match.OTHER: "≠",
    Match.MISSING: "-",
    Match.NOT_KNOWN: "?",
    Match.NOT_IDENTIFIED: "?",
    Match.NO_PLAN: "·",
}


@dataclass(frozen=True, slots=True)
class Place:
    """One slot: ids of the planned and the seen module. `is_present` None: not sensed; `is_known`: it is heard."""

    planned_id: int | None
    module_id: int | None
    is_present: bool | None
    is_known: bool


def match_of(place: Place) -> Match:
    """Return how the slot stands to its plan."""
    if not place.is_known:
        return Match.NOT_KNOWN
    if place.planned_id is None:
        return Match.NO_PLAN
    if place.is_present is False:
        return Match.MISSING
    if place.module_id is None:
        return Match.NOT_IDENTIFIED
    return Match.SAME if place.module_id == place.planned_id else Match.OTHER
