"""A stored plan as its page shows it: rows grouped by what they do, each with sign, word, from, to, why and how old. Reads only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from backplane.inventory.fields import SAID_ONCE
from backplane.inventory.models import PlanState, StoredRow, SyncPlan
from backplane.inventory.plan.render import SIGNS, age_text, value_text
from backplane.inventory.records import Action, Group, Owner, PlanRow
from backplane.inventory.writing.results import Fate

_WORDS: Final = {
    Action.CONFLICT: "Conflict",
    Action.CREATE: "Add",
    Action.CHANGE: "Change",
    Action.CLEAR: "Clear",
    Action.NONE: "Leave",
}
_OWNERS: Final = {
    Owner.OURS: "ours",
    Owner.NETBOX: "NetBox's",
    Owner.FIRST: "ours until NetBox has one",
}
_LONGEST_APPLYING: Final = timedelta(minutes=30)  # whoever applied it for longer has died
_RESULTS: Final = {
    Fate.DONE: "= Done",
    Fate.ALREADY: "= Was so already",
    Fate.CHANGED: "! Fell out: changed since",
    Fate.FAILED: "! Failed",
    Fate.WAITS: "! Waits for another row",
    Fate.LEFT: "! Not tried",
}
_STATES: Final = {
    PlanState.OPEN: "Open",
    PlanState.APPLYING: "Being applied",
    PlanState.APPLIED: "Applied",
    PlanState.PARTLY: "Applied in part",
    PlanState.REPLACED: "Replaced by a newer one",
}


@dataclass(frozen=True, slots=True)
class ChangeView:
    field: str
    before: str
    after: str
    rule: str


@dataclass(frozen=True, slots=True)
class RowView:
    """`result`: "" while it was not tried. `may_pick`: it can be applied by itself."""

    key: str
    action: str
    sign: str
    word: str
    label: str
    changes: tuple[ChangeView, ...]
    why: str
    evidence: str
    age: str
    needs: tuple[str, ...]
    result: str
    result_words: str
    result_text: str
    stood_before: tuple[tuple[str, str], ...]
    is_here: bool
    is_needed_first: bool

    @property
    def may_pick(self) -> bool:
        return self.action not in {Action.CONFLICT, Action.NONE} and not self.result


@dataclass(frozen=True, slots=True)
class GroupView:
    action: str
    sign: str
    word: str
    rows: tuple[RowView, ...]

    @property
    def needed(self) -> tuple[RowView, ...]:
        """What NetBox needs once before anything can be kept there: types, roles, places, our marks."""
        return tuple(row for row in self.rows if row.is_needed_first)

    @property
    def others(self) -> tuple[RowView, ...]:
        return tuple(row for row in self.rows if not row.is_needed_first)


@dataclass(frozen=True, slots=True)
class PlanView:
    plan: SyncPlan
    state: str
    is_open: bool
    is_expired: bool
    groups: tuple[GroupView, ...]

    @property
    def writes(self) -> int:
        """Number of changes that applying everything makes."""
        return sum(row.may_pick for group in self.groups for row in group.rows)

    @property
    def is_empty(self) -> bool:
        return not any(group.rows for group in self.groups)


def state_words(plan: SyncPlan, now: datetime) -> str:
    """Return how a plan stands, in words; an open one that is too old says so."""
    if plan.state == PlanState.OPEN and not plan.is_open(now):
        return "Expired"
    if plan.state == PlanState.APPLYING and plan.expires_at < now - _LONGEST_APPLYING:
        return "Broke off"
    return _STATES[PlanState(plan.state)]


def plan_view(plan: SyncPlan, now: datetime) -> PlanView:
    """Return what the page of a plan shows."""
    stored = sorted(plan.rows.all(), key=lambda one: (one.row.phase, one.label))
    labels = {one.key: one.label for one in stored}
    rows = [_row(one, labels, plan.made_at) for one in stored]
    return PlanView(
        plan,
        state_words(plan, now),
        plan.is_open(now),
        plan.state == PlanState.OPEN and not plan.is_open(now),
        tuple(
            GroupView(action, SIGNS[action], word, found)
            for action, word in _WORDS.items()
            if (found := tuple(row for row in rows if row.action == action))
        ),
    )


def _row(stored: StoredRow, labels: dict[str, str], made_at: datetime) -> RowView:
    row = stored.row
    return RowView(
        key=stored.key,
        action=row.action,
        sign=SIGNS[row.action],
        word=_WORDS[row.action],
        label=stored.label,
        changes=tuple(_changes(row)),
        why=row.why,
        evidence=row.evidence,
        age=age_text(row.evidence_at, made_at) if row.evidence_at else "",
        needs=tuple(labels.get(key, key) for key in row.depends_on),
        result=stored.result,
        result_words=_RESULTS[Fate(stored.result)] if stored.result else "",
        result_text=stored.result_text,
        stood_before=tuple((name, _plain(value)) for name, value in stored.stood_before.items()),
        is_here=row.writes_here,
        is_needed_first=row.group is Group.BOOTSTRAP and row.action is Action.CREATE,
    )


def _changes(row: PlanRow) -> list[ChangeView]:
    is_new = row.action is Action.CREATE
    return [
        ChangeView(
            change.field,
            "" if is_new else value_text(change.before),
            value_text(change.after),
            "" if change.rule == SAID_ONCE else f"{_OWNERS[change.owner]}: {change.rule}",
        )
        for change in row.changes
    ]


def _plain(value: object) -> str:
    return "nothing" if value in (None, "") else str(value)
