"""Keeps NetBox true while the program runs: change log, full check, outbox, and what the mode lets be written.

One thread calls `tick`; every failure ends in the state's row and a later try, never in an exception.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from backplane.inventory import cursor, mirror_store, outbox, setup, state, sync
from backplane.inventory.collector import collect
from backplane.inventory.mapping import MappingError
from backplane.inventory.mirror import Mirror
from backplane.inventory.models import Mode, OutboxItem, OutboxState, SyncPlan
from backplane.inventory.netbox.client import NetBox
from backplane.inventory.netbox.errors import NetBoxError, NetBoxUnavailable
from backplane.inventory.netbox.snapshot import take_snapshot
from backplane.inventory.plan import make_plan
from backplane.inventory.records import Kind, NbSnapshot, Phase, Plan, PlanRow
from backplane.inventory.refresh import look_up, reread
from backplane.inventory.round import Round
from backplane.inventory.settling import settle
from backplane.inventory.store import Asked
from backplane.inventory.writing.results import Fate

_POLL: Final = timedelta(seconds=60)
_SOON: Final = timedelta(seconds=1)
_ROUNDS: Final = 3  # of reading again, when somebody writes at the same time
_MOST_PASSES: Final = 5  # swaps one after the other before others are looked at
_REMEMBERED: Final = timedelta(minutes=5)  # since the change log was asked; older is no word
_logger = logging.getLogger(__name__)


class Keeper:
    """One for each process that keeps NetBox true; holds what NetBox said last."""

    def __init__(self) -> None:
        self.mirror = Mirror()
        self._refused: dict[
            str, PlanRow
        ] = {}  # since all was read: the same again would fail again
        self._applied: int | None = None  # the plan that was applied last
        self._looked_at: datetime | None = None
        self._passes = 0  # since it was looked

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
        return max((self._looked_at or now) + _POLL, now + _SOON)

    def _failed(
        self, error: NetBoxError | MappingError, items: Sequence[OutboxItem], now: datetime
    ) -> datetime:
        asked_s = error.retry_after_s if isinstance(error, NetBoxUnavailable) else None
        pause = outbox.pause_after(state.state().failures + 1, asked_s)
        _logger.warning("NetBox: %s Next try in %.0f s.", error, pause.total_seconds())
        state.failed(now, str(error), now + pause)
        outbox.put_off(items, f"Waits: {error}", now + pause)
        return now + pause

    def _keep(self, netbox: NetBox, mode: Mode, items: Sequence[OutboxItem], now: datetime) -> None:
        """Write a swap from the little it is about; else look for what others wrote. Raises NetBoxError."""
        interface = setup.current_mapping().names.interface
        if self.mirror.open(mirror_store.mark_of(netbox.url, interface)):
            self._others_applied()  # what was kept is as new as the plan that was applied last
        if self._others_applied():
            self.mirror.drop()
        work = Round(mode, items, now, interface)
        if items and self._may_be_brief(now):
            self._passes += 1
            look_up(netbox, self.mirror, collect(), work.subjects, interface)
            self._bring(netbox, replace(work, is_narrow=True))
            self.mirror.keep()
        else:
            self._look(netbox, work)
            self._looked_at, self._passes = now, 0

    def _may_be_brief(self, now: datetime) -> bool:
        """Say whether the mirror is new enough for a write on its word; after an outage or a restart it may not be."""
        looked_at = state.state().looked_at
        is_new = looked_at is not None and now - looked_at <= _REMEMBERED
        return is_new and self.mirror.snapshot is not None and self._passes < _MOST_PASSES

    def _look(self, netbox: NetBox, work: Round) -> None:
        """Ask what others wrote, read that again or everything, and bring NetBox to the rack."""
        is_due = self.mirror.snapshot is None or self.mirror.is_due(work.now)
        news = cursor.look(netbox, work.now, is_anew=is_due)
        if news.is_all:
            self.mirror.drop()
        elif news.touched and reread(netbox, self.mirror, news.touched, work.interface):
            self.mirror.is_of(work.now)
        is_news = bool(news.touched) or self.mirror.snapshot is None
        self._bring(netbox, replace(work, is_news=is_news))
        with transaction.atomic():
            cursor.keep(news, work.now)
            self.mirror.keep()

    def _bring(self, netbox: NetBox, work: Round) -> None:
        """Plan, store and write what is due. Raises NetBoxError."""
        for _ in range(_ROUNDS):
            plan = self._plan(netbox, work)
            state.count_differences(plan.differences)
            rows = self._rows(netbox, plan, work)
            stored = self._store(plan, work.now) if work.is_news or rows or work.items else None
            if stored is None or not rows:
                self._settle(netbox, work, plan, stored)
                return
            if self._write(netbox, stored, rows, work):
                left = self._plan(netbox, work)
                state.count_differences(left.differences)
                self._settle(netbox, work, left, stored)
                return
        text = "Somebody else writes the same in NetBox; a person decides."
        for item in work.items:
            outbox.settle(item, OutboxState.PLANNED, text, work.now, None)

    def _rows(self, netbox: NetBox, plan: Plan, work: Round) -> list[PlanRow]:
        """Return the rows that are written unasked."""
        if not work.mode.writes or not _can_guard(netbox):
            return []
        rows = work.chosen(plan)
        return [row for row in rows if not self._was_refused(row)]

    def _others_applied(self) -> bool:
        """Say whether a page or a command applied a plan since; the change log calls that ours."""
        applied = SyncPlan.objects.filter(applied_at__isnull=False).order_by("-applied_at", "-pk")
        newest = applied.values_list("pk", flat=True).first()
        is_news, self._applied = newest != self._applied, newest
        return is_news

    def _snapshot(self, netbox: NetBox, work: Round) -> NbSnapshot:
        if self.mirror.snapshot is None:
            self.mirror.take(take_snapshot(netbox, work.interface, work.now))
            self._refused.clear()
        return self.mirror.snapshot  # type: ignore[return-value]  # taken above

    def _plan(self, netbox: NetBox, work: Round) -> Plan:
        snapshot = self._snapshot(netbox, work)
        return make_plan(collect(), snapshot, setup.current_mapping(), sync.options(), work.now)

    def _store(self, plan: Plan, now: datetime) -> SyncPlan:
        return sync.keep_plan(plan, Asked(trigger="timer", by="Backplane"), now)

    def _write(
        self, netbox: NetBox, stored: SyncPlan, rows: Sequence[PlanRow], work: Round
    ) -> bool:
        """Write; False: somebody else wrote meanwhile, so that it is to be planned anew. Raises NetBoxError."""
        self._applied = stored.pk
        keys = {row.key for row in rows}
        applied = sync.apply(netbox, stored, "Backplane", work.now, keys)
        if applied.error is not None:
            self.mirror.drop()  # whether the last write arrived is not known
            raise applied.error
        if not work.is_narrow:  # there a row may wait for one that is not written yet
            bad = {Fate.FAILED, Fate.WAITS}
            self._refused |= {row.key: row for row in rows if applied.results[row.key].fate in bad}
        if any(row.phase == Phase.CHASSIS_CHANGE for row in rows):
            self.mirror.drop()  # NetBox saved its children too
        else:
            self.mirror.update(applied.latest, work.now)
            self._read_others(netbox, rows, applied, work)
        return all(one.fate is not Fate.CHANGED for one in applied.results.values())

    def _read_others(
        self, netbox: NetBox, rows: Sequence[PlanRow], applied: sync.Applied, work: Round
    ) -> None:
        """Read again what somebody else changed or made before us."""
        theirs = {Fate.CHANGED, Fate.ALREADY}
        met = [row for row in rows if row.writes_netbox and applied.results[row.key].fate in theirs]
        touched: dict[Kind, set[int]] = {}
        for row in met:
            object_id = applied.results[row.key].object_id
            if object_id is None:
                self.mirror.drop()
                return
            touched.setdefault(row.kind, set()).add(object_id)
        if touched:
            reread(netbox, self.mirror, touched, work.interface)

    def _was_refused(self, row: PlanRow) -> bool:
        before = self._refused.get(row.key)
        return before is not None and before.changes == row.changes

    def _settle(self, netbox: NetBox, work: Round, plan: Plan, stored: SyncPlan | None) -> None:
        """Say of each item how it stands."""
        if work.items:
            scene = collect(), self._snapshot(netbox, work), setup.current_mapping()
            for item in work.items:
                settle(item, scene, plan, stored)


def _can_guard(netbox: NetBox) -> bool:
    if not netbox.version:
        netbox.status()
    return netbox.takes_guards
