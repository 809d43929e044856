"""Reads a power run's rows into the facts that the pure core decides on, and says what a person can choose."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from backplane.slots.handle_policy import is_claimed
from backplane.slots.models import Command, PowerRun, RunState, Slot
from backplane.slots.ops import POWER_OPS, UNFINISHED, CommandState
from backplane.slots.own_slot import own_number
from backplane.slots.runs import (
    Asked,
    Choice,
    RunFacts,
    RunKind,
    StepState,
    Turn,
    choices,
    default_order,
)

_OVER = (StepState.DONE, StepState.SKIPPED)


class Step(TypedDict):
    """One slot's turn as PowerRun.steps keeps it."""

    state: str
    command: int | None
    note: str
    until: str | None  # ISO: a person said to wait that long
    accepts_own_slot: bool  # whoever began the run was told that this program runs here


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as a page shows it: whose turn it is, and what can be said now."""

    run: PowerRun
    steps: tuple[tuple[int, Step], ...]  # in the chosen order
    current: int | None
    choices: tuple[Choice, ...]  # none when the run is over


def new_steps(order: tuple[int, ...], own: int | None) -> dict[str, Step]:
    """Return the steps of a run that has just begun; `own`: the slot that its asker was warned of."""
    return {
        str(number): Step(
            state=StepState.WAITING,
            command=None,
            note="",
            until=None,
            accepts_own_slot=number == own,
        )
        for number in order
    }


def current_number(run: PowerRun) -> int | None:
    """Return the slot whose turn it is, None when all had theirs."""
    return next((each for each in run.order if run.steps[str(each)]["state"] not in _OVER), None)


def facts_of(run: PowerRun) -> RunFacts:
    """Return what the next decision about an unfinished run needs; a handful of queries."""
    number = current_number(run)
    return RunFacts(
        kind=RunKind(run.kind),
        is_waiting=run.state == RunState.WAITING,
        link_is_up=run.chassis.link_is_up,
        link_since=run.chassis.link_changed_at,
        turn=None if number is None else _turn(run, number),
    )


def run_view(run: PowerRun) -> RunView:
    """Return a run for a page."""
    number = current_number(run) if run.is_unfinished else None
    steps = tuple((each, run.steps[str(each)]) for each in run.order)
    return RunView(run, steps, number, _choices(run, number))


def _choices(run: PowerRun, number: int | None) -> tuple[Choice, ...]:
    if not run.is_unfinished:
        return ()
    is_waiting = run.state == RunState.WAITING
    facts = None
    if number is not None:
        facts = Slot.objects.get(chassis_id=run.chassis_id, number=number).facts
    return choices(RunKind(run.kind), is_waiting=is_waiting, facts=facts)


def usual_run_order(chassis_id: int, kind: RunKind) -> tuple[int, ...]:
    """Return the order offered first: every slot that is not seen empty; down with our own slot last."""
    slots = Slot.objects.filter(chassis_id=chassis_id).exclude(state="M0")
    numbers = slots.values_list("number", flat=True)
    return default_order(kind, numbers, own_number(chassis_id))


def _turn(run: PowerRun, number: int) -> Turn:
    step: Step = run.steps[str(number)]
    slot = Slot.objects.get(chassis_id=run.chassis_id, number=number)
    running = Command.objects.filter(slot=slot, state__in=UNFINISHED, op__in=POWER_OPS)
    return Turn(
        number=number,
        state=StepState(step["state"]),
        facts=slot.facts,
        since=slot.since,
        asked=_asked(step),
        is_asked_by_others=running.exclude(pk=step["command"] or 0).exists(),
        is_own=own_number(run.chassis_id) == number,
        is_claimed=is_claimed(slot.pk),
        wait_until=_until(step),
    )


def _asked(step: Step) -> Asked | None:
    command = Command.objects.filter(pk=step["command"] or 0).first()
    if command is None:
        return None
    return Asked(
        CommandState(command.state), command.outcome, command.expires_at, command.finished_at
    )


def _until(step: Mapping[str, object]) -> datetime | None:
    until = step["until"]
    return datetime.fromisoformat(until) if isinstance(until, str) else None
