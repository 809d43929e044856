"""Says of one slot whether NetBox has it as it is seen. Pure; agreement is found there, never taken from silence."""

from enum import StrEnum

from backplane.inventory.mapping import Mapping
from backplane.inventory.plan.index import Index
from backplane.inventory.records import NbDevice, NbSnapshot, Seen, SeenBay, SeenChassis


class Standing(StrEnum):
    AGREES = "agrees"
    DIFFERS = "differs"
    NOT_HEARD = "not-heard"  # the board does not answer, or nothing is known of the slot
    NOT_KNOWN = "not-known"  # something may be in the slot, and nobody knows what


def standing_of(
    seen: Seen, snapshot: NbSnapshot, mapping: Mapping, slot: tuple[str, int]
) -> Standing:
    """Return how (slug, number) stands."""
    slug, number = slot
    chassis = next((one for one in seen.chassis if one.slug == slug), None)
    bays = chassis.bays if chassis else ()
    bay = next((one for one in bays if one.number == number), None)
    if chassis is None or bay is None or not chassis.is_known or not bay.is_known:
        return Standing.NOT_HEARD
    if bay.occupant is None and not bay.is_seen_empty:
        return Standing.NOT_KNOWN
    index = Index(snapshot)
    parent = _chassis_device(index, mapping, chassis)
    found = index.bay(parent.id, mapping.names.bay_of(number)) if parent else None
    if found is None:
        return Standing.DIFFERS
    is_same = found.installed_device_id == _occupant_id(index, bay)
    return Standing.AGREES if is_same else Standing.DIFFERS


def _chassis_device(index: Index, mapping: Mapping, chassis: SeenChassis) -> NbDevice | None:
    wanted = mapping.of(chassis.slug).netbox_id
    if wanted is not None:
        return index.devices.get(wanted)
    return index.identities.find(chassis).device


def _occupant_id(index: Index, bay: SeenBay) -> int | None:
    """Return the id of who is seen in a bay; None for nobody, 0 for somebody NetBox does not have."""
    if bay.occupant is None:
        return None
    device = index.identities.find(bay.occupant).device
    return device.id if device else 0
