"""How the sync stands and what a plan says, as plain values: for the command, pages and monitoring."""

from typing import Any

from backplane.inventory import outbox, setup
from backplane.inventory.models import StoredRow, SyncPlan
from backplane.inventory.netbox.access import is_set
from backplane.inventory.netbox.client import WRITES_FROM, version_of
from backplane.inventory.netbox.errors import NetBoxTooOld
from backplane.inventory.state import state

Json = dict[str, Any]


def status_report() -> Json:
    """Return how the sync stands; asks nobody."""
    row = state()
    return {
        "connected": is_set(),
        "mode": setup.current_mode().value,
        "netbox_version": row.version,
        "writes": why_not_written(row.version) or "yes",
        "checked_at": row.checked_at and row.checked_at.isoformat(),
        "change_log_read_at": row.looked_at and row.looked_at.isoformat(),
        "differences": row.differences,
        "waiting": outbox.count_waiting(),
        "error": row.error,
        "error_at": row.error_at and row.error_at.isoformat(),
        "retry_at": row.retry_at and row.retry_at.isoformat(),
    }


def why_not_written(version: str) -> str:
    """Say why nothing can be written; "" where it can, or nobody knows yet."""
    known = version_of(version)
    return str(NetBoxTooOld(version)) if (0, 0) < known < WRITES_FROM else ""


def plan_report(plan: SyncPlan) -> Json:
    """Return a stored plan with its rows."""
    return {
        "plan": plan.pk,
        "state": plan.state,
        "made_at": plan.made_at.isoformat(),
        "expires_at": plan.expires_at.isoformat(),
        "differences": plan.differences,
        "conflicts": plan.conflicts,
        "requests": plan.requests,
        "error": plan.error,
        "rows": [_row(row) for row in plan.rows.all()],
    }


def _row(row: StoredRow) -> Json:
    data: Json = row.data
    return {
        "key": row.key,
        "action": row.action,
        "label": row.label,
        "why": data["why"],
        "evidence": data["evidence"],
        "evidence_at": data["evidence_at"],
        "changes": [
            {"field": one["field"], "before": _plain(one["before"]), "after": _plain(one["after"])}
            for one in data["changes"]
        ],
        "conflict": data["conflict"],
        "result": row.result,
        "result_text": row.result_text,
    }


def _plain(value: Any) -> Any:  # noqa: ANN401  (whatever JSON holds)
    return value["ref"]["label"] or value["ref"]["key"] if isinstance(value, dict) else value
