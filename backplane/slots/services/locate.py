"""Asks for locate lights: of one slot, or by elimination of every other one. Lights end by themselves."""

from collections.abc import Iterable
from datetime import datetime

from backplane.people.audit import Actor
from backplane.slots.durable import plain_transaction
from backplane.slots.errors import NotPossible
from backplane.slots.locate import reads_lit
from backplane.slots.models import Command, Slot
from backplane.slots.ops import UNFINISHED, CommandOp
from backplane.slots.records import CommandRequest
from backplane.slots.services.commands import request_command

_Wish = tuple[CommandOp, int]


def locate(
    chassis_id: int, slot_number: int, *, requester: Actor, now: datetime, but: bool = False
) -> list[Command]:
    """Ask for the white 4 Hz light of a slot; `but`: of every slot but this one, for a light that is dead.

    All or nothing. The firmware ends each light after ten minutes. Raises NotAtThisSite, LinkNotLive, NotPossible.
    """
    slots = _slots(chassis_id)
    if slot_number not in slots:
        raise NotPossible(f"This chassis has no slot {slot_number}.")
    if not but:
        return _ask(chassis_id, [(CommandOp.LOCATE_ON, slot_number)], requester, now)
    others = [(CommandOp.LOCATE_ON, number) for number in slots if number != slot_number]
    lit = [slot_number] if _may_be_lit(slots[slot_number]) else []
    wishes = [*((CommandOp.LOCATE_OFF, number) for number in lit), *others]
    return _ask(chassis_id, wishes, requester, now)


def stop_locating(
    chassis_id: int, slot_number: int, *, requester: Actor, now: datetime
) -> list[Command]:
    """Ask for the slot's own lights again; 0: of every slot that is located or about to be.

    All or nothing. Raises LinkNotLive, NotPossible.
    """
    slots = _slots(chassis_id)
    if slot_number and slot_number not in slots:
        raise NotPossible(f"This chassis has no slot {slot_number}.")
    located = [number for number, slot in slots.items() if _may_be_lit(slot)]
    numbers = [slot_number] if slot_number else located
    return _ask(chassis_id, [(CommandOp.LOCATE_OFF, each) for each in numbers], requester, now)


def _slots(chassis_id: int) -> dict[int, Slot]:
    return {slot.number: slot for slot in Slot.objects.filter(chassis_id=chassis_id)}


def _may_be_lit(slot: Slot) -> bool:
    if slot.locate_until is not None or reads_lit(slot.lights):
        return True
    asked = Command.objects.filter(slot=slot, op=CommandOp.LOCATE_ON, state__in=UNFINISHED)
    return asked.exists()


def _ask(
    chassis_id: int, wishes: Iterable[_Wish], requester: Actor, now: datetime
) -> list[Command]:
    with plain_transaction():
        return [
            request_command(
                CommandRequest(
                    chassis_id,
                    number,
                    op,
                    user_id=requester.user_id,
                    requester_name=requester.name,
                    reach=requester.reach,
                ),
                now,
            )
            for op, number in wishes
        ]
