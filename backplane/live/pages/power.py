"""The power page of a chassis: budget, supplies, what waits and why, restore policy, runs. Looks; asks nothing."""

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backplane.live.pages.budget_bars import Bar, bars_of
from backplane.live.pages.subject import Subject, rights_of, subject_of
from backplane.live.rendering import SlotView
from backplane.live.rows import restore_words
from backplane.slots.boards import Supply
from backplane.slots.budget import budget_of
from backplane.slots.config import ConfigKey, RestorePolicy
from backplane.slots.models import UNFINISHED_RUNS, Command, PowerRun, Slot
from backplane.slots.ops import UNFINISHED, CommandOp
from backplane.slots.runs import Choice
from backplane.slots.services import RunView, run_view
from backplane.slots.waiting import watts

_RUNS_SHOWN: Final = 3
CHOICE_WORDS: Final = {
    Choice.WAIT: "Wait longer",
    Choice.AGAIN: "Ask again",
    Choice.CUT: "Cut its power",
    Choice.SKIP: "Leave it out",
    Choice.CANCEL: "Cancel the run",
}
POLICY_WORDS: Final = [(policy.value, restore_words(policy)) for policy in RestorePolicy]


@dataclass(frozen=True, slots=True)
class SupplyRow:
    supply: Supply
    rating: str
    feeds: str
    is_lost: bool


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """What the board does with a slot after a loss of chassis power. `asked` "": nothing is on its way."""

    bay: SlotView
    policy: int | None
    seen: str
    asked: str


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run with its slots' names; `choices` are (value, words) pairs."""

    view: RunView
    steps: list[dict[str, object]]
    choices: list[tuple[str, str]]
    done: int


@require_safe
@never_cache
def power(request: HttpRequest, slug: str) -> HttpResponse:
    """The whole page."""
    return render(request, "live/power.html", power_context(request, subject_of(slug)))


@require_safe
@never_cache
def power_part(request: HttpRequest, slug: str) -> HttpResponse:
    """What changes by itself: the page fetches it anew whenever the chassis changes."""
    return render(request, "live/_power_live.html", power_context(request, subject_of(slug)))


@require_safe
@never_cache
def budget_part(request: HttpRequest, slug: str) -> HttpResponse:
    """The budget alone, for the chassis page."""
    subject = subject_of(slug)
    context = {"chassis": subject.view, "bars": bars_for(subject)}
    return render(request, "live/_budget.html", context)


def power_context(request: HttpRequest, subject: Subject) -> dict[str, object]:
    """Return what the power page shows."""
    row = subject.row
    return {
        "chassis": subject.view,
        "row": row,
        "may": rights_of(request.user, row),
        "bars": bars_for(subject),
        "supplies": _supplies(subject),
        "supplies_known": row.supplies_known and row.link_is_up,
        "redundancy": row.profile.redundancy,
        "policies": _policies(subject),
        "policy_words": POLICY_WORDS,
        "runs": _runs(subject),
        "is_running": PowerRun.objects.filter(chassis=row, state__in=UNFINISHED_RUNS).exists(),
        "budget": watts(row.power_budget_mw),
        "board_budget": watts(row.profile.limits.budget_mw),
        "ceiling": "" if row.ceiling_mw is None else watts(row.ceiling_mw),
    }


def bars_for(subject: Subject) -> list[Bar]:
    """Return the budget bars of a chassis."""
    return bars_of(budget_of(subject.row))


def _supplies(subject: Subject) -> list[SupplyRow]:
    lost = set(subject.row.lost_supplies)
    return [
        SupplyRow(
            supply,
            watts(supply.rating_mw),
            ", ".join(map(str, supply.feeds)) or "all",
            supply.number in lost,
        )
        for supply in subject.row.profile.supplies
    ]


def _policies(subject: Subject) -> list[PolicyRow]:
    rows = dict(Slot.objects.filter(chassis=subject.row).values_list("number", "restore_policy"))
    asked = Command.objects.filter(
        chassis=subject.row, op=CommandOp.SET_CONFIG, state__in=UNFINISHED, slot__isnull=False
    ).values_list("slot__number", "arguments")
    wanted = {
        number: restore_words(arguments.get("value"))
        for number, arguments in asked
        if arguments.get("key") == ConfigKey.RESTORE_POLICY
    }
    return [
        PolicyRow(bay, rows[bay["n"]], restore_words(rows[bay["n"]]), wanted.get(bay["n"], ""))
        for bay in subject.view["slots"]
    ]


def _runs(subject: Subject) -> list[RunRow]:
    rows = PowerRun.objects.filter(chassis=subject.row).order_by("-pk")[:_RUNS_SHOWN]
    names = {bay["n"]: bay["name"] for bay in subject.view["slots"]}
    return [_run(run_view(run), names) for run in rows]


def _run(view: RunView, names: dict[int, str]) -> RunRow:
    steps: list[dict[str, object]] = [
        {"n": number, "name": names.get(number, ""), "is_now": number == view.current, **step}
        for number, step in view.steps
    ]
    choices = [(choice.value, CHOICE_WORDS[choice]) for choice in view.choices]
    done = sum(step["state"] in {"done", "skipped"} for _, step in view.steps)
    return RunRow(view, steps, choices, done)
