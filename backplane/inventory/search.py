"""Finds a thing by any scrap: name, serial, MAC in any spelling, asset tag, number, address, slot. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from backplane.slots.macs import mac_digits

LONGEST_SCRAP: Final = 100
_LEAST_MAC_DIGITS: Final = 4  # fewer are in half of all addresses


@dataclass(frozen=True, slots=True)
class Findable:
    """A thing with its texts as (what it is, text)."""

    key: tuple[str, int]
    texts: tuple[tuple[str, str], ...]
    macs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """`by` and `text`: where the scrap was found; `rank` 0 is the whole text, 1 its start, 2 inside."""

    key: tuple[str, int]
    by: str
    text: str
    rank: int


def find(scrap: str, things: Iterable[Findable], most: int = 100) -> list[Found]:
    """Return what the scrap fits, best first."""
    wanted = " ".join(scrap[:LONGEST_SCRAP].lower().split())
    if not wanted:
        return []
    found = [hit for thing in things if (hit := _hit(wanted, thing))]
    return sorted(found, key=lambda hit: (hit.rank, hit.text.lower(), hit.key))[:most]


def _hit(wanted: str, thing: Findable) -> Found | None:
    hits = [
        Found(thing.key, by, text, rank)
        for by, text in thing.texts
        if text and (rank := _rank(wanted, text.lower())) is not None
    ]
    digits = mac_digits(wanted)
    if len(digits) >= _LEAST_MAC_DIGITS:
        hits += [
            Found(thing.key, "MAC", mac, rank)
            for mac in thing.macs
            if (rank := _rank(digits, mac.replace(":", ""))) is not None
        ]
    return min(hits, key=lambda hit: hit.rank) if hits else _all_words(wanted, thing)


def _all_words(wanted: str, thing: Findable) -> Found | None:
    """Several words fit a thing when each is somewhere in it: "web spare"."""
    words = wanted.split()
    texts = [text.lower() for _, text in thing.texts] + list(thing.macs)
    if len(words) < 2 or not all(any(word in text for text in texts) for word in words):
        return None
    by, text = thing.texts[0]
    return Found(thing.key, by, text, 3)


def _rank(wanted: str, text: str) -> int | None:
    at = text.find(wanted)
    if at < 0:
        return None
    if at > 0:
        return 2
    return 0 if text == wanted else 1
