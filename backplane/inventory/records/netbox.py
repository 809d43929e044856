"""What NetBox says, cut down to what the plan looks at. Pure; the ids and words are NetBox's own.

`last_updated` is kept as the text NetBox sent: the guard of a write is made from it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """Kinds of objects: of NetBox by their endpoint, or of our own database."""

    TAG = "extras/tags"
    CUSTOM_FIELD = "extras/custom-fields"
    SITE = "dcim/sites"
    LOCATION = "dcim/locations"
    RACK = "dcim/racks"
    MANUFACTURER = "dcim/manufacturers"
    ROLE = "dcim/device-roles"
    DEVICE_TYPE = "dcim/device-types"
    BAY_TEMPLATE = "dcim/device-bay-templates"
    INTERFACE_TEMPLATE = "dcim/interface-templates"
    DEVICE = "dcim/devices"
    BAY = "dcim/device-bays"
    INTERFACE = "dcim/interfaces"
    MAC = "dcim/mac-addresses"
    JOURNAL = "extras/journal-entries"
    LOCAL_MODULE = "slots.module"
    LOCAL_SLOT = "slots.slot"

    @property
    def is_local(self) -> bool:
        return self in {Kind.LOCAL_MODULE, Kind.LOCAL_SLOT}


@dataclass(frozen=True, slots=True)
class NbObject:
    id: int
    last_updated: str = ""


@dataclass(frozen=True, slots=True)
class NbNamed(NbObject):
    name: str = ""
    slug: str = ""


@dataclass(frozen=True, slots=True)
class NbTag(NbNamed):
    pass


@dataclass(frozen=True, slots=True)
class NbSite(NbNamed):
    pass


@dataclass(frozen=True, slots=True)
class NbManufacturer(NbNamed):
    pass


@dataclass(frozen=True, slots=True)
class NbRole(NbNamed):
    pass


@dataclass(frozen=True, slots=True)
class NbLocation(NbNamed):
    site_id: int = 0


@dataclass(frozen=True, slots=True)
class NbRack(NbObject):
    name: str = ""
    site_id: int = 0
    location_id: int | None = None


@dataclass(frozen=True, slots=True)
class NbCustomField(NbObject):
    name: str = ""
    type: str = "text"
    object_types: tuple[str, ...] = ()
    is_unique: bool = False


@dataclass(frozen=True, slots=True)
class NbDeviceType(NbObject):
    """`subdevice_role`: "parent", "child" or ""."""

    model: str = ""
    slug: str = ""
    manufacturer_id: int = 0
    subdevice_role: str = ""


@dataclass(frozen=True, slots=True)
class NbTemplate(NbObject):
    """A bay or an interface that each new device of a type gets."""

    name: str = ""
    device_type_id: int = 0


@dataclass(frozen=True, slots=True)
class NbDevice(NbObject):
    """`name` may be "" (NetBox's null). `bay_id` is parent_device.device_bay.id, where the answer carries it."""

    name: str = ""
    serial: str = ""
    asset_tag: str = ""
    status: str = ""
    device_type_id: int = 0
    role_id: int = 0
    role: str = ""  # its name
    tenant_id: int | None = None
    tenant: str = ""  # its name
    site_id: int = 0
    location_id: int | None = None
    rack_id: int | None = None
    position: float | None = None
    face: str = ""
    tags: frozenset[str] = frozenset()  # slugs
    bp_uid: str = ""
    bp_slot: str = ""
    bay_id: int | None = None


@dataclass(frozen=True, slots=True)
class NbBay(NbObject):
    name: str = ""
    device_id: int = 0
    installed_device_id: int | None = None
    is_enabled: bool = True


@dataclass(frozen=True, slots=True)
class NbInterface(NbObject):
    name: str = ""
    device_id: int = 0
    primary_mac_id: int | None = None


@dataclass(frozen=True, slots=True)
class NbMac(NbObject):
    """`interface_id` None with `is_assigned` True: it belongs to an interface of a virtual machine."""

    mac: str = ""  # any spelling
    interface_id: int | None = None
    is_assigned: bool = False
    tags: frozenset[str] = frozenset()  # slugs


@dataclass(frozen=True, slots=True)
class NbSnapshot:
    """What was read, when, from which version.

    `is_whole` False: the few objects that one swap is about. What is missing in it may exist, so no bootstrap
    is planned from it and references go by natural key.
    """

    taken_at: datetime
    version: str = ""
    is_whole: bool = True
    tags: tuple[NbTag, ...] = ()
    custom_fields: tuple[NbCustomField, ...] = ()
    sites: tuple[NbSite, ...] = ()
    locations: tuple[NbLocation, ...] = ()
    racks: tuple[NbRack, ...] = ()
    manufacturers: tuple[NbManufacturer, ...] = ()
    roles: tuple[NbRole, ...] = ()
    device_types: tuple[NbDeviceType, ...] = ()
    bay_templates: tuple[NbTemplate, ...] = ()
    interface_templates: tuple[NbTemplate, ...] = ()
    devices: tuple[NbDevice, ...] = ()
    bays: tuple[NbBay, ...] = ()
    interfaces: tuple[NbInterface, ...] = ()
    macs: tuple[NbMac, ...] = ()
