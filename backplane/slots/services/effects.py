"""What one recorded hardware event does: slots move, commands end, carriers come and go."""

from typing import Final

from backplane.slots.facts import (
    Cause,
    EventKind,
    RailCause,
    SlotFacts,
    rail_cause,
    rail_command_id,
)
from backplane.slots.models import Command, HardwareEvent, Slot
from backplane.slots.ops import UNFINISHED, CommandOp, CommandState
from backplane.slots.services.carriers import identify
from backplane.slots.services.endings import actor_of, close_commands, end_command
from backplane.slots.services.flight import keep_flight
from backplane.slots.services.stays import (
    begin_stay,
    end_stay,
    forget_occupant,
    note_rail_left,
    was_surprise,
)
from backplane.slots.services.supplies import note_supply
from backplane.slots.services.work import Work
from backplane.slots.statements import Select
from backplane.slots.states import Decision, decide_event

_UNFINISHED: Final = Select(
    lambda: Command.objects.filter(slot_id=0, state__in=UNFINISHED).order_by("-pk")
)
_WITH_THE_BOARD: Final = (CommandState.SENT, CommandState.ACCEPTED)
_RAIL_KINDS = (EventKind.RAIL_ON, EventKind.RAIL_OFF)
# The change of the rail that fulfils an op, and what is then said of it.
_FULFILLED_BY = {
    CommandOp.POWER_ON: (EventKind.RAIL_ON, "The rail is on."),
    CommandOp.POWER_CYCLE: (EventKind.RAIL_ON, "The rail was off and is on again."),
    CommandOp.POWER_OFF: (EventKind.RAIL_OFF, "The rail is off."),
    CommandOp.SHUTDOWN: (EventKind.RAIL_OFF, "Shut down; the rail is off."),
}


def apply_event(work: Work, event: HardwareEvent) -> None:
    """Apply an event of a known kind whose slot exists."""
    if event.kind == EventKind.BOOT:
        work.set_chassis(boot=event.boot)
    note_supply(work, event)
    command = _command_of(work, event)
    for slot in _slots_of(work, event):
        keep_flight(work, event, slot.facts)
        _move(work, slot, event, command)
        _note_occupant(work, slot, event)
    if command is not None and _FULFILLED_BY[CommandOp(command.op)][0] == event.kind:
        end_command(work, command, CommandState.DONE, _FULFILLED_BY[CommandOp(command.op)][1])


def _slots_of(work: Work, event: HardwareEvent) -> list[Slot]:
    """Return the slots an event speaks of: its own, all of them, or none."""
    if event.kind == EventKind.CHASSIS_POWER_RESTORED:
        return list(work.slots.values())
    return [work.slots[event.slot_number]] if event.slot_number else []


def _move(work: Work, slot: Slot, event: HardwareEvent, command: Command | None) -> None:
    actor: Cause | None = None if command is None else actor_of(command)

    def decider(facts: SlotFacts) -> Decision:
        return decide_event(facts, event.kind, event.value, actor)

    work.move(slot, decider, event, command)


def _note_occupant(work: Work, slot: Slot, event: HardwareEvent) -> None:
    at = event.occurred_at or work.now
    match event.kind:
        case EventKind.INSERT:
            if slot.is_occupant_unsure:  # the event of its removal was lost
                forget_occupant(work, slot)
            begin_stay(slot, at)
        case EventKind.IDENTIFIED if event.carrier_uid:
            identify(work, slot, event.carrier_uid, at)
        case EventKind.RAIL_OFF:
            note_rail_left(slot, event.value)
        case EventKind.REMOVE:
            end_stay(slot, at, by_surprise=was_surprise(slot))
            forget_occupant(work, slot)
            commands = _UNFINISHED(slot.pk, *UNFINISHED)
            close_commands(work, commands, f"Slot {slot.number} was emptied.")


def _command_of(work: Work, event: HardwareEvent) -> Command | None:
    """Return the unfinished power command that a rail event carries, if it is one of ours."""
    if event.kind not in _RAIL_KINDS or not event.slot_number:
        return None
    wire_id = rail_command_id(event.value)
    if not wire_id and rail_cause(event.value) is not RailCause.SHUTDOWN_DONE:
        return None
    # One at the most: the database takes no second open power command of a slot.
    for command in _UNFINISHED(work.slots[event.slot_number].pk, *UNFINISHED):
        is_its = command.wire_id == wire_id if wire_id else command.op == CommandOp.SHUTDOWN
        if is_its and command.is_power and command.state in _WITH_THE_BOARD:
            return command
    return None
