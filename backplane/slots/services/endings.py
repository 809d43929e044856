"""How commands end, inside a transaction that somebody else opened."""

from collections.abc import Iterable

from backplane.people import audit
from backplane.slots.facts import Cause
from backplane.slots.models import Command, Slot
from backplane.slots.ops import POWER_OPS, UNFINISHED, CommandOp, CommandState, Origin
from backplane.slots.services.lights import note_light
from backplane.slots.services.work import Work
from backplane.slots.states import Happening, decide

_CAUSE_OF_END = {
    CommandState.EXPIRED: Cause.POLICY,
    CommandState.REFUSED: Cause.FAULT,
    CommandState.FAILED: Cause.FAULT,
}
_CAUSE_OF_ORIGIN = {Origin.API: Cause.API, Origin.HANDLE: Cause.HANDLE}


def unfinished_commands(work: Work) -> list[Command]:
    """Return the chassis's unfinished commands, oldest first."""
    rows = Command.objects.filter(chassis=work.chassis, state__in=UNFINISHED)
    return list(rows.order_by("created_at", "pk"))


def end_command(
    work: Work,
    command: Command,
    state: CommandState,
    outcome: str,
    cause: Cause | None = None,
) -> None:
    """Close `command`. One that failed puts its slot back to what its flags say, with a cause."""
    command.state = state
    command.outcome = outcome[:255]
    command.finished_at = work.now
    command.waiting_for = ""
    command.save(update_fields=["state", "outcome", "finished_at", "waiting_for", "result_code"])
    audit.settle(command.pk, f"{state.value}: {outcome}", work.now)
    slot = slot_of(work, command)
    work.touch(*(() if slot is None else (slot.number,)))
    if slot is not None:
        note_light(work, slot, command)
    if slot is None or state is CommandState.DONE or command.op not in POWER_OPS:
        return
    back = cause or _CAUSE_OF_END[state]
    work.move(slot, lambda facts: decide(facts, Happening.COMMAND_ENDED, back), command=command)


def close_commands(work: Work, commands: Iterable[Command], why: str) -> None:
    """Close commands as expired: nothing is sent for them any more."""
    for command in commands:
        end_command(work, command, CommandState.EXPIRED, why)


def slot_of(work: Work, command: Command) -> Slot | None:
    """Return the slot of a command from those already read, so that one object is moved."""
    return next((slot for slot in work.slots.values() if slot.pk == command.slot_id), None)


def actor_of(command: Command) -> Cause:
    """Return the cause that transitions of this command carry."""
    return _CAUSE_OF_ORIGIN.get(Origin(command.origin), Cause.PERSON)


def effect_is_seen(command: Command, slot: Slot) -> bool:
    """Say whether the flags already show what a power command wants; a cycle is seen by events only."""
    match command.op:
        case CommandOp.POWER_ON:
            return slot.facts.rail_on is True
        case CommandOp.POWER_OFF | CommandOp.SHUTDOWN:
            return slot.facts.rail_on is False
        case _:
            return False
