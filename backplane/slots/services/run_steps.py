"""Writes the rows of a power run: one slot's step, the command asked for it, and the word to all pages."""

from datetime import datetime

from backplane.people import audit
from backplane.people.audit import Act, Actor
from backplane.slots.models import Command, PowerRun
from backplane.slots.ops import CommandOp
from backplane.slots.records import CommandRequest
from backplane.slots.runs import StepState
from backplane.slots.services.commands import request_command
from backplane.slots.services.run_facts import Step, current_number
from backplane.slots.services.work import work_on


def ask_slot(
    run: PowerRun, op: CommandOp, actor: Actor, now: datetime, *, accepts_own_slot: bool
) -> Command:
    """Ask the slot whose turn it is, with an audit entry. Raises what request_command raises."""
    number = current_number(run) or 0
    asked = CommandRequest(
        run.chassis_id,
        number,
        op,
        user_id=actor.user_id,
        requester_name=actor.name,
        accepts_own_slot=accepts_own_slot,
    )
    command = request_command(asked, now)
    act = Act(
        f"command.{op}",
        subject=f"{run.chassis.slug} slot {number}",
        chassis=run.chassis.slug,
        slot=number,
        reason=f"{run.get_kind_display()} of the chassis",
        command_id=command.pk,
        detail={"run": run.pk},
    )
    audit.record(actor, act, now)
    return command


def current_step(run: PowerRun) -> Step:
    """Return the step of the slot whose turn it is."""
    step: Step = run.steps[str(current_number(run))]
    return step


def set_step(run: PowerRun, **values: str | int | None) -> None:
    """Change the step of the slot whose turn it is, in memory; `tell` writes it."""
    number = str(current_number(run))
    run.steps = run.steps | {number: run.steps[number] | values}


def states_of(run: PowerRun) -> list[StepState]:
    """Return the state of every step, in the chosen order."""
    return [StepState(run.steps[str(each)]["state"]) for each in run.order]


def tell(run: PowerRun, now: datetime) -> None:
    """Write the run and raise the chassis's revision, so that every page looks again."""
    with work_on(run.chassis_id, now) as work:
        run.revision = work.revision
        run.save(update_fields=["state", "steps", "outcome", "finished_at", "revision"])
        work.touch()


def saw_of(seen_revision: int | None) -> str:
    """Return what the trail says of the version that somebody looked at."""
    return "" if seen_revision is None else f"rev {seen_revision}"
