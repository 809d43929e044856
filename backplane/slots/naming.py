"""Names that people give to what stands in a slot. Names are never history and never change a state."""

from django.db import transaction
from django.db.models import F

from backplane.slots import notify
from backplane.slots.models import Chassis, Module, Slot
from backplane.slots.records import Change


def name_occupants(slot_id: int, module_name: str, carrier_label: str) -> Change | None:
    """Name the module and label the carrier in a slot; None: nothing changed.

    A carrier whose module is not known gets one as soon as somebody names it.
    """
    with transaction.atomic():
        slot = Slot.objects.select_related("carrier__module", "module").get(pk=slot_id)
        if not (_name_module(slot, module_name) | _label_carrier(slot, carrier_label)):
            return None
        Chassis.objects.filter(pk=slot.chassis_id).update(revision=F("revision") + 1)
        revision = Chassis.objects.values_list("revision", flat=True).get(pk=slot.chassis_id)
        change = Change(slot.chassis_id, (slot.number,), revision)
        transaction.on_commit(lambda: notify.changed(change))
        return change


def _name_module(slot: Slot, name: str) -> bool:
    module = slot.module or (slot.carrier.module if slot.carrier else None)
    if module is None:
        return bool(name) and _add_module(slot, name)
    if module.name == name:
        return False
    module.name = name
    module.save(update_fields=["name"])
    return True


def _add_module(slot: Slot, name: str) -> bool:
    if slot.carrier is None:
        return False
    slot.carrier.module = Module.objects.create(name=name)
    slot.carrier.save(update_fields=["module"])
    return True


def _label_carrier(slot: Slot, label: str) -> bool:
    if slot.carrier is None or slot.carrier.label == label:
        return False
    slot.carrier.label = label
    slot.carrier.save(update_fields=["label"])
    return True
