"""The life of a Command: asked, sent, answered, ended. Roles are the views' business."""

import secrets
from datetime import datetime, timedelta

from backplane.slots.models import Chassis, Command, Slot
from backplane.slots.ops import (
    COMMAND_EXPIRY_S,
    RESULT_GRACE_S,
    SKIP_EVENT_CHECK,
    TAKEN_BACK,
    UNFINISHED,
    CommandOp,
    CommandState,
    Origin,
    accepted_limit_s,
)
from backplane.slots.records import Change, CommandRequest
from backplane.slots.services.checks import (
    NOBODY,
    asked_slot,
    check_link,
    check_request,
    check_site,
)
from backplane.slots.services.endings import actor_of, effect_is_seen, end_command, slot_of
from backplane.slots.services.work import Work, work_on
from backplane.slots.states import Happening, decide

_RESULT_WORDS = {
    0: "Done.",
    1: "The board has no such slot.",
    2: "The board does not know this command.",
    3: "The board did not understand the command.",
    4: "The board obeys another installation.",
    5: "The board was restarted or the command came too late; nothing was done.",
    6: "Not possible now: the slot changed since this was asked.",
    7: "The board is busy; nothing was done.",
    8: "The hardware did not obey.",
}
_OK, _EXPIRED = 0, 5
_ASKS_FIRST = {
    CommandOp.POWER_ON: Happening.START_ASKED,
    CommandOp.POWER_OFF: Happening.STOP_ASKED,
    CommandOp.POWER_CYCLE: Happening.STOP_ASKED,
    CommandOp.SHUTDOWN: Happening.STOP_ASKED,
}
_SENT_MOVES = {
    CommandOp.POWER_ON: Happening.START_ADMITTED,
    CommandOp.POWER_OFF: Happening.STOP_SENT,
    CommandOp.POWER_CYCLE: Happening.STOP_SENT,
    CommandOp.SHUTDOWN: Happening.STOP_SENT,
}


def request_command(request: CommandRequest, now: datetime) -> Command:
    """Write an open command after checking that it can be done now, as the asker saw the slot.

    Raises NotAtThisSite, LinkNotLive, CommandInFlight, StaleView, NotPossible, OwnSlot, Slot.DoesNotExist.
    """
    with work_on(request.chassis_id, now) as work:
        return request_within(work, request)


def request_within(work: Work, request: CommandRequest) -> Command:
    """Do as request_command does, inside a transaction that somebody else opened."""
    check_site(work.chassis, request.reach)
    check_link(work.chassis)
    slot = asked_slot(work, request)
    if (replaced := check_request(work, slot, request)) is not None:
        _replace(work, replaced, request)
    command = _create(work, slot, request)
    _move(work, command, _ASKS_FIRST)
    work.touch(*(() if slot is None else (slot.number,)))
    return command


def cancel_command(command_id: int, requester_name: str, now: datetime) -> Change | None:
    """Take back a command that was not sent yet; None when it is too late for that."""
    command = Command.objects.get(pk=command_id)
    with work_on(command.chassis_id, now) as work:
        command.refresh_from_db()
        if command.state == CommandState.OPEN:
            cause = actor_of(command)
            outcome = f"{TAKEN_BACK} {requester_name}."
            end_command(work, command, CommandState.EXPIRED, outcome, cause)
    return work.change


def mark_sent(command_id: int, epoch: int, now: datetime) -> bool:
    """Claim an open command for sending, once. False: it was claimed, ended or expired meanwhile.

    Raises StaleGeneration.
    """
    command = Command.objects.get(pk=command_id)
    with work_on(command.chassis_id, now, epoch=epoch) as work:
        command.refresh_from_db()
        if command.state != CommandState.OPEN or command.expires_at <= now:
            return False
        command.state = CommandState.SENT
        command.sent_at = now
        command.waiting_for = ""
        left_s = min((command.expires_at - now).total_seconds(), COMMAND_EXPIRY_S)
        command.expires_at = now + timedelta(seconds=left_s + RESULT_GRACE_S)
        command.save(update_fields=["state", "sent_at", "waiting_for", "expires_at"])
        slot = _move(work, command, _SENT_MOVES)
        work.touch(*(() if slot is None else (slot.number,)))
    return True


def finish_command(chassis_id: int, wire_id: int, code: int, now: datetime) -> Change | None:
    """Note the board's answer. Power commands are done only when their rail is seen to follow."""
    with work_on(chassis_id, now) as work:
        command = _on_its_way(work, wire_id)
        if command is not None:
            command.result_code = code
            _answer(work, command, code)
    return work.change


def lose_command(chassis_id: int, wire_id: int, why: str, now: datetime) -> Change | None:
    """Note that no answer will come. The slot shows what its flags say; nobody tries again."""
    with work_on(chassis_id, now) as work:
        command = _on_its_way(work, wire_id)
        if command is not None:
            end_command(work, command, CommandState.FAILED, why)
    return work.change


def _replace(work: Work, replaced: Command, request: CommandRequest) -> None:
    outcome = f"Replaced: power off asked by {request.requester_name or NOBODY}."
    end_command(work, replaced, CommandState.FAILED, outcome, actor_of(replaced))


def _create(work: Work, slot: Slot | None, request: CommandRequest) -> Command:
    # A person's "cut now" alone is not compared with the slot's newest event.
    is_cut = request.op is CommandOp.POWER_OFF and request.origin is Origin.PERSON
    return Command.objects.create(
        chassis=work.chassis,
        slot=slot,
        op=request.op,
        arguments=dict(request.arguments),
        requested_by_id=request.user_id,
        requester_name=request.requester_name[:150],
        origin=request.origin,
        seen_revision=request.seen_revision,
        wire_id=_new_wire_id(work.chassis),
        boot=work.chassis.boot,
        if_event=SKIP_EVENT_CHECK if is_cut else work.chassis.cursor or 0,
        created_at=work.now,
        expires_at=work.now + timedelta(seconds=COMMAND_EXPIRY_S),
    )


def _new_wire_id(chassis: Chassis) -> int:
    """Return a random id: a database restored from a backup must not give out the same ones again."""
    taken = set(
        Command.objects.filter(chassis=chassis, state__in=UNFINISHED).values_list(
            "wire_id", flat=True
        )
    )
    while (wire_id := secrets.randbelow(2**24 - 1) + 1) in taken:
        pass
    return wire_id


def _move(work: Work, command: Command, moves: dict[CommandOp, Happening]) -> Slot | None:
    slot = slot_of(work, command)
    happening = moves.get(CommandOp(command.op))
    if slot is not None and happening is not None:
        actor = actor_of(command)
        work.move(slot, lambda facts: decide(facts, happening, actor), command=command)
    return slot


def _on_its_way(work: Work, wire_id: int) -> Command | None:
    return Command.objects.filter(
        chassis=work.chassis,
        wire_id=wire_id,
        state__in=(CommandState.SENT, CommandState.ACCEPTED),
    ).first()


def _answer(work: Work, command: Command, code: int) -> None:
    slot = slot_of(work, command)
    if code != _OK:
        ended = CommandState.EXPIRED if code == _EXPIRED else CommandState.REFUSED
        words = _RESULT_WORDS.get(code, f"The board refused (code {code}).")
        end_command(work, command, ended, words)
    elif slot is None or not command.is_power or effect_is_seen(command, slot):
        end_command(work, command, CommandState.DONE, _RESULT_WORDS[_OK])
    else:
        command.state = CommandState.ACCEPTED
        limit_s = accepted_limit_s(CommandOp(command.op))
        command.expires_at = work.now + timedelta(seconds=limit_s)
        command.save(update_fields=["state", "expires_at", "result_code"])
        work.touch(slot.number)
