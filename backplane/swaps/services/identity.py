"""What stands in the slot is accepted, named, or put off: the two identities of carrier and module."""

from collections.abc import Mapping
from typing import Any

from backplane.slots.macs import known_macs
from backplane.slots.models import Module
from backplane.slots.services.stays import put_on
from backplane.slots.stays import stay_id_of
from backplane.swaps.errors import NotPossible
from backplane.swaps.homes import name_of, place_of
from backplane.swaps.rules.last_steps import step_after_identity
from backplane.swaps.services.session import Session
from backplane.swaps.steps import EntryKind

_LONGEST = 64


def accept(session: Session, module_id: int | None, text: str) -> None:
    """Take what stands in the slot for what shall run there; None: nobody knows which module it is."""
    slot = session.scene.slot_of(session.swap)
    swap = session.swap
    if module_id is not None:
        put_on(session.work, slot, module_id)
    module = None if module_id is None else Module.objects.get(pk=module_id)
    carrier = None if slot.is_occupant_unsure else slot.carrier
    swap.new_carrier, swap.new_module = carrier, module
    swap.new_name = name_of(module, carrier)
    session.note(kept={"accepted": True, "stay": stay_id_of(slot)})
    session.log(EntryKind.STEP, text, to=int(step_after_identity(session.facts())))


def new_module(values: Mapping[str, Any]) -> Module:
    """Make a module from what somebody typed: a name or a serial number at least. Raises NotPossible."""
    name, serial = values.get("name", ""), values.get("serial", "")
    if not (name or serial):
        raise NotPossible("Type a name or a serial number.")
    known = Module.objects.filter(serial__iexact=serial).first() if serial else None
    if known is not None:
        return _named(known, name)
    return Module.objects.create(
        name=name[:_LONGEST], serial=serial[:_LONGEST], macs=known_macs(values.get("mac", ""))
    )


def _named(module: Module, name: str) -> Module:
    if name and not module.name:
        module.name = name[:_LONGEST]
        module.save(update_fields=["name"])
    return module


def check_stands_nowhere_else(session: Session, module: Module) -> None:
    """Raise NotPossible when another slot has this very Pi now: a number was mistyped, or the wrong one chosen.

    A slot of which events were lost has it no longer for certain, and keeps nobody from saying where it is.
    """
    here = session.swap.slot_id
    elsewhere = module.slots.exclude(pk=here).exclude(is_occupant_unsure=True)
    there = elsewhere.select_related("chassis").first()
    if there is not None:
        raise NotPossible(f"{module} stands in {place_of(there)} now.")
