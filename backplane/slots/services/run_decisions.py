"""Takes what a person says of a power run: wait, again, cut, leave out, or end it all."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from backplane.people import audit
from backplane.people.audit import Act, Actor
from backplane.slots.durable import plain_transaction
from backplane.slots.errors import NotPossible, RunMovedOn
from backplane.slots.models import Chassis, Command, PowerRun, RunState, Slot
from backplane.slots.ops import CommandOp
from backplane.slots.runs import WAIT_GRANTED, Choice, RunKind, StepState, summary
from backplane.slots.services.checks import check_fresh
from backplane.slots.services.commands import cancel_command
from backplane.slots.services.run_facts import current_number, run_view
from backplane.slots.services.run_steps import (
    ask_slot,
    current_step,
    saw_of,
    set_step,
    states_of,
    tell,
)

_CHOSEN_WORDS = {
    Choice.WAIT: "said to wait",
    Choice.AGAIN: "asked once more",
    Choice.CUT: "cut the power",
    Choice.SKIP: "left it out",
}


@dataclass(frozen=True, slots=True)
class RunDecision:
    """What somebody says of a run; `slot_number` is the slot they were shown as the one it waits for.

    `seen_revision`: the chassis's version that they looked at; None skips the comparison.
    """

    run_id: int
    choice: Choice
    actor: Actor
    slot_number: int | None = None
    accepts_own_slot: bool = False
    seen_revision: int | None = None


def decide_run(decision: RunDecision, now: datetime) -> PowerRun:
    """Take what a person says of a run that waits for them; CANCEL is possible at any time before its end.

    Raises RunMovedOn when the run waits no more, or otherwise than they were shown; StaleView when its slot
    has changed since; NotPossible, OwnSlot, and for CUT all that request_command raises.
    """
    chassis_id = PowerRun.objects.values_list("chassis_id", flat=True).get(pk=decision.run_id)
    with plain_transaction():
        Chassis.objects.select_for_update().get(pk=chassis_id)
        run = PowerRun.objects.select_related("chassis").get(pk=decision.run_id)
        _check_decision(run, decision)
        if decision.choice is Choice.CANCEL:
            _cancel(run, decision.actor, now)
        else:
            _follow(run, decision, now)
        act = Act(
            "run.decide",
            subject=f"{run.chassis.slug} run {run.pk}",
            chassis=run.chassis.slug,
            slot=decision.slot_number,
            saw=saw_of(decision.seen_revision),
            outcome=decision.choice.value,
            detail={"run": run.pk},
        )
        audit.record(decision.actor, act, now)
        tell(run, now)
    return run


def _check_decision(run: PowerRun, decision: RunDecision) -> None:
    number = current_number(run)
    if not run.is_unfinished:
        raise RunMovedOn(None)
    if decision.choice is Choice.CANCEL:
        return  # it asks for nothing more, so whoever wants it stopped need not have seen the latest
    is_as_shown = run.state == RunState.WAITING and decision.slot_number == number
    if not is_as_shown or number is None or not _has_seen(run, decision):
        raise RunMovedOn(number)
    slot = Slot.objects.get(chassis_id=run.chassis_id, number=number)
    check_fresh(run.chassis, slot, decision.seen_revision)
    if decision.choice not in run_view(run).choices:
        raise NotPossible(f"Slot {number} has no power that could be cut.")


def _has_seen(run: PowerRun, decision: RunDecision) -> bool:
    """Whether they looked at the run as it is: it may have gone on and be back at the same slot."""
    return decision.seen_revision is None or run.revision <= decision.seen_revision


def _follow(run: PowerRun, decision: RunDecision, now: datetime) -> None:
    note = f"{decision.actor.name} {_CHOSEN_WORDS[decision.choice]}."
    match decision.choice:
        case Choice.WAIT:
            state = StepState.WAITING if current_step(run)["command"] is None else StepState.ASKED
            set_step(run, state=state, note=note, until=(now + WAIT_GRANTED).isoformat())
        case Choice.AGAIN:
            set_step(run, state=StepState.WAITING, command=None, note=note, until=None)
        case Choice.CUT:
            accepts = decision.accepts_own_slot
            op = CommandOp.POWER_OFF
            command = ask_slot(run, op, decision.actor, now, accepts_own_slot=accepts)
            set_step(run, state=StepState.ASKED, command=command.pk, note=note, until=None)
        case Choice.SKIP:
            set_step(run, state=StepState.SKIPPED, note=note, until=None)
        case Choice.CANCEL:
            pass  # ends the whole run; see _cancel
        case _:
            assert_never(decision.choice)
    run.state = RunState.RUNNING


def _cancel(run: PowerRun, actor: Actor, now: datetime) -> None:
    number = current_number(run)
    command_id = None if number is None else current_step(run)["command"]
    if command_id is not None and Command.objects.filter(pk=command_id).exists():
        cancel_command(command_id, actor.name, now)  # one that was sent goes its way
    run.state = RunState.CANCELLED
    run.outcome = f"Cancelled by {actor.name}. {summary(RunKind(run.kind), states_of(run))}"[:255]
    run.finished_at = now
