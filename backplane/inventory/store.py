"""Stores plans, their rows and each row's result as it comes; finds them again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from backplane.inventory.codec import pack
from backplane.inventory.models import OwnRequest, PlanState, StoredRow, SyncPlan
from backplane.inventory.records import Plan, PlanRow
from backplane.inventory.writing.results import Fate, RowResult

_KEPT_PLANS: Final = 200  # unapplied ones; what was applied is kept for good
_OWN_FOR: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Asked:
    """Why a plan is made: for what, by what, by whom."""

    scope: str = ""
    trigger: str = "person"
    by: str = ""


def store_plan(plan: Plan, asked: Asked) -> SyncPlan:
    """Keep a plan; open ones of the same scope are replaced."""
    with transaction.atomic():
        open_ones = SyncPlan.objects.filter(state=PlanState.OPEN, scope=asked.scope)
        open_ones.update(state=PlanState.REPLACED)
        stored = SyncPlan.objects.create(
            made_at=plan.made_at,
            snapshot_at=plan.snapshot_at,
            expires_at=plan.expires_at,
            scope=asked.scope,
            trigger=asked.trigger,
            made_by=asked.by,
            differences=plan.differences,
            conflicts=len(plan.conflicts),
            requests=plan.requests,
        )
        rows = (_stored(stored, at, row) for at, row in enumerate(plan.rows))
        StoredRow.objects.bulk_create(rows, batch_size=200)
    _prune()
    return stored


def rows_of(plan: SyncPlan, keys: Collection[str] | None = None) -> list[PlanRow]:
    """Return the rows of a plan in order, of those keys if given."""
    rows = plan.rows.all() if keys is None else plan.rows.filter(key__in=list(keys))
    return [one.row for one in rows]


def keep_result(plan_id: int, result: RowResult, now: datetime) -> None:
    """Write down what became of a row."""
    StoredRow.objects.filter(plan_id=plan_id, key=result.key).update(
        result=result.fate,
        result_text=result.text,
        object_id=result.object_id,
        stood_before=result.before,
        stamp=result.stamp,
        done_at=now if result.fate is Fate.DONE else None,
    )


def keep_requests(ids: Sequence[str], now: datetime) -> None:
    """Remember which requests were ours; the change log tells of them."""
    rows = (OwnRequest(request_id=one, made_at=now) for one in ids)
    OwnRequest.objects.bulk_create(rows, ignore_conflicts=True)
    OwnRequest.objects.filter(made_at__lt=now - _OWN_FOR).delete()


def are_ours(ids: Collection[str]) -> set[str]:
    """Return those request ids that were ours."""
    found = OwnRequest.objects.filter(request_id__in=list(ids))
    return set(found.values_list("request_id", flat=True))


def netboxs_plans() -> dict[str, int]:
    """Return the id of the module that NetBox planned last, by the key of the slot's row."""
    rows = StoredRow.objects.filter(key__startswith="slot:", result=Fate.DONE)
    found = dict(rows.order_by("pk").values_list("key", "object_id"))
    return {key: module_id for key, module_id in found.items() if module_id is not None}


def _stored(plan: SyncPlan, at: int, row: PlanRow) -> StoredRow:
    return StoredRow(
        plan=plan,
        position=at,
        key=row.key,
        action=row.action,
        group=row.group,
        label=row.label[:300],
        subject=row.subject,
        data=pack(row),
    )


def _prune() -> None:
    old = SyncPlan.objects.filter(state=PlanState.REPLACED).values_list("pk", flat=True)
    SyncPlan.objects.filter(pk__in=list(old[_KEPT_PLANS:])).delete()
