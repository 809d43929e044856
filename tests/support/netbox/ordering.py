"""The server's own order of rows: natural by name, references by the order of what they point to, nulls last."""

import re
from typing import Any

from tests.support.netbox.catalogue import KINDS
from tests.support.netbox.kinds import FieldType, Json, Kind, Value
from tests.support.netbox.store import Store

_DIGITS = re.compile(r"(\d+)")


def in_order(store: Store, kind: Kind, rows: list[Json], ordering: str = "") -> list[Json]:
    """Return the rows in the kind's order, or by the one field of `ordering` (a leading minus turns it round)."""
    names = (ordering,) if ordering else kind.order
    ordered = sorted(rows, key=lambda row: row["id"])
    for name in reversed(names):
        bare = name.removeprefix("-")
        is_down = name.startswith("-")
        ordered.sort(key=lambda row, bare=bare: _key(store, kind, bare, row), reverse=is_down)  # type: ignore[misc]  # mypy cannot infer a lambda with a default
    return ordered


def _key(store: Store, kind: Kind, name: str, row: Json) -> tuple[Any, ...]:
    value = row.get(name)
    if value is None:
        return (1,)
    field = kind.fields.get(name)
    if field is None or field.type is not FieldType.REFERENCE:
        return (0, _natural(value))
    target = KINDS[field.target]
    there = store.must(target.path, value)
    return (0, *(_key(store, target, part, there) for part in (*target.order, "id")))


def _natural(value: Value) -> tuple[Any, ...]:
    if not isinstance(value, str):
        return (0, value)
    parts = _DIGITS.split(value.lower())
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in parts if part)
