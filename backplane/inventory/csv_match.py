"""Which module a row of a file means: by its number, its tag, its serial, its addresses; by name last. Pure.

Two that contradict each other are refused, never guessed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from backplane.slots.macs import known_macs

_SAID: Final = {
    "uid": "number",
    "asset_tag": "asset tag",
    "serial": "serial",
    "macs": "MAC",
    "name": "name",
}


class ContradictionError(Exception):
    """A row cannot mean one module; says why, in words."""


@dataclass(frozen=True, slots=True)
class Known:
    """What tells one module from others."""

    id: int
    label: str
    name: str
    uid: str
    asset_tag: str
    serial: str
    macs: tuple[str, ...]


@dataclass(slots=True)
class Matcher:
    """Knows every module by what tells it apart, and what rows before took."""

    _by: dict[tuple[str, str], list[Known]] = field(default_factory=dict)
    _taken: dict[tuple[str, str], int] = field(default_factory=dict)

    @classmethod
    def of(cls, modules: Iterable[Known]) -> "Matcher":
        """Return a matcher of these modules."""
        made = cls()
        for known in modules:
            values = {
                "uid": known.uid,
                "asset_tag": known.asset_tag,
                "serial": known.serial,
                "name": known.name,
            }
            for key in _keys(values, known.macs):
                made._by.setdefault(key, []).append(known)
        return made

    def find(self, row: Mapping[str, str], line: int) -> int | None:
        """Return the id of the module that a row means, None for a new one. Raises ContradictionError."""
        keys = _keys(row, tuple(known_macs(row.get("macs", ""))))
        if not keys:
            raise ContradictionError("Nothing in this row tells which module it is.")
        self._take(keys, line)
        meant: dict[int, tuple[str, Known]] = {}
        for kind, value in keys:
            if kind != "name":
                for known in self._single(kind, value):
                    meant.setdefault(known.id, (kind, known))
        if len(meant) > 1:
            raise ContradictionError(_contradicts(list(meant.values())))
        if meant:
            return next(iter(meant))
        return self._by_name(row)

    def _take(self, keys: list[tuple[str, str]], line: int) -> None:
        for key in keys:
            first = self._taken.setdefault(key, line)
            if first != line:
                message = f"Line {first} has the same {_SAID[key[0]]}."
                raise ContradictionError(message)

    def _single(self, kind: str, value: str) -> list[Known]:
        found = self._by.get((kind, value), [])
        if len(found) > 1:
            message = f"{len(found)} modules have this {_SAID[kind]}. Say which by its number."
            raise ContradictionError(message)
        return found

    def _by_name(self, row: Mapping[str, str]) -> int | None:
        """A name alone means a module only while neither tells more than the other can deny."""
        named = self._by.get(("name", row.get("name", "").lower()), []) if row.get("name") else []
        if not named:
            return None
        if len(named) > 1:
            message = f"{len(named)} modules are called {row['name']}."
            raise ContradictionError(message)
        known = named[0]
        own = {
            "uid": "",
            "asset_tag": known.asset_tag,
            "serial": known.serial,
            "macs": known.macs,
        }
        denied = next((key for key, value in own.items() if row.get(key) and value), "")
        if row.get("uid") or denied:
            message = f"{known.label} has this name, and another {_SAID[denied or 'uid']}."
            raise ContradictionError(message)
        return known.id


def _keys(values: Mapping[str, str], macs: tuple[str, ...]) -> list[tuple[str, str]]:
    single = [
        (kind, values[kind].lower())
        for kind in ("uid", "asset_tag", "serial", "name")
        if values.get(kind)
    ]
    return [*single, *(("macs", mac) for mac in macs)]


def _contradicts(meant: list[tuple[str, Known]]) -> str:
    said = " and ".join(f"the {_SAID[kind]} is {known.label}'s" for kind, known in meant)
    return f"{said[:1].upper()}{said[1:]}."
