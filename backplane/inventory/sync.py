"""Makes plans, applies them, undoes them: collect, read, plan, store; then write, each row with its result.

Everything here talks to NetBox: call it from a thread of its own or a command, never from a web request and
never inside a transaction.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection

from backplane.inventory import mirror_store, setup, state
from backplane.inventory.at_home import AtHome
from backplane.inventory.collector import collect
from backplane.inventory.models import PlanState, SyncPlan, SyncState
from backplane.inventory.netbox.access import access
from backplane.inventory.netbox.client import Json, NetBox
from backplane.inventory.netbox.errors import NetBoxError
from backplane.inventory.netbox.snapshot import take_snapshot
from backplane.inventory.plan import make_plan, requests_of
from backplane.inventory.plan.undo import DoneRow, way_back
from backplane.inventory.records import Kind, NbSnapshot, Plan, PlanOptions
from backplane.inventory.store import Asked, keep_requests, keep_result, rows_of, store_plan
from backplane.inventory.writing.executor import Executor
from backplane.inventory.writing.results import Fate, RowResult


class PlanOverError(Exception):
    """The plan cannot be applied any more; str() says why."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of an application. `error`: why NetBox's part of it stopped half-way; None: it did not."""

    plan: SyncPlan
    results: dict[str, RowResult]
    error: NetBoxError | None
    latest: dict[tuple[Kind, int], Json]  # what NetBox showed of what was written

    @property
    def is_good(self) -> bool:
        return self.error is None and all(one.fate.is_good for one in self.results.values())


@contextmanager
def netbox_of_settings() -> Iterator[NetBox]:
    """Open this installation's NetBox; each request keeps our turn, where we have it. Raises NetBoxNotSet."""
    netbox = NetBox(access(), state.renew)
    try:
        yield netbox
    finally:
        netbox.close()


def options() -> PlanOptions:
    return PlanOptions(allows_simulated=settings.NETBOX_ALLOW_SIMULATED)


def make(netbox: NetBox, asked: Asked, now: datetime) -> tuple[SyncPlan, Plan]:
    """Read everything (fourteen lists), plan, and store the plan. Raises NetBoxError, MappingError."""
    _be_outside_transactions()
    mapping = setup.current_mapping()
    snapshot = take_snapshot(netbox, mapping.names.interface, now)
    state.set_state(version=netbox.version)
    return make_from(snapshot, asked, now)


def make_from(snapshot: NbSnapshot, asked: Asked, now: datetime) -> tuple[SyncPlan, Plan]:
    """Plan on what was read, and store the plan."""
    seen = collect([asked.scope]) if asked.scope else collect()
    plan = make_plan(seen, snapshot, setup.current_mapping(), options(), now)
    return keep_plan(plan, asked, now), plan


def keep_plan(plan: Plan, asked: Asked, now: datetime) -> SyncPlan:
    """Store a plan; one of everything is what the badge counts."""
    stored = store_plan(plan, asked)
    if not asked.scope:
        SyncState.objects.filter(pk=state.state().pk).update(
            differences=plan.differences, checked_at=now
        )
    return stored


def apply(
    netbox: NetBox, plan: SyncPlan, by: str, now: datetime, keys: Collection[str] | None = None
) -> Applied:
    """Write a stored plan's rows, or those of `keys`. Raises PlanOverError.

    Each guard is checked again by NetBox; what somebody changed falls out and is told, the rest is written.
    """
    _be_outside_transactions()
    claimed = SyncPlan.objects.filter(pk=plan.pk, state=PlanState.OPEN, expires_at__gt=now)
    if not claimed.update(state=PlanState.APPLYING, applied_by=by, applied_at=now):
        raise PlanOverError(_why_over(plan))
    before = netbox.tally.requests, len(netbox.tally.request_ids)
    executor = Executor(netbox, AtHome(), lambda result: keep_result(plan.pk, result, now))
    mirror_store.spoil()
    try:
        results = executor.run(rows_of(plan, keys))
    finally:
        keep_requests(netbox.tally.request_ids[before[1] :], now)
        _close(plan, executor, netbox.tally.requests - before[0])
    plan.refresh_from_db()
    return Applied(plan, results, executor.error, executor.ids.latest)


def undo(plan: SyncPlan, asked: Asked, now: datetime) -> SyncPlan:
    """Store the plan that puts back what stood in the fields this one changed; what it made stays.

    It writes only what is still as this plan left it.
    """
    done = plan.rows.filter(result=Fate.DONE)
    again = way_back(DoneRow(one.row, one.stamp) for one in done)
    lifetime = options().lifetime
    requests = requests_of(again)
    stored = store_plan(Plan(again, now, now, now + lifetime, requests), asked)
    stored.undoes = plan
    stored.save(update_fields=["undoes"])
    return stored


def _close(plan: SyncPlan, executor: Executor, requests: int) -> None:
    is_whole = all(one.fate.is_good for one in executor.results.values())
    done = executor.error is None and is_whole
    SyncPlan.objects.filter(pk=plan.pk).update(
        state=PlanState.APPLIED if done else PlanState.PARTLY,
        requests_made=requests,
        error=str(executor.error or ""),
    )


def _why_over(plan: SyncPlan) -> str:
    plan.refresh_from_db()
    match plan.state:
        case PlanState.OPEN:
            return "This plan is too old. Make a new one."
        case PlanState.REPLACED:
            return "There is a newer plan. Apply that one."
        case _:
            return "This plan was applied before. Make a new one."


def _be_outside_transactions() -> None:
    """A request may take seconds; no row may be locked for that long."""
    if connection.in_atomic_block:
        message = "NetBox must not be asked inside a database transaction."
        raise RuntimeError(message)
