"""Keeps a plan's rows as JSON and makes them rows again. Pure; what is kept for people stays readable."""

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from backplane.inventory.records import (
    Action,
    Conflict,
    FieldChange,
    Group,
    Kind,
    Owner,
    Phase,
    PlanRow,
    Ref,
    Value,
)

Json = dict[str, Any]


def pack(row: PlanRow) -> Json:
    """Return a row as JSON can hold it."""
    packed = {one.name: getattr(row, one.name) for one in fields(row)}
    packed["phase"] = int(row.phase)
    packed["evidence_at"] = row.evidence_at and row.evidence_at.isoformat()
    packed["changes"] = [_pack_change(change) for change in row.changes]
    packed["found_by"] = [[name, pack_value(value)] for name, value in row.found_by]
    packed["depends_on"] = list(row.depends_on)
    return packed


def unpack(packed: Json) -> PlanRow:
    """Return the row that was packed."""
    at = packed["evidence_at"]
    return PlanRow(
        **{
            **packed,
            "kind": Kind(packed["kind"]),
            "phase": Phase(packed["phase"]),
            "group": Group(packed["group"]),
            "action": Action(packed["action"]),
            "conflict": Conflict(packed["conflict"]) if packed["conflict"] else None,
            "evidence_at": datetime.fromisoformat(at) if at else None,
            "changes": tuple(_unpack_change(change) for change in packed["changes"]),
            "found_by": tuple((name, unpack_value(value)) for name, value in packed["found_by"]),
            "depends_on": tuple(packed["depends_on"]),
        }
    )


def pack_value(value: Value) -> Any:  # noqa: ANN401  (whatever JSON holds)
    if isinstance(value, Ref):
        return {"ref": asdict(value)}
    return list(value) if isinstance(value, tuple) else value


def unpack_value(value: Any) -> Value:  # noqa: ANN401  (whatever JSON holds)
    if isinstance(value, dict):
        return _ref(value["ref"])
    return tuple(value) if isinstance(value, list) else value


def _ref(packed: Json) -> Ref:
    return Ref(
        **{
            **packed,
            "kind": Kind(packed["kind"]),
            "natural": tuple((name, value) for name, value in packed["natural"]),
            "parent": _ref(packed["parent"]) if packed["parent"] else None,
        }
    )


def _pack_change(change: FieldChange) -> Json:
    return {
        "field": change.field,
        "before": pack_value(change.before),
        "after": pack_value(change.after),
        "owner": change.owner.value,
        "rule": change.rule,
    }


def _unpack_change(packed: Json) -> FieldChange:
    return FieldChange(
        packed["field"],
        unpack_value(packed["before"]),
        unpack_value(packed["after"]),
        Owner(packed["owner"]),
        packed["rule"],
    )
