"""Turns a row's fields into the JSON of a request, and compares what NetBox shows with what a row says. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from backplane.inventory.netbox.answers import shown
from backplane.inventory.records import Action, FieldChange, PlanRow, Ref, Value

Json = dict[str, Any]
Resolve = Callable[[Ref], int | Json | None]
_LONGEST_MESSAGE = 200


class UnresolvedError(Exception):
    """A reference to what does not exist (yet); str() names it."""


def body_of(row: PlanRow, resolve: Resolve) -> Json:
    """Return what is sent for a row. Raises UnresolvedError. Tags of what exists are added, never replaced."""
    body: Json = {"changelog_message": message_of(row)}
    for change in row.changes:
        value = json_of(change.after, resolve)
        outer, _, inner = change.field.partition(".")
        if inner:
            body.setdefault(outer, {})[inner] = value
        elif outer == "tags":
            name = "tags" if row.action is Action.CREATE else "add_tags"
            body[name] = [{"slug": slug} for slug in value or ()]
        else:
            body[outer] = value
    return body


def message_of(row: PlanRow) -> str:
    """Return the change log's message: which program, and why."""
    evidence = f" ({row.evidence})" if row.evidence else ""
    return f"Backplane: {row.why}{evidence}"[:_LONGEST_MESSAGE]


def json_of(value: Value, resolve: Resolve) -> Any:  # noqa: ANN401  (texts, numbers, lists)
    if isinstance(value, Ref):
        found = resolve(value)
        if found is None:
            raise UnresolvedError(str(value))
        return found
    return list(value) if isinstance(value, tuple) else value


def is_as_before(row: PlanRow, said: Mapping[str, Any], resolve: Resolve) -> bool:
    """Say whether every field of a row still holds what the plan was made on."""
    return all(_same(shown(said, one.field), _plain(one.before, resolve)) for one in row.changes)


def is_as_after(row: PlanRow, said: Mapping[str, Any], resolve: Resolve) -> bool:
    """Say whether every field of a row holds what the plan wants."""
    return all(_is_after(one, said, resolve) for one in row.changes)


def wrong_fields(row: PlanRow, said: Mapping[str, Any], resolve: Resolve) -> tuple[str, ...]:
    """Return the fields that NetBox says otherwise than was written."""
    return tuple(one.field for one in row.changes if not _is_after(one, said, resolve))


def before_of(row: PlanRow, said: Mapping[str, Any] | None = None) -> Json:
    """Return what stood in the fields of a row: as just read, else as the plan was made on."""
    if said is not None:
        return {one.field: shown(said, one.field) for one in row.changes}
    return {one.field: _kept(one.before) for one in row.changes}


def _is_after(change: FieldChange, said: Mapping[str, Any], resolve: Resolve) -> bool:
    wanted, found = _plain(change.after, resolve), shown(said, change.field)
    if isinstance(wanted, dict):
        return True  # a natural key: NetBox found what it names
    if change.field == "tags":
        return set(wanted or ()) <= set(found or ())
    return _same(found, wanted)


def _plain(value: Value, resolve: Resolve) -> Any:  # noqa: ANN401  (texts, numbers, lists)
    if isinstance(value, Ref):
        return resolve(value)
    return sorted(value) if isinstance(value, tuple) else value


def _kept(value: Value) -> Any:  # noqa: ANN401  (texts, numbers, lists)
    if isinstance(value, Ref):
        return value.id if value.id is not None else str(value)
    return list(value) if isinstance(value, tuple) else value


def _same(left: Any, right: Any) -> bool:  # noqa: ANN401  (texts, numbers, lists)
    if isinstance(left, str) and isinstance(right, str):
        return left.strip().casefold() == right.strip().casefold()
    return (None if left in ("", []) else left) == (None if right in ("", []) else right)
