"""Writes what NetBox says into our own database: names of modules, and who is planned for a slot. Nothing else."""

from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from backplane.inventory.records import Action, Kind, PlanRow, Ref, Value
from backplane.inventory.writing.results import Fate, RowResult
from backplane.slots.assets import change_asset, plan_module
from backplane.slots.models import Module, Slot

_WORDS: Final = frozenset({"name", "serial", "asset_tag", "uid"})


class AtHome:
    """One run's writes here; remembers which row made which module."""

    def __init__(self) -> None:
        self._made: dict[str, int] = {}

    def __call__(self, row: PlanRow) -> RowResult:
        """Write one row of our own database, if it still is as planned on."""
        with transaction.atomic():
            if row.kind is Kind.LOCAL_SLOT:
                return self._plan_slot(row)
            if row.action is not Action.CREATE:
                return _change_module(row)
            result = _make_module(row)
        if result.object_id is not None:
            self._made[row.key] = result.object_id
        return result

    def _plan_slot(self, row: PlanRow) -> RowResult:
        number = str(dict(row.found_by).get("number", 0))
        found = Slot.objects.select_related("planned_module")
        slot = found.filter(chassis_id=row.object_id or 0, number=number).first()
        if slot is None:
            return RowResult(row.key, Fate.CHANGED, "The slot is gone from here.")
        after = row.changes[0].after
        module_id = self._module_id(after) if isinstance(after, Ref) else None
        if after is not None and module_id is None:
            text = "The module planned for it is not known here yet."
            return RowResult(row.key, Fate.WAITS, text)
        planned = slot.planned_module.uid if slot.planned_module else ""
        if planned != _planned_uid(row.changes[0].before):
            text = "Somebody planned otherwise here since the plan was made."
            return RowResult(row.key, Fate.CHANGED, text, module_id)
        before = {"planned_module": slot.planned_module_id}
        plan_module(slot.pk, module_id, timezone.now())
        return RowResult(row.key, Fate.DONE, "", module_id, before)

    def _module_id(self, ref: Ref) -> int | None:
        made = self._made.get(ref.key)
        known = (
            Module.objects.filter(pk=ref.id)
            if ref.id
            else Module.objects.filter(uid=ref.key.partition(":")[2])
        )
        return made or known.values_list("pk", flat=True).first()


def _planned_uid(value: Value) -> str:
    """Return the uid of the module that a row says was planned; "" for none."""
    return value.key.partition(":")[2] if isinstance(value, Ref) else ""


def _make_module(row: PlanRow) -> RowResult:
    values = _values(row)
    module = _same_module(values)
    if module is not None:
        return RowResult(row.key, Fate.ALREADY, f"{module} is known here already.", module.pk)
    module = Module.objects.create(**values)
    return RowResult(row.key, Fate.DONE, "", module.pk)


def _same_module(values: dict[str, Any]) -> Module | None:
    for name in ("uid", "asset_tag", "serial"):
        value = values.get(name)
        found = Module.objects.filter(**{name: value}).first() if value else None
        if found is not None:
            return found
    return None


def _change_module(row: PlanRow) -> RowResult:
    module = Module.objects.select_for_update().filter(pk=row.object_id or 0).first()
    if module is None:
        return RowResult(row.key, Fate.CHANGED, "It is gone from here.")
    before = {one.field: getattr(module, one.field) for one in row.changes if one.field in _WORDS}
    planned_on = {one.field: one.before for one in row.changes if one.field in _WORDS}
    if any((before[name] or "") != (planned_on[name] or "") for name in before):
        text = "Somebody changed it here since the plan was made."
        return RowResult(row.key, Fate.CHANGED, text, module.pk)
    values = _values(row)
    change_asset(module, values, timezone.now())
    return RowResult(row.key, Fate.DONE, "", module.pk, before)


def _values(row: PlanRow) -> dict[str, Any]:
    empty: dict[str, Any] = {"asset_tag": None}
    return {
        one.field: one.after or empty.get(one.field, "")
        for one in row.changes
        if one.field in _WORDS
    }
