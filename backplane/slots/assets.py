"""What people write about things and what they plan: changes of modules and other assets, and who belongs where.

No history and no state: a slot that shows the thing is painted anew, nothing more.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from backplane.slots.models import Asset, Module, Slot
from backplane.slots.services.work import work_on


def change_asset(asset: Asset, values: Mapping[str, Any], now: datetime) -> dict[str, list[str]]:
    """Set fields of an asset and store it; return (before, after) of each field that changed, as text."""
    changed = {
        name: [words_of(getattr(asset, name)), words_of(value)]
        for name, value in values.items()
        if getattr(asset, name) != value
    }
    for name, value in values.items():
        setattr(asset, name, value)
    if changed or asset.pk is None:
        asset.save()
    if changed and isinstance(asset, Module):
        repaint([asset.pk], now)
    return changed


def repaint(modules: Iterable[int], now: datetime) -> None:
    """Have every slot painted anew that shows or awaits one of these modules."""
    wanted = list(modules)
    shows = Q(module__in=wanted) | Q(carrier__module__in=wanted) | Q(planned_module__in=wanted)
    numbers: dict[int, list[int]] = {}
    for chassis_id, number in Slot.objects.filter(shows).values_list("chassis_id", "number"):
        numbers.setdefault(chassis_id, []).append(number)
    for chassis_id in sorted(numbers):  # one order for everybody: two at once never wait in a ring
        with work_on(chassis_id, now) as work:
            work.touch(*numbers[chassis_id])


def plan_module(slot_id: int, module_id: int | None, now: datetime) -> bool:
    """Say which module belongs into a slot; None: no plan. Tell whether that is news."""
    chassis_id = Slot.objects.values_list("chassis_id", flat=True).get(pk=slot_id)
    with work_on(chassis_id, now) as work:
        slot = Slot.objects.get(pk=slot_id)
        if slot.planned_module_id == module_id:
            return False
        if module_id is not None:
            _plan_nowhere_else(module_id, slot_id)
        work.set_slot(slot, planned_module_id=module_id)
        work.touch(slot.number)
        return True


def _plan_nowhere_else(module_id: int, slot_id: int) -> None:
    """A module has one home; screens of another chassis see the change with their next news."""
    Slot.objects.filter(planned_module=module_id).exclude(pk=slot_id).update(planned_module=None)


def words_of(value: object) -> str:
    """Return a field's value as the trail and pages write it; "" for nothing."""
    if value is None:
        return ""
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)
