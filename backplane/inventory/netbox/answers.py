"""Reads NetBox's JSON into the records a plan looks at, and one field of it into a value to compare. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from backplane.inventory.netbox.errors import NetBoxNonsense
from backplane.inventory.records import (
    Kind,
    NbBay,
    NbCustomField,
    NbDevice,
    NbDeviceType,
    NbInterface,
    NbLocation,
    NbMac,
    NbManufacturer,
    NbRack,
    NbRole,
    NbSite,
    NbTag,
    NbTemplate,
)
from backplane.inventory.records.netbox import NbNamed, NbObject

Json = Mapping[str, Any]
_Named = TypeVar("_Named", bound=NbNamed)
_INTERFACE: Final = "dcim.interface"


def record_of(kind: Kind, said: Json) -> NbObject:
    """Return the record of one object. Raises NetBoxNonsense where a field that is always there is missing."""
    try:
        return _READERS[kind](said)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NetBoxNonsense(f"an object of {kind} lacks {error}") from error


def shown(said: Json, field: str) -> Any:  # noqa: ANN401  (texts, numbers, lists)
    """Return a field as a plan says it: a choice as its value, an object as its id, null as None, "" as None."""
    outer, _, inner = field.partition(".")
    value = said.get(outer)
    if inner:
        value = (value or {}).get(inner)
    if isinstance(value, Mapping):
        value = value["value"] if "value" in value else value.get("id")
    if isinstance(value, list):
        value = sorted(str(one["slug"]) if isinstance(one, Mapping) else str(one) for one in value)
    return None if value == "" else value


def ids_of(said: Iterable[Json]) -> set[int]:
    return {int(one["id"]) for one in said}


def _id(said: Json, name: str) -> int | None:
    value = said[name]
    return None if value is None else int(value["id"])


def _must(said: Json, name: str) -> int:
    return int(said[name]["id"])


def _choice(said: Json, name: str) -> str:
    value = said[name]
    return "" if value is None else str(value["value"])


def _basis(said: Json) -> tuple[int, str]:
    return int(said["id"]), str(said.get("last_updated") or "")


def _named(cls: type[_Named]) -> Callable[[Json], _Named]:
    return lambda said: cls(*_basis(said), name=said["name"], slug=said["slug"])


def _location(said: Json) -> NbLocation:
    name, slug = said["name"], said["slug"]
    return NbLocation(*_basis(said), name=name, slug=slug, site_id=_must(said, "site"))


def _rack(said: Json) -> NbRack:
    site, location = _must(said, "site"), _id(said, "location")
    return NbRack(*_basis(said), name=said["name"], site_id=site, location_id=location)


def _custom_field(said: Json) -> NbCustomField:
    return NbCustomField(
        *_basis(said),
        name=said["name"],
        type=_choice(said, "type"),
        object_types=tuple(said["object_types"]),
        is_unique=bool(said["unique"]),
    )


def _device_type(said: Json) -> NbDeviceType:
    return NbDeviceType(
        *_basis(said),
        model=said["model"],
        slug=said["slug"],
        manufacturer_id=_must(said, "manufacturer"),
        subdevice_role=_choice(said, "subdevice_role"),
    )


def _template(said: Json) -> NbTemplate:
    device_type = _id(said, "device_type") or 0  # a module type's template has none
    return NbTemplate(*_basis(said), name=said["name"], device_type_id=device_type)


def _device(said: Json) -> NbDevice:
    own: Json = said.get("custom_fields") or {}
    parent = said.get("parent_device") or {}
    bay = parent.get("device_bay") or {}
    tenant = said["tenant"] or {}
    return NbDevice(
        *_basis(said),
        name=said["name"] or "",
        serial=said["serial"] or "",
        asset_tag=said["asset_tag"] or "",
        status=_choice(said, "status"),
        device_type_id=_must(said, "device_type"),
        role_id=_must(said, "role"),
        role=said["role"]["name"],
        tenant_id=tenant.get("id"),
        tenant=tenant.get("name", ""),
        site_id=_must(said, "site"),
        location_id=_id(said, "location"),
        rack_id=_id(said, "rack"),
        position=said["position"],
        face=_choice(said, "face"),
        tags=frozenset(tag["slug"] for tag in said["tags"]),
        bp_uid=str(own.get("bp_uid") or ""),
        bp_slot=str(own.get("bp_slot") or ""),
        bay_id=bay.get("id"),
    )


def _bay(said: Json) -> NbBay:
    return NbBay(
        *_basis(said),
        name=said["name"],
        device_id=_must(said, "device"),
        installed_device_id=_id(said, "installed_device"),
        is_enabled=bool(said.get("enabled", True)),
    )


def _interface(said: Json) -> NbInterface:
    return NbInterface(
        *_basis(said),
        name=said["name"],
        device_id=_must(said, "device"),
        primary_mac_id=_id(said, "primary_mac_address"),
    )


def _mac(said: Json) -> NbMac:
    kind, where = said["assigned_object_type"], said["assigned_object_id"]
    return NbMac(
        *_basis(said),
        mac=said["mac_address"],
        interface_id=int(where) if kind == _INTERFACE and where is not None else None,
        is_assigned=where is not None,
        tags=frozenset(tag["slug"] for tag in said.get("tags", ())),
    )


_READERS: Final[dict[Kind, Callable[[Json], NbObject]]] = {
    Kind.TAG: _named(NbTag),
    Kind.CUSTOM_FIELD: _custom_field,
    Kind.SITE: _named(NbSite),
    Kind.LOCATION: _location,
    Kind.RACK: _rack,
    Kind.MANUFACTURER: _named(NbManufacturer),
    Kind.ROLE: _named(NbRole),
    Kind.DEVICE_TYPE: _device_type,
    Kind.BAY_TEMPLATE: _template,
    Kind.INTERFACE_TEMPLATE: _template,
    Kind.DEVICE: _device,
    Kind.BAY: _bay,
    Kind.INTERFACE: _interface,
    Kind.MAC: _mac,
}

RECORDS: Final[Mapping[Kind, type[NbObject]]] = {
    Kind.TAG: NbTag,
    Kind.CUSTOM_FIELD: NbCustomField,
    Kind.SITE: NbSite,
    Kind.LOCATION: NbLocation,
    Kind.RACK: NbRack,
    Kind.MANUFACTURER: NbManufacturer,
    Kind.ROLE: NbRole,
    Kind.DEVICE_TYPE: NbDeviceType,
    Kind.BAY_TEMPLATE: NbTemplate,
    Kind.INTERFACE_TEMPLATE: NbTemplate,
    Kind.DEVICE: NbDevice,
    Kind.BAY: NbBay,
    Kind.INTERFACE: NbInterface,
    Kind.MAC: NbMac,
}
