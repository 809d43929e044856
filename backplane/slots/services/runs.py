"""Carries out power runs: asks one slot after the other for its command, and a person where it stops.

Everything is in rows: a run goes on after a crash at any point, and asks nothing twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from backplane.people import audit
from backplane.people.audit import Act, Actor
from backplane.slots.durable import plain_transaction
from backplane.slots.errors import (
    CommandInFlight,
    CommandNotAccepted,
    LinkNotLive,
    NotPossible,
    OwnSlot,
    RunUnderWay,
)
from backplane.slots.models import UNFINISHED_RUNS, Chassis, PowerRun, RunState, Slot
from backplane.slots.ops import CommandOp
from backplane.slots.own_slot import own_number
from backplane.slots.runs import (
    OWN_NOTE,
    Ask,
    AskPerson,
    Decision,
    Finish,
    Hold,
    RunKind,
    Settle,
    StepState,
    decide,
    own_last,
    summary,
)
from backplane.slots.services.checks import check_fresh, check_link
from backplane.slots.services.firmware import why_update_blocks
from backplane.slots.services.run_facts import facts_of, new_steps
from backplane.slots.services.run_steps import (
    ask_slot,
    current_step,
    saw_of,
    set_step,
    states_of,
    tell,
)


@dataclass(frozen=True, slots=True)
class RunRequest:
    """Who wants which slots up or down, in which order.

    `accepts_own_slot`: they were told what goes down. `seen_revision`: the chassis's version that they
    looked at; None skips the comparison.
    """

    chassis_id: int
    kind: RunKind
    order: Sequence[int]
    actor: Actor
    accepts_own_slot: bool = False
    seen_revision: int | None = None


def start_run(request: RunRequest, now: datetime) -> PowerRun:
    """Begin a start or shutdown of the slots in the order asked, our own slot always last on the way down.

    Asks nothing of a slot yet; `advance_runs` does. Raises LinkNotLive, RunUnderWay, StaleView, OwnSlot,
    NotPossible.
    """
    with plain_transaction():
        chassis = Chassis.objects.select_for_update().get(pk=request.chassis_id)
        order = _checked_order(chassis, request)
        run = PowerRun.objects.create(
            chassis=chassis,
            kind=request.kind,
            order=list(order),
            steps=new_steps(order, own_number(chassis.pk)),
            requested_by_id=request.actor.user_id,
            requester_name=request.actor.name[:150],
            requester_role=request.actor.role[:16],
            created_at=now,
        )
        act = Act(
            f"run.{request.kind}",
            subject=f"{chassis.slug}: slots {', '.join(map(str, order))}",
            chassis=chassis.slug,
            saw=saw_of(request.seen_revision),
            outcome="begun",
            detail={"run": run.pk},
        )
        audit.record(request.actor, act, now)
        tell(run, now)
    return run


def chassis_with_runs() -> list[int]:
    """Return the chassis that `advance_runs` has something to do for, now or later. One query."""
    unfinished = PowerRun.objects.filter(state__in=UNFINISHED_RUNS)
    return list(unfinished.values_list("chassis_id", flat=True))


def advance_runs(chassis_id: int, now: datetime) -> datetime | None:
    """Go on with the chassis's unfinished run as far as possible now; return when to look again at the latest.

    Idempotent. One query when there is none, and no lock while there is nothing to do.
    """
    unfinished = PowerRun.objects.filter(chassis_id=chassis_id, state__in=UNFINISHED_RUNS)
    run = unfinished.select_related("chassis").first()
    while run is not None:
        decision = decide(facts_of(run), now)
        if isinstance(decision, Hold):
            return decision.until
        if not _advance(run.pk, now):
            return None
        run = unfinished.select_related("chassis").first()
    return None


def _checked_order(chassis: Chassis, request: RunRequest) -> tuple[int, ...]:
    check_link(chassis)
    running = PowerRun.objects.filter(chassis=chassis, state__in=UNFINISHED_RUNS).first()
    if running is not None:
        raise RunUnderWay(running.pk, running.kind, running.requester_name)
    if reason := why_update_blocks(chassis.pk, CommandOp.POWER_ON):
        raise NotPossible(reason)
    slots = {slot.number: slot for slot in Slot.objects.filter(chassis=chassis)}
    order = tuple(request.order)
    if not order:
        raise NotPossible("Choose at least one slot.")
    if len(set(order)) < len(order) or not slots.keys() >= set(order):
        raise NotPossible("The order must name slots of this chassis, each of them once.")
    for number in order:
        check_fresh(chassis, slots[number], request.seen_revision)
    own = own_number(chassis.pk)
    if request.kind is RunKind.SHUTDOWN and own in order and not request.accepts_own_slot:
        raise OwnSlot(own or 0, CommandOp.SHUTDOWN)
    return own_last(request.kind, order, own)


def _advance(run_id: int, now: datetime) -> bool:
    """Carry out one decision under the chassis's lock, taken anew there; tell whether anything was done."""
    chassis_id = PowerRun.objects.values_list("chassis_id", flat=True).get(pk=run_id)
    with plain_transaction():
        Chassis.objects.select_for_update().get(pk=chassis_id)
        run = PowerRun.objects.select_related("chassis").get(pk=run_id)
        if not run.is_unfinished:
            return False
        decision = decide(facts_of(run), now)
        if not _carry_out(run, decision, now):
            return False
        tell(run, now)
    return True


def _carry_out(run: PowerRun, decision: Decision, now: datetime) -> bool:
    match decision:
        case Hold():
            return False
        case Settle(state=state, note=note):
            set_step(run, state=state, note=note, until=None)
            run.state = RunState.RUNNING  # what it waited for has come about
        case Ask(op=op):
            return _ask(run, op, now)
        case AskPerson(why=why):
            _stop(run, why)
        case Finish():
            _finish(run, now)
        case _:
            assert_never(decision)
    return True


def _ask(run: PowerRun, op: CommandOp, now: datetime) -> bool:
    actor = Actor(run.requested_by_id, run.requester_name, run.requester_role)
    # Only of the slot that was ours when the run began was anybody told what goes down with it.
    accepts = current_step(run).get("accepts_own_slot", False)
    try:
        command = ask_slot(run, op, actor, now, accepts_own_slot=accepts)
    except (LinkNotLive, CommandInFlight):
        return False
    except CommandNotAccepted as refusal:
        _stop(run, str(refusal))
    else:
        set_step(run, state=StepState.ASKED, command=command.pk, note="")
    return True


def _finish(run: PowerRun, now: datetime) -> None:
    own = next((each for each in run.order if run.steps[str(each)]["note"] == OWN_NOTE), None)
    run.state = RunState.DONE
    run.outcome = summary(RunKind(run.kind), states_of(run), own)[:255]
    run.finished_at = now


def _stop(run: PowerRun, why: str) -> None:
    """Leave it to a person: the slot did not do as asked, or nothing may be asked of it."""
    set_step(run, state=StepState.FAILED, note=why, until=None)
    run.state = RunState.WAITING
