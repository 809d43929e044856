"""Feeds rows to the pure planner and writes down what it says; sending is the bridge's."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from backplane.slots.budget import surroundings_of
from backplane.slots.facts import Cause
from backplane.slots.models import Command
from backplane.slots.ops import UNFINISHED, CommandOp, CommandState
from backplane.slots.planner import (
    Decision,
    Expire,
    OpenCommand,
    Plan,
    Refuse,
    Send,
    Wait,
    plan,
)
from backplane.slots.records import Change
from backplane.slots.services.endings import actor_of, end_command, slot_of, unfinished_commands
from backplane.slots.services.work import Decider, Work, work_on
from backplane.slots.statements import Select
from backplane.slots.states import Happening, decide

_ASKED: Final = Select(
    lambda: Command.objects.filter(chassis_id=0, state__in=UNFINISHED).order_by()[:1]
)


@dataclass(frozen=True, slots=True)
class Due:
    """What the bridge must claim (mark_sent) and send now, and when to plan again at the latest."""

    sends: tuple[Send, ...] = ()
    next_deadline: datetime | None = None


def plan_commands(chassis_id: int, epoch: int, now: datetime) -> Due:
    """Return what is due now.

    Waits, refusals and expiries are already written. Costs one query while nothing is asked.
    Raises StaleGeneration.
    """
    if not _ASKED(chassis_id, *UNFINISHED):
        return Due()
    with work_on(chassis_id, now, epoch=epoch) as work:
        made = _plan(work, may_send=True)
    sends = tuple(decision for decision in made.decisions if isinstance(decision, Send))
    return Due(sends, made.next_deadline)


def expire_commands(chassis_id: int, now: datetime) -> Change | None:
    """Close what nobody could do in time; needs no lease, so that it works while the link is down.

    Costs one query while nothing is asked.
    """
    if not _ASKED(chassis_id, *UNFINISHED):
        return None
    with work_on(chassis_id, now) as work:
        _plan(work, may_send=False)
    return work.change


def _plan(work: Work, *, may_send: bool) -> Plan:
    commands = {command.pk: command for command in unfinished_commands(work)}
    numbers = {slot.pk: slot.number for slot in work.slots.values()}
    opened = [_open_command(command, numbers) for command in commands.values()]
    made = plan(opened, surroundings_of(work.chassis, list(work.slots.values())), work.now)
    for decision in made.decisions:
        if may_send or isinstance(decision, Expire):
            _write(work, commands[decision.command_id], decision)
    return made


def _open_command(command: Command, numbers: dict[int, int]) -> OpenCommand:
    return OpenCommand(
        id=command.pk,
        op=CommandOp(command.op),
        slot=0 if command.slot_id is None else numbers[command.slot_id],
        state=CommandState(command.state),
        created_at=command.created_at,
        expires_at=command.expires_at,
        arguments_on=bool(command.arguments.get("on", True)),
    )


def _write(work: Work, command: Command, decision: Decision) -> None:
    match decision:
        case Refuse(reason=reason):
            end_command(work, command, CommandState.REFUSED, reason)
        case Expire(reason=reason):
            is_sent = command.state != CommandState.OPEN
            ended = CommandState.FAILED if is_sent else CommandState.EXPIRED
            end_command(work, command, ended, reason)
        case Wait():
            _write_wait(work, command, decision)
        case Send():
            pass  # the bridge claims it by mark_sent, in the moment of sending


def _write_wait(work: Work, command: Command, wait: Wait) -> None:
    if command.waiting_for == wait.reason and command.expires_at == wait.expires_at:
        return
    command.waiting_for = wait.reason[:255]
    command.expires_at = wait.expires_at
    command.save(update_fields=["waiting_for", "expires_at"])
    slot = slot_of(work, command)
    if slot is None:
        return
    work.touch(slot.number)
    if command.op == CommandOp.POWER_ON:
        is_turn = wait.until is not None
        happening = Happening.START_ADMITTED if is_turn else Happening.START_HELD_BACK
        work.move(slot, _decider(happening, actor_of(command)), command=command)


def _decider(happening: Happening, actor: Cause) -> Decider:
    return lambda facts: decide(facts, happening, actor)
