"""Keeps NetBox true while the program runs: change log, full check, outbox, and what the mode lets be written.

One thread calls `tick`; every failure ends in the state's row and a later try, never in an exception.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from backplane.inventory import outbox, setup, state, sync
from backplane.inventory.collector import collect
from backplane.inventory.cursor import has_news
from backplane.inventory.mapping import MappingError
from backplane.inventory.mirror import Mirror
from backplane.inventory.models import Mode, OutboxItem, OutboxState, SyncPlan
from backplane.inventory.netbox.client import NetBox
from backplane.inventory.netbox.errors import NetBoxError, NetBoxUnavailable
from backplane.inventory.netbox.snapshot import read_by_key, take_snapshot
from backplane.inventory.plan import make_plan
from backplane.inventory.records import Action, Kind, NbSnapshot, Phase, Plan, PlanRow
from backplane.inventory.records.plan import SAFE_GROUPS
from backplane.inventory.settling import settle
from backplane.inventory.store import Asked
from backplane.inventory.writing.results import Fate

_POLL: Final = timedelta(seconds=60)
_ROUNDS: Final = 3  # of reading again, when somebody writes at the same time
_logger = logging.getLogger(__name__)


class Keeper:
    """One for each process that keeps NetBox true; holds what NetBox said last."""

    def __init__(self) -> None:
        self.mirror = Mirror()
        self._refused: dict[
            str, PlanRow
        ] = {}  # since all was read: the same again would fail again
        self._applied: int | None = None  # the plan that was applied last

    def tick(self, now: datetime) -> datetime:
        """Do what is due; return when to be called again at the latest."""
        mode = state.mode()
        row = state.state()
        if mode is Mode.OFF:
            return now + _POLL
        if row.retry_at is not None and row.retry_at > now:
            return row.retry_at
        items = outbox.due(now)
        try:
            with state.turn(now), sync.netbox_of_settings() as netbox:
                self._keep(netbox, mode, items, now)
                state.worked(netbox.version)
        except state.BusyError:
            return now + timedelta(seconds=2)
        except (NetBoxError, MappingError) as error:
            return self._failed(error, items, now)
        return now + _POLL

    def _failed(
        self, error: NetBoxError | MappingError, items: Sequence[OutboxItem], now: datetime
    ) -> datetime:
        asked_s = error.retry_after_s if isinstance(error, NetBoxUnavailable) else None
        pause = outbox.pause_after(state.state().failures + 1, asked_s)
        _logger.warning("NetBox: %s Next try in %.0f s.", error, pause.total_seconds())
        self.mirror.drop()
        state.failed(now, str(error), now + pause)
        outbox.put_off(items, f"Waits: {error}", now + pause)
        return now + pause

    def _keep(self, netbox: NetBox, mode: Mode, items: Sequence[OutboxItem], now: datetime) -> None:
        """Look for news; read, plan and write what is due. Raises NetBoxError."""
        is_old = self._others_wrote() or self.mirror.is_due(now)
        if has_news(netbox, now) or is_old:
            self.mirror.drop()
        is_full = self.mirror.snapshot is None
        for _ in range(_ROUNDS):
            snapshot = self._snapshot(netbox, now)
            plan = self._plan(netbox, snapshot, items, now)
            may_write = mode in {Mode.SAFE, Mode.ALL} and _can_guard(netbox)
            chosen = (row for row in plan.writes if may_write and _is_chosen(row, mode, items))
            rows = [row for row in chosen if not self._was_refused(row)]
            state.count_differences(plan.differences)
            stored = self._store(plan, now) if is_full or rows or items else None
            if stored is None or not rows:
                self._settle(netbox, items, plan, stored)
                return
            if self._write(netbox, stored, rows, now):
                left = self._plan(netbox, self._snapshot(netbox, now), (), now)
                state.count_differences(left.differences)
                self._settle(netbox, items, left, stored)
                return
        text = "Somebody else writes the same in NetBox; a person decides."
        for item in items:
            outbox.settle(item, OutboxState.PLANNED, text, now, None)

    def _others_wrote(self) -> bool:
        """Say whether a page or a command applied a plan since; the change log calls that ours."""
        applied = SyncPlan.objects.filter(applied_at__isnull=False).order_by("-applied_at", "-pk")
        newest = applied.values_list("pk", flat=True).first()
        is_news, self._applied = newest != self._applied, newest
        return is_news

    def _snapshot(self, netbox: NetBox, now: datetime) -> NbSnapshot:
        if self.mirror.snapshot is None:
            interface = setup.current_mapping().names.interface
            self.mirror.take(take_snapshot(netbox, interface, now))
            self._refused.clear()
        return self.mirror.snapshot  # type: ignore[return-value]  # taken above

    def _plan(
        self, netbox: NetBox, snapshot: NbSnapshot, items: Sequence[OutboxItem], now: datetime
    ) -> Plan:
        """Plan; who would be made is looked for once more, lest a spare that NetBox has becomes two."""
        seen, mapping, options = collect(), setup.current_mapping(), sync.options()
        plan = make_plan(seen, snapshot, mapping, options, now)
        subjects = {uid for item in items for uid in item.subjects}
        serials = [serial for row in plan.writes for serial in _new_serials(row, subjects)]
        found = read_by_key(netbox, Kind.DEVICE, "serial", serials) if serials else []
        if not found:
            return plan
        self.mirror.drop()
        return make_plan(seen, self._snapshot(netbox, now), mapping, options, now)

    def _store(self, plan: Plan, now: datetime) -> SyncPlan:
        return sync.keep_plan(plan, Asked(trigger="timer", by="Backplane"), now)

    def _write(
        self, netbox: NetBox, stored: SyncPlan, rows: Sequence[PlanRow], now: datetime
    ) -> bool:
        """Write; False: somebody else wrote meanwhile, so that all is to be read again. Raises NetBoxError."""
        self._applied = stored.pk
        applied = sync.apply(netbox, stored, "Backplane", now, {row.key for row in rows})
        if applied.error is not None:
            raise applied.error
        bad = {Fate.FAILED, Fate.WAITS}
        results = applied.results
        self._refused |= {row.key: row for row in rows if results[row.key].fate in bad}
        fates = {result.fate for result in applied.results.values()}
        saves_chassis = any(row.phase == Phase.CHASSIS_CHANGE for row in rows)
        if fates & {Fate.CHANGED, Fate.ALREADY} or saves_chassis:
            self.mirror.drop()
        else:
            self.mirror.update(applied.latest, now)
        return Fate.CHANGED not in fates

    def _was_refused(self, row: PlanRow) -> bool:
        before = self._refused.get(row.key)
        return before is not None and before.changes == row.changes

    def _settle(
        self, netbox: NetBox, items: Sequence[OutboxItem], plan: Plan, stored: SyncPlan | None
    ) -> None:
        """Say of each item how it stands."""
        now = plan.made_at
        if items:
            scene = collect(), self._snapshot(netbox, now), setup.current_mapping()
            for item in items:
                settle(item, scene, plan, stored)


def _is_chosen(row: PlanRow, mode: Mode, items: Sequence[OutboxItem]) -> bool:
    """Say whether a mode writes a row unasked: swaps and what comes home, or everything."""
    if mode is Mode.ALL or row.group in SAFE_GROUPS:
        return True
    return any(row.subject in item.subjects for item in items if row.subject)


def _new_serials(row: PlanRow, subjects: set[str]) -> list[str]:
    is_new = row.kind is Kind.DEVICE and row.action is Action.CREATE and row.subject in subjects
    return [str(one.after) for one in row.changes if is_new and one.field == "serial" and one.after]


def _can_guard(netbox: NetBox) -> bool:
    if not netbox.version:
        netbox.status()
    return netbox.takes_guards
