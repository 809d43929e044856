"""What every part of the plan looks at, and the small questions they share. Pure."""

from dataclasses import dataclass

from backplane.inventory.identity import installation_of
from backplane.inventory.mapping import Mapping, slug_of
from backplane.inventory.plan.catalog import Catalog
from backplane.inventory.plan.draft import Draft, Evidence
from backplane.inventory.plan.index import Index
from backplane.inventory.plan.types import Types
from backplane.inventory.records import (
    Kind,
    NbDevice,
    PlanOptions,
    Ref,
    Seen,
    SeenBay,
    SeenChassis,
)


@dataclass(frozen=True, slots=True)
class Scene:
    seen: Seen
    index: Index
    mapping: Mapping
    options: PlanOptions
    draft: Draft
    catalog: Catalog
    types: Types

    def owns(self, device: NbDevice) -> bool:
        """Tell whether we may change a device: it carries our tag."""
        return self.mapping.tag in device.tags

    def is_of_others(self, chassis: NbDevice) -> bool:
        """Tell whether a chassis carries the uid of another installation, which sees what is in it and we do not."""
        theirs = installation_of(chassis.bp_uid)
        ours = {installation_of(one.uid) for one in self.seen.chassis} - {""}
        return bool(theirs and ours) and theirs not in ours

    def slot_mark(self, chassis: SeenChassis, number: int) -> str:
        """Return what bp_slot says of a bay."""
        return f"{chassis.slug}/{self.mapping.names.bay_of(number)}"

    def site_ref(self, site_id: int) -> Ref:
        for site in self.index.snapshot.sites:
            if site.id == site_id:
                return Ref(Kind.SITE, f"site:{site.slug}", site.id, site.name)
        return Ref(Kind.SITE, f"site:#{site_id}", site_id, f"site {site_id}")

    def location_ref(self, location_id: int | None) -> Ref | None:
        if location_id is None:
            return None
        for one in self.index.snapshot.locations:
            if one.id == location_id:
                return Ref(Kind.LOCATION, f"location:#{one.id}", one.id, one.name)
        return Ref(Kind.LOCATION, f"location:#{location_id}", location_id, f"#{location_id}")

    def rack_ref(self, rack_id: int | None) -> Ref | None:
        if rack_id is None:
            return None
        for one in self.index.snapshot.racks:
            if one.id == rack_id:
                return Ref(Kind.RACK, f"rack:#{one.id}", one.id, one.name)
        return Ref(Kind.RACK, f"rack:#{rack_id}", rack_id, f"#{rack_id}")

    def rack_location(self, rack: Ref | None) -> Ref | None:
        """Return the location an existing rack stands in."""
        for one in self.index.snapshot.racks:
            if rack is not None and one.id == rack.id:
                return self.location_ref(one.location_id)
        return None

    @staticmethod
    def is_same_name(here: str, there: str) -> bool:
        return here.casefold() == there.casefold() or slug_of(here) == slug_of(there)


def device_ref(device: NbDevice, uid: str = "") -> Ref:
    """Return the reference of a device that is there; `uid` where it is one of ours."""
    key = f"device:{uid}" if uid else f"device:#{device.id}"
    return Ref(Kind.DEVICE, key, device.id, device.name or f"device {device.id}")


_THERE = {True: "a board is there", False: "empty", None: "cannot be sensed"}


def bay_evidence(chassis: SeenChassis, bay: SeenBay) -> Evidence:
    """Return what was seen of a bay, in words."""
    there = _THERE[bay.is_there]
    if bay.present is None and bay.said is not None:
        there = f"{there}, as people said of a slot without a contact"
    who = (
        f", {bay.module.name or bay.module.serial or bay.module.uid}"
        if bay.occupant and bay.module
        else ""
    )
    at = bay.seen_at or chassis.seen_at
    return Evidence(
        f"slot {bay.number} of {chassis.name or chassis.slug}: {there}{who}, {bay.state}", at
    )
