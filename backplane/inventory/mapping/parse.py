"""Reads a mapping from TOML text or from rows of (dotted key, text); tells every mistake, not the first. Pure."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final, TypeVar

from backplane.inventory.mapping.check import check
from backplane.inventory.mapping.records import (
    ChassisMapping,
    Mapping,
    Names,
    Place,
    Roles,
    Statuses,
    Types,
)

_Text = dict[str, object]
_Record = TypeVar("_Record")
_NUMBERS: Final = {"position": (1, 100), "netbox_id": (1, 2**31), "chassis_height_u": (1, 100)}


class MappingError(ValueError):
    """`problems`: one sentence per mistake, each starting with the key it is about."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def mapping_from_toml(text: str) -> Mapping:
    """Return the mapping a file holds. Raises MappingError."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError((f"The file is not TOML: {error}.",)) from error
    return _mapping(tables)


def mapping_from_rows(rows: Iterable[tuple[str, str]]) -> Mapping:
    """Return the mapping of settings rows like ("chassis.a12.position", "7"); "" is the default. Raises MappingError."""
    tables: _Text = {}
    for key, text in rows:
        if text.strip():
            *above, last = _parts(key)
            table = tables
            for part in above:
                inner = table.setdefault(part, {})
                table = inner if isinstance(inner, dict) else {}
            table[last] = text.strip()
    return _mapping(tables)


def _parts(key: str) -> list[str]:
    """Split a dotted key; a model's name may hold dots itself."""
    if key.startswith("types.modules."):
        return ["types", "modules", key.removeprefix("types.modules.")]
    return key.split(".")


@dataclass(slots=True)
class _Reader:
    problems: list[str] = field(default_factory=list)

    def known(self, table: _Text, names: Iterable[str], where: str) -> None:
        """Complain of keys that mean nothing, with the nearest that does."""
        allowed = sorted(names)
        for key in sorted(set(table) - set(allowed)):
            near = get_close_matches(key, allowed, n=1)
            hint = f" Did you mean {where}{near[0]}?" if near else f" Known: {', '.join(allowed)}."
            self.problems.append(f"{where}{key}: is no setting.{hint}")

    def table(self, raw: object, where: str) -> _Text:
        if isinstance(raw, dict):
            return raw
        self.problems.append(f"{where}: must be a table, not {raw!r}.")
        return {}

    def text(self, raw: object, where: str) -> str:
        if isinstance(raw, str):
            return raw.strip()
        self.problems.append(f"{where}: must be text, not {raw!r}.")
        return ""

    def number(self, raw: object, where: str, limits: tuple[int, int]) -> int | None:
        low, high = limits
        said = int(raw) if isinstance(raw, str) and raw.isascii() and raw.isdigit() else raw
        if isinstance(said, int) and not isinstance(said, bool) and low <= said <= high:
            return said
        self.problems.append(f"{where}: must be a whole number from {low} to {high}, not {raw!r}.")
        return None

    def record(self, cls: type[_Record], raw: object, where: str) -> _Record:
        """Return a flat record of texts, numbers and renames."""
        table = self.table(raw, where)
        names = list(getattr(cls, "__dataclass_fields__", {}))
        self.known(table, names, f"{where}.")
        values = {name: self._value(name, table[name], where) for name in names if name in table}
        return cls(**{name: value for name, value in values.items() if value is not None})

    def _value(self, name: str, raw: object, where: str) -> object:
        at = f"{where}.{name}"
        if name in _NUMBERS:
            return self.number(raw, at, _NUMBERS[name])
        if name == "modules":
            renames = self.table(raw, at)
            return tuple(
                sorted((key, self.text(value, f"{at}.{key}")) for key, value in renames.items())
            )
        return self.text(raw, at)


def _mapping(tables: _Text) -> Mapping:
    reader = _Reader()
    reader.known(tables, Mapping.__dataclass_fields__, "")
    chassis = reader.table(tables.get("chassis", {}), "chassis")
    mapping = Mapping(
        tag=reader.text(tables.get("tag", Mapping().tag), "tag"),
        place=reader.record(Place, tables.get("place", {}), "place"),
        roles=reader.record(Roles, tables.get("roles", {}), "roles"),
        types=reader.record(Types, tables.get("types", {}), "types"),
        names=reader.record(Names, tables.get("names", {}), "names"),
        statuses=reader.record(Statuses, tables.get("statuses", {}), "statuses"),
        chassis=tuple(
            (slug, reader.record(ChassisMapping, raw, f"chassis.{slug}"))
            for slug, raw in sorted(chassis.items())
        ),
    )
    if problems := tuple(reader.problems) or check(mapping):
        raise MappingError(problems)
    return mapping
