"""Names that people give to what stands in a slot. A name is no history and never changes a state."""

from datetime import datetime

from backplane.slots.errors import NotPossible
from backplane.slots.models import Module, Slot
from backplane.slots.services.stays import put_on
from backplane.slots.services.work import Work, work_on


def name_occupants(slot_id: int, module_name: str, carrier_label: str, now: datetime) -> bool:
    """Name the module and label the carrier in a slot; tell whether anything changed.

    A carrier whose module is not known gets one as soon as somebody names it.
    """
    chassis_id = Slot.objects.values_list("chassis_id", flat=True).get(pk=slot_id)
    with work_on(chassis_id, now) as work:
        slot = Slot.objects.select_related("carrier__module", "module").get(pk=slot_id)
        is_settled = slot.is_occupant_unsure and _settle(work, slot, module_name, carrier_label)
        is_named = _name_module(work, slot, module_name) or is_settled
        is_labelled = _label_carrier(slot, carrier_label)
        if is_named or is_labelled:
            work.touch(slot.number)
        return is_named or is_labelled


def _settle(work: Work, slot: Slot, name: str, label: str) -> bool:
    """Events were lost, and somebody looked: the name last seen says that it is still there, another that it is not.

    What stood there keeps its own name and its own life. Raises NotPossible where nothing was said.
    """
    module = _module_of(slot)
    last = module.name if module else ""
    if name == last and (name or (label and slot.carrier and label == slot.carrier.label)):
        work.set_slot(slot, is_occupant_unsure=False)
        return True
    if not name:
        raise NotPossible(
            f"Events were lost, so who stands in slot {slot.number} is not known. Type the name of the Pi you see there."
        )
    put_on(work, slot, _free_module(name).pk)
    return True


def _free_module(name: str) -> Module:
    """Return the one module of this name that is seen nowhere else, or a new one."""
    named = Module.objects.filter(name=name)
    free = list(named.exclude(slots__in=Slot.objects.filter(is_occupant_unsure=False))[:2])
    return free[0] if len(free) == 1 else Module.objects.create(name=name)


def _module_of(slot: Slot) -> Module | None:
    return slot.module or (slot.carrier.module if slot.carrier else None)


def _name_module(work: Work, slot: Slot, name: str) -> bool:
    module = _module_of(slot)
    if module is None:
        return bool(name) and _add_module(work, slot, name)
    if module.name == name:
        return False
    module.name = name
    module.save(update_fields=["name"])
    return True


def _add_module(work: Work, slot: Slot, name: str) -> bool:
    if slot.carrier is None:
        return False
    put_on(work, slot, Module.objects.create(name=name).pk)
    return True


def _label_carrier(slot: Slot, label: str) -> bool:
    if slot.carrier is None or slot.carrier.label == label:
        return False
    slot.carrier.label = label
    slot.carrier.save(update_fields=["label"])
    return True
