"""Names that people give to what stands in a slot. A name is no history and never changes a state."""

from datetime import datetime

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
        is_named = _name_module(work, slot, module_name)
        is_labelled = _label_carrier(slot, carrier_label)
        if slot.is_occupant_unsure:  # somebody looked, and says who stands here
            Slot.objects.filter(pk=slot.pk).update(is_occupant_unsure=False)
            is_named = True
        if is_named or is_labelled:
            work.touch(slot.number)
        return is_named or is_labelled


def _name_module(work: Work, slot: Slot, name: str) -> bool:
    module = slot.module or (slot.carrier.module if slot.carrier else None)
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
