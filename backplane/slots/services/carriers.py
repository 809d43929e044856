"""Which carriers stand in the slots by the board's own answer: for what events told that never came.

An answer is older than any event recorded since it was asked for; such a slot is left to its events.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from backplane.slots.facts import SlotFlag
from backplane.slots.models import Carrier, Chassis, HardwareEvent, Slot
from backplane.slots.records import Change
from backplane.slots.services.stays import recognise
from backplane.slots.services.work import Work, work_on


@dataclass(frozen=True, slots=True)
class Look:
    """The slots to read, and how far the journal was recorded when that was decided.

    `is_open`: the board has yet to read the carrier of another slot, whose occupant is in doubt; so look again.
    """

    journal: int
    cursor: int
    slots: tuple[int, ...]
    is_open: bool = False


def carriers_to_read(chassis_id: int) -> Look | None:
    """Return the slots whose carrier the board has read; None while no slot is known."""
    chassis = Chassis.objects.get(pk=chassis_id)
    senses = chassis.profile.senses_of
    known = [slot for slot in chassis.slots.all() if slot.flags is not None]
    if not known:
        return None
    wanted = tuple(slot.number for slot in known if slot.facts.has(SlotFlag.IDENTITY_READ))
    unread = (slot for slot in known if slot.is_occupant_unsure and slot.number not in wanted)
    is_open = any(senses(slot.number).identity for slot in unread)  # else it will never be read
    return Look(chassis.journal or 0, chassis.cursor or 0, wanted, is_open)


def note_carriers(
    chassis_id: int, look: Look, uids: Mapping[int, str], now: datetime
) -> Change | None:
    """Keep which carriers (uid in hex) stand where; another one than was known begins a stay of its own."""
    with work_on(chassis_id, now) as work:
        if (work.chassis.journal or 0) != look.journal:
            return None
        for number, uid in uids.items():
            slot = work.slots.get(number)
            if slot is not None and not _has_moved_on(work, slot, look):
                identify(work, slot, uid, now)
    return work.change


def identify(work: Work, slot: Slot, uid: str, at: datetime) -> None:
    """Note that the carrier with this uid stands in the slot, with the module that is known to be on it."""
    carrier, _ = Carrier.objects.get_or_create(uid=uid)
    work.set_slot(slot, is_occupant_unsure=False)
    if (slot.carrier_id, slot.module_id) == (carrier.pk, carrier.module_id):
        return
    if slot.carrier_id not in {None, carrier.pk}:
        work.set_slot(slot, peak_mw=0)  # learned from another one
    work.set_slot(slot, carrier_id=carrier.pk, module_id=carrier.module_id)
    recognise(slot, at)


def _has_moved_on(work: Work, slot: Slot, look: Look) -> bool:
    newer = HardwareEvent.objects.filter(
        chassis=work.chassis,
        journal=look.journal,
        number__gt=look.cursor,
        slot_number=slot.number,
    )
    return slot.flags is None or slot.facts.present is False or newer.exists()
