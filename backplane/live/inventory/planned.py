"""Says which module belongs into a slot. NetBox's own plan of the bay, where it has one, comes over it with the next sync."""

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from backplane.live.pages.answers import see_other
from backplane.live.pages.trail import Deed, note
from backplane.people.roles import Role, role_required
from backplane.slots.assets import plan_module
from backplane.slots.durable import plain_transaction
from backplane.slots.errors import StorageFull
from backplane.slots.macs import known_macs
from backplane.slots.models import Module, Slot

_LONGEST = 100


@dataclass
class NotOneModuleError(Exception):
    """What somebody typed means no module, or several."""

    said: str
    count: int

    def __str__(self) -> str:
        if not self.said:
            return "Type which module belongs here."
        if self.count:
            return f"{self.count} modules are called {self.said}. Type the serial or the asset tag."
        return f"No module is called {self.said}. Type a name, serial, MAC or asset tag."


@require_POST
@role_required(Role.OPERATOR)
def plan(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """Plan a module for a slot, or none."""
    found = Slot.objects.select_related("chassis", "planned_module")
    slot = get_object_or_404(found, chassis__slug__iexact=slug, number=number)
    said = " ".join(request.POST.get("module", "").split())[:_LONGEST]
    try:
        module = None if "none" in request.POST else module_called(said)
        _store(request, slot, module)
    except NotOneModuleError as error:
        messages.error(request, str(error))
    except StorageFull as full:
        messages.error(request, f"Nothing was saved. {full}")
    return see_other("slot", slot.chassis.slug, number)


def module_called(said: str) -> Module:
    """Return the one module with this number, tag, serial, MAC or name. Raises NotOneModuleError."""
    if not said:
        raise NotOneModuleError(said, 0)
    exact = (
        Q(uid__iexact=said)
        | Q(asset_tag__iexact=said)
        | Q(serial__iexact=said)
        | Q(name__iexact=said)
    )
    found = list(Module.objects.filter(exact)[:20])
    if not found:
        macs = set(known_macs(said))
        found = [module for module in Module.objects.all() if macs & set(module.macs)]
    if len(found) != 1:
        raise NotOneModuleError(said, len(found))
    return found[0]


def _store(request: HttpRequest, slot: Slot, module: Module | None) -> None:
    before = slot.planned_module
    with plain_transaction():
        if not plan_module(slot.pk, module.pk if module else None, timezone.now()):
            messages.info(request, f"Slot {slot.number} keeps its plan.")
            return
        deed = Deed("inventory.planned", slot.chassis.slug, slot.number, saw=str(before or "none"))
        note(request, deed, f"done: {module or 'none'}")
    told = f"{module} is planned for slot {slot.number}." if module else "No module is planned now."
    messages.success(request, told)
