"""Where modules belong, and which are free to be put in. Reads only."""

from backplane.slots.identities import carrier_text
from backplane.slots.models import Carrier, Module, Slot
from backplane.slots.stays import home_of, stays_of_module

_MOST = 60  # of a list on a phone


def place_of(slot: Slot) -> str:
    """Return a slot as people say it: "a09 slot 3"."""
    return f"{slot.chassis.slug} slot {slot.number}"


def home_text(module: Module, here: Slot) -> str:
    """Return where else a module belongs: planned for, seated in, or taken from; "" when it belongs here or nowhere."""
    planned = home_of(module)
    if planned is not None:
        return "" if planned.pk == here.pk else place_of(planned)
    seated = module.slots.exclude(pk=here.pk).select_related("chassis").first()
    if seated is not None:
        return place_of(seated)
    last = next((stay for stay in stays_of_module(module)[:2] if stay.until is not None), None)
    return "" if last is None or last.slot_id == here.pk else place_of(last.slot)


def spare_modules() -> tuple[tuple[int, str], ...]:
    """Return modules that stand nowhere, by name."""
    free = Module.objects.filter(slots=None).order_by("name", "serial", "pk")[:_MOST]
    return tuple((module.pk, _in_list(module)) for module in free)


def _in_list(module: Module) -> str:
    serial = module.serial if module.name else ""
    return f"{module} ({serial})" if serial else str(module)


def name_of(module: Module | None, carrier: Carrier | None) -> str:
    """Return the best name for what stands or stood in a slot; "" when nothing is known."""
    if module is not None:
        return str(module)
    if carrier is None:
        return ""
    return carrier.label or carrier_text(carrier.uid)
