"""Writes a plan out for people: a sign and a word for each row, from, to, why, and how old the evidence is. Pure."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from backplane.inventory.records import Action, FieldChange, Owner, Plan, PlanRow, Value

SIGNS: Final = {
    Action.CREATE: "+",
    Action.CHANGE: "~",
    Action.CLEAR: "-",
    Action.NONE: "=",
    Action.CONFLICT: "!",
}
_COUNTED: Final = {
    Action.CREATE: "to create",
    Action.CHANGE: "to change",
    Action.CLEAR: "to clear",
    Action.NONE: "left alone",
    Action.CONFLICT: "to decide",
}
_OWNERS: Final = {
    Owner.OURS: "ours",
    Owner.NETBOX: "NetBox's",
    Owner.FIRST: "ours until NetBox has one",
}


def render_plan(plan: Plan) -> str:
    """Return the plan as text, rows in the order they are done; ends with a line break."""
    return "\n".join(_lines(plan)) + "\n"


def _lines(plan: Plan) -> Iterator[str]:
    if not plan.rows:
        yield f"NetBox and the rack agree, read at {_at(plan.snapshot_at)}."
    else:
        counts = Counter(row.action for row in plan.rows)
        told = ", ".join(f"{counts[one]} {_COUNTED[one]}" for one in Action if counts[one])
        yield f"{told}; {plan.requests} request{'' if plan.requests == 1 else 's'}."
        yield f"NetBox read at {_at(plan.snapshot_at)}; good until {_at(plan.expires_at)}."
    for row in plan.rows:
        yield ""
        yield from _row(row, plan.made_at)


def _row(row: PlanRow, now: datetime) -> Iterator[str]:
    reason = f" ({row.conflict})" if row.conflict else ""
    yield f"{SIGNS[row.action]} {row.action} {row.label}{reason}"
    for change in row.changes:
        yield f"    {_change(change, row.action)}"
    yield f"    why: {row.why}"
    if row.evidence:
        age = f", {age_text(row.evidence_at, now)}" if row.evidence_at else ""
        yield f"    evidence: {row.evidence}{age}"
    if row.depends_on:
        yield f"    after: {', '.join(row.depends_on)}"


def _change(change: FieldChange, action: Action) -> str:
    if action is Action.CREATE:
        return f"{change.field}: {value_text(change.after)}"
    before, after = value_text(change.before), value_text(change.after)
    return f"{change.field}: {before} -> {after} [{_OWNERS[change.owner]}: {change.rule}]"


def value_text(value: Value) -> str:
    """Return a value as people read it; nothing is a word too."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def age_text(at: datetime, now: datetime) -> str:
    """Return how old something is, in its largest unit."""
    seconds = max(0, int((now - at).total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"


def _at(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M:%S}Z"
