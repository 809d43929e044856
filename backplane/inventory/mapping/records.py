"""The mapping's tables with their defaults: a field here is a key in the file. Pure."""

import re
from dataclasses import dataclass, field, fields
from typing import Final

_NOT_SLUG: Final = re.compile(r"[^a-z0-9_]+")


def slug_of(name: str) -> str:
    """Return the slug a name has in NetBox: lower case, one dash for anything else."""
    return _NOT_SLUG.sub("-", name.strip().lower()).strip("-")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chassis is unless its own table says otherwise; names or slugs. `spares`: the location of the shelf."""

    site: str = ""
    location: str = ""
    rack: str = ""
    spares: str = "Spares shelf"


@dataclass(frozen=True, slots=True)
class Roles:
    chassis: str = "Backplane"
    module: str = "Compute node"


@dataclass(frozen=True, slots=True)
class Types:
    """Device types by manufacturer and model; {slots} is how many a chassis has.

    `modules` renames models; one that is not in it keeps its name.
    """

    chassis_manufacturer: str = "Backplane"
    chassis: str = "Backplane {slots}"
    chassis_height_u: int = 3
    manufacturer: str = "Raspberry Pi"
    default: str = "Raspberry Pi"
    modules: tuple[tuple[str, str], ...] = ()

    def model_of(self, model: str) -> str:
        """Return the device type's model of a module that calls itself `model`; "" is not known."""
        known = {ours.casefold(): theirs for ours, theirs in self.modules}
        return known.get(model.strip().casefold(), model.strip()) or self.default


@dataclass(frozen=True, slots=True)
class Names:
    """Patterns. A module's must not hold its slot: it would lie after the next swap."""

    bay: str = "slot{number:02}"
    label: str = "{number}"
    chassis: str = "{name}"
    module: str = "{name}"
    interface: str = "eth0"

    def bay_of(self, number: int) -> str:
        return self.bay.format(number=number)

    def label_of(self, number: int) -> str:
        return self.label.format(number=number)


@dataclass(frozen=True, slots=True)
class Statuses:
    """NetBox's word for each state of a module. A status that is not among them is a person's and stays."""

    running: str = "active"
    off: str = "offline"
    booting: str = "staged"
    fault: str = "failed"
    planned: str = "planned"
    pulled: str = "inventory"

    @property
    def seated(self) -> frozenset[str]:
        """What a module that stands in a bay may have."""
        return frozenset({self.running, self.off, self.booting, self.fault})

    @property
    def all(self) -> frozenset[str]:
        return frozenset(getattr(self, one.name) for one in fields(self))


@dataclass(frozen=True, slots=True)
class ChassisMapping:
    """What one chassis has otherwise; "" and None: as everywhere. `netbox_id` names a device that is there already."""

    site: str = ""
    location: str = ""
    rack: str = ""
    position: int | None = None
    face: str = "front"
    role: str = ""
    type: str = ""
    netbox_id: int | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    tag: str = "backplane-sync"
    place: Place = field(default_factory=Place)
    roles: Roles = field(default_factory=Roles)
    types: Types = field(default_factory=Types)
    names: Names = field(default_factory=Names)
    statuses: Statuses = field(default_factory=Statuses)
    chassis: tuple[tuple[str, ChassisMapping], ...] = ()

    def of(self, slug: str) -> ChassisMapping:
        """Return what holds for one chassis, the common place filled in."""
        own = dict(self.chassis).get(slug, ChassisMapping())
        return ChassisMapping(
            site=own.site or self.place.site,
            location=own.location or self.place.location,
            rack=own.rack or self.place.rack,
            position=own.position,
            face=own.face,
            role=own.role or self.roles.chassis,
            type=own.type or self.types.chassis,
            netbox_id=own.netbox_id,
        )
