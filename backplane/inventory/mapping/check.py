"""Judges a mapping as a whole: patterns that work, words NetBox takes, names that stay true. Pure."""

from collections.abc import Iterator
from dataclasses import fields
from string import Formatter
from typing import Final

from backplane.inventory.mapping.records import Mapping, Names, Statuses, slug_of

NETBOX_STATUSES: Final = (
    "offline",
    "active",
    "planned",
    "staged",
    "failed",
    "inventory",
    "decommissioning",
)
MODULE_WORDS: Final = ("name", "serial", "uid", "model", "asset_tag")
_CHASSIS_WORDS: Final = ("name", "slug", "serial")
_NAME_LENGTH: Final = 64


def check(mapping: Mapping) -> tuple[str, ...]:
    """Return a sentence per mistake, each starting with its key."""
    return (
        *_tag(mapping.tag),
        *_statuses(mapping.statuses),
        *_patterns(mapping.names),
        *_never_empty(mapping),
        *_chassis(mapping),
    )


def _tag(tag: str) -> Iterator[str]:
    if not tag or slug_of(tag) != tag:
        yield f"tag: must be a slug of small letters, digits and dashes, not {tag!r}."


def _statuses(statuses: Statuses) -> Iterator[str]:
    words = {one.name: str(getattr(statuses, one.name)) for one in fields(statuses)}
    for name, word in words.items():
        if word not in NETBOX_STATUSES:
            yield f"statuses.{name}: NetBox has no status {word!r}. It has {', '.join(NETBOX_STATUSES)}."
    for name in ("planned", "pulled"):
        if [*words.values()].count(words[name]) > 1:
            yield f"statuses.{name}: {words[name]!r} may not stand for another state as well."


def _patterns(names: Names) -> Iterator[str]:
    for key in ("bay", "label"):
        yield from _pattern(f"names.{key}", getattr(names, key), ("number",), sample=7)
    yield from _pattern("names.chassis", names.chassis, _CHASSIS_WORDS)
    if {"slot", "number", "bay"} & _words(names.module):
        yield "names.module: must not hold the slot: after the next swap the name would lie."
    else:
        yield from _pattern("names.module", names.module, MODULE_WORDS)


def _words(pattern: str) -> set[str]:
    try:
        return {name for _, name, _, _ in Formatter().parse(pattern) if name is not None}
    except ValueError:
        return set()


def _pattern(
    key: str, pattern: str, words: tuple[str, ...], *, sample: object = "x"
) -> Iterator[str]:
    allowed = ", ".join(f"{{{word}}}" for word in words)
    used = _words(pattern)
    if not used or not used <= set(words):
        yield f"{key}: must hold {allowed} and no other word in braces, not {pattern!r}."
        return
    try:
        length = len(pattern.format(**dict.fromkeys(words, sample)))
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        yield f"{key}: {pattern!r} does not work: {error}."
        return
    if length > _NAME_LENGTH:
        yield f"{key}: NetBox takes no name of more than {_NAME_LENGTH} characters."


def _never_empty(mapping: Mapping) -> Iterator[str]:
    tables = (("roles", mapping.roles), ("types", mapping.types), ("names", mapping.names))
    for table, record in tables:
        for one in fields(record):
            if getattr(record, one.name) == "":
                yield f"{table}.{one.name}: must not be empty."
    if not mapping.place.spares:
        yield "place.spares: must not be empty: a pulled module needs a location."


def _chassis(mapping: Mapping) -> Iterator[str]:
    for slug, own in mapping.chassis:
        if own.face not in {"front", "rear"}:
            yield f"chassis.{slug}.face: must be front or rear, not {own.face!r}."
        if own.position is not None and not mapping.of(slug).rack:
            yield f"chassis.{slug}.position: needs a rack."
    ids = [own.netbox_id for _, own in mapping.chassis if own.netbox_id is not None]
    for twice in sorted({one for one in ids if ids.count(one) > 1}):
        yield f"chassis: two of them name NetBox's device {twice}."
