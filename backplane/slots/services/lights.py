"""Notes who asked for a locate light and when it ends, inside the transaction that learned of it."""

from backplane.slots.locate import LOCATE_LASTS, LOCATE_SETTLES, reads_dark
from backplane.slots.models import Command, Slot
from backplane.slots.ops import CommandOp, CommandState
from backplane.slots.services.work import Work

_OTHER_LIGHTS = (CommandOp.LOCATE_OFF, CommandOp.INVITE_ON, CommandOp.INVITE_OFF)


def note_light(work: Work, slot: Slot, command: Command) -> None:
    """Note what a light command that has ended means for the slot's locate."""
    if command.state != CommandState.DONE:
        return
    if command.op == CommandOp.LOCATE_ON:
        until = work.now + LOCATE_LASTS
        work.set_slot(slot, locate_by=command.requester_name, locate_until=until)
    elif command.op in _OTHER_LIGHTS:
        _forget(work, slot)


def note_read_back(work: Work, slot: Slot) -> None:
    """Forget who located a slot once its light reads dark, or its time is over."""
    if slot.locate_until is None:
        return
    is_settled = work.now >= slot.locate_until - LOCATE_LASTS + LOCATE_SETTLES
    if (is_settled and reads_dark(slot.lights)) or slot.locate_until <= work.now:
        _forget(work, slot)


def _forget(work: Work, slot: Slot) -> None:
    work.set_slot(slot, locate_by="", locate_until=None)
