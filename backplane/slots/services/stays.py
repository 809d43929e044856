"""Opens and closes stays: what stood in which slot, from when to when.

Runs inside the transaction of what caused it. Costs nothing where nothing comes, goes or is recognised.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import OperationalError

from backplane.slots.durable import plain_transaction
from backplane.slots.errors import NotPossible
from backplane.slots.facts import Cause, RailCause, SlotState, rail_cause
from backplane.slots.models import Carrier, Chassis, Slot, Stay
from backplane.slots.records import Change
from backplane.slots.services.work import Work, work_on
from backplane.slots.statements import Select, insert, update

_OPEN: Final = Select(lambda: Stay.objects.filter(slot_id=0, until=None))
_NEWEST: Final = Select(lambda: Stay.objects.filter(slot_id=0)[:1])


def begin_stay(slot: Slot, at: datetime) -> None:
    """Note that something was put into the slot; what is known of it so far goes with it."""
    end_stay(slot, at)  # still open: the event of its removal was lost
    stay = Stay(slot=slot, carrier_id=slot.carrier_id, module_id=slot.module_id, since=at)
    insert([stay])


def end_stay(slot: Slot, at: datetime, *, by_surprise: bool = False) -> None:
    """Note that the slot was emptied. A surprise that is known already stays one."""
    values = {"until": at} | ({"ended_by_surprise": True} if by_surprise else {})
    update(Stay, values, slot_id=slot.pk, until=None)


def recognise(slot: Slot, at: datetime) -> None:
    """Note which carrier stands in the slot, as its row says; another than before is another stay."""
    stay = next(iter(_OPEN(slot.pk)), None)
    if stay is None or stay.carrier_id not in {None, slot.carrier_id}:
        begin_stay(slot, at)
        return
    update(Stay, {"carrier_id": slot.carrier_id, "module_id": slot.module_id}, pk=stay.pk)


def was_surprise(slot: Slot) -> bool:
    """Say whether a removal that was just applied took a slot that had power, as far as its state tells."""
    facts = slot.facts
    return facts.state is SlotState.NOT_INSTALLED and facts.cause is Cause.SURPRISE


def note_rail_left(slot: Slot, value: int) -> None:
    """Note a rail that left with its carrier: that was a surprise, also where no state told so (M7).

    The board tells it right after the removal; `value` is that of the RAIL_OFF event.
    """
    if rail_cause(value) is not RailCause.REMOVAL:
        return
    for newest in _NEWEST(slot.pk):
        if not newest.ended_by_surprise:
            update(Stay, {"ended_by_surprise": True}, pk=newest.pk)


def settle_discovered(work: Work, slots: Sequence[Slot]) -> None:
    """Bring stays in line with slots that a snapshot has just shown again. One query for all of them."""
    if not slots:
        return
    stays = Stay.objects.filter(slot__in=slots, until=None)
    open_slots = set(stays.values_list("slot_id", flat=True))
    gone = [slot.pk for slot in slots if slot.facts.state is SlotState.NOT_INSTALLED]
    if open_slots.intersection(gone):
        stays.filter(slot__in=gone).update(until=work.now)
    Stay.objects.bulk_create(
        Stay(slot=slot, carrier_id=slot.carrier_id, module_id=slot.module_id, since=work.now)
        for slot in slots
        if slot.pk not in open_slots and _stands_there(slot)
    )


def _stands_there(slot: Slot) -> bool:
    """Whether something is seen in the slot; without a presence contact, a rail that is on must do."""
    facts = slot.facts
    if facts.state in {SlotState.NOT_INSTALLED, SlotState.COMMUNICATION_LOST}:
        return False
    return bool(facts.present or (facts.present is None and facts.rail_on))


def name_occupant(slot_id: int, *, module_id: int | None, now: datetime) -> Change | None:
    """Note that this module stands on this slot's carrier; None: which one does is not known.

    Writes Slot.module, Carrier.module and the open stay together, and takes the module away from wherever
    else it was said to be: a Pi is in one place. Returns the change of this slot's chassis. Raises NotPossible
    for a slot that is seen empty, Slot.DoesNotExist.
    """
    chassis_id = Slot.objects.values_list("chassis_id", flat=True).get(pk=slot_id)
    others = _chassis_with(module_id)
    change: Change | None = None
    with plain_transaction():
        # In one order everywhere, so that two of these never wait for each other.
        for each in sorted({chassis_id, *others}):
            with work_on(each, now) as work:
                _name_in(work, slot_id, module_id)
            if each == chassis_id:
                change = work.change
    return change


def _chassis_with(module_id: int | None) -> set[int]:
    """Return the chassis that say a module is in one of their slots."""
    if module_id is None:
        return set()
    return set(Slot.objects.filter(module_id=module_id).values_list("chassis_id", flat=True))


def _name_in(work: Work, slot_id: int, module_id: int | None) -> None:
    slot = next((slot for slot in work.slots.values() if slot.pk == slot_id), None)
    if slot is not None:
        put_on(work, slot, module_id)
    elif module_id is not None:
        _take_away(work, module_id)


def _take_away(work: Work, module_id: int, but: Slot | None = None) -> None:
    """Note that this module stands in no slot of this chassis, but for one."""
    for slot in work.slots.values():
        if slot.module_id == module_id and slot is not but:
            work.set_slot(slot, module_id=None)
            Stay.objects.filter(slot=slot, until=None, module_id=module_id).update(module=None)


def _take_away_elsewhere(work: Work, module_id: int) -> None:
    for each in sorted(_chassis_with(module_id) - {work.chassis.pk}):
        # Locks are waited for in rising order alone, so that two of these never wait for each other.
        is_against_order = each < work.chassis.pk
        try:
            with work_on(each, work.now, nowait=is_against_order) as other:
                _take_away(other, module_id)
        except OperationalError as error:
            if not is_against_order:
                raise
            name = Chassis.objects.get(pk=each)
            raise NotPossible(f"{name} is being written just now. Press again.") from error


def put_on(work: Work, slot: Slot, module_id: int | None) -> None:
    """Note that this module stands on the carrier in this slot and nowhere else, in whatever chassis.

    Raises NotPossible for a slot that is seen empty, or when another chassis is being written just now.
    """
    if slot.facts.state is SlotState.NOT_INSTALLED:
        raise NotPossible(f"Slot {slot.number} is empty.")
    if slot.is_occupant_unsure and module_id != _last_module(slot):
        end_stay(
            slot, work.now
        )  # another one came while events were lost: on which carrier is not known
        forget_occupant(work, slot)
    if module_id is not None:
        _take_away(work, module_id, but=slot)
        _take_away_elsewhere(work, module_id)
        Carrier.objects.filter(module_id=module_id).update(module=None)
    if slot.carrier_id is not None:
        Carrier.objects.filter(pk=slot.carrier_id).update(module_id=module_id)
    work.set_slot(slot, module_id=module_id, is_occupant_unsure=False)
    if not Stay.objects.filter(slot=slot, until=None).update(module_id=module_id):
        begin_stay(slot, work.now)


def _last_module(slot: Slot) -> int | None:
    return slot.module_id or (slot.carrier.module_id if slot.carrier else None)


def tell_presence(slot_id: int, *, is_in: bool, now: datetime) -> Change | None:
    """Note what a person says of a slot whose board has no presence contact: something is in, or out.

    Raises NotPossible where the board senses presence itself.
    """
    chassis_id = Slot.objects.values_list("chassis_id", flat=True).get(pk=slot_id)
    with work_on(chassis_id, now) as work:
        slot = next(slot for slot in work.slots.values() if slot.pk == slot_id)
        if slot.facts.present is not None:
            raise NotPossible(f"Slot {slot.number} senses by itself whether something is in it.")
        if is_in:
            begin_stay(slot, now)
        else:
            end_stay(slot, now)
            forget_occupant(work, slot)
        work.touch(slot.number)
    return work.change


def forget_occupant(work: Work, slot: Slot) -> None:
    """Note that nothing stands in the slot: what was known of its last occupant says nothing now."""
    work.set_slot(
        slot,
        carrier_id=None,
        module_id=None,
        is_occupant_unsure=False,
        peak_mw=0,
        mv=None,
        ma=None,
        cdeg=None,
    )
