"""Reads what NetBox says: everything in fourteen lists, or the little that one swap is about. Never writes.

Each list is one request for each page of the server's. Answers are checked against what was asked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from backplane.inventory.identity import same_mac
from backplane.inventory.netbox.answers import record_of
from backplane.inventory.netbox.client import Json, NetBox, Query
from backplane.inventory.netbox.errors import NetBoxNonsense
from backplane.inventory.records import Kind, NbSnapshot
from backplane.inventory.records.netbox import NbObject

# Where each list of a snapshot comes from. Device types come with their templates in lists of their own.
LISTS: Final[Mapping[str, Kind]] = {
    "tags": Kind.TAG,
    "custom_fields": Kind.CUSTOM_FIELD,
    "sites": Kind.SITE,
    "locations": Kind.LOCATION,
    "racks": Kind.RACK,
    "manufacturers": Kind.MANUFACTURER,
    "roles": Kind.ROLE,
    "device_types": Kind.DEVICE_TYPE,
    "bay_templates": Kind.BAY_TEMPLATE,
    "interface_templates": Kind.INTERFACE_TEMPLATE,
    "devices": Kind.DEVICE,
    "bays": Kind.BAY,
    "interfaces": Kind.INTERFACE,
    "macs": Kind.MAC,
}
_NAMED_LIKE_OURS: Final = frozenset({Kind.INTERFACE, Kind.INTERFACE_TEMPLATE})
_ON_DEVICES: Final = frozenset({Kind.BAY, Kind.INTERFACE})  # where there is no device there is none
# Leaves out what is dear to make and not looked at.
_LEFT_OUT: Final[Mapping[Kind, Query]] = {Kind.DEVICE: (("exclude", "config_context"),)}


def take_snapshot(netbox: NetBox, interface: str, now: datetime) -> NbSnapshot:
    """Return everything. `interface` is the name of a module's wired one; others are not read. Raises NetBoxError."""
    lists: dict[str, tuple[NbObject, ...]] = {}
    for name, kind in LISTS.items():
        is_needless = kind in _ON_DEVICES and not lists["devices"]
        lists[name] = () if is_needless else _list(netbox, kind, interface)
    return replace(NbSnapshot(taken_at=now, version=netbox.version), **lists)  # type: ignore[arg-type]  # LISTS and _READERS pair them


def with_read(snapshot: NbSnapshot, kind: Kind, rows: Iterable[Json]) -> NbSnapshot:
    """Return the snapshot with these objects as they are now."""
    name = next(name for name, of in LISTS.items() if of is kind)
    known: dict[int, NbObject] = {one.id: one for one in getattr(snapshot, name)}
    known |= {int(row["id"]): record_of(kind, row) for row in rows}
    changes: dict[str, Any] = {name: tuple(known[one] for one in sorted(known))}
    return replace(snapshot, **changes)


def without(snapshot: NbSnapshot, kind: Kind, ids: Iterable[int]) -> NbSnapshot:
    """Return the snapshot without objects that are gone."""
    name = next(name for name, of in LISTS.items() if of is kind)
    gone = set(ids)
    changes: dict[str, Any] = {
        name: tuple(one for one in getattr(snapshot, name) if one.id not in gone)
    }
    return replace(snapshot, **changes)


def read_by_ids(netbox: NetBox, kind: Kind, ids: Iterable[int], name: str = "") -> dict[int, Json]:
    """Return objects by id, those called `name` if given; one that is gone is missing."""
    asked = sorted(set(ids))
    more: Query = (*_LEFT_OUT.get(kind, ()), *((("name", name),) if name else ()))
    rows = netbox.read_some(kind.value, "id", asked, more)
    found = {int(row["id"]): row for row in rows}
    if not set(found) <= set(asked) or (name and any(row["name"] != name for row in rows)):
        raise NetBoxNonsense(f"{kind} answered with objects nobody asked for")
    return found


def read_parts(netbox: NetBox, kind: Kind, devices: Iterable[int], name: str = "") -> list[Json]:
    """Return bays or interfaces of these devices, all of one `name` if given."""
    asked = sorted(set(devices))
    more: Query = (("name", name),) if name else ()
    rows = netbox.read_some(kind.value, "device_id", asked, more)
    if any(row["device"]["id"] not in asked or (name and row["name"] != name) for row in rows):
        raise NetBoxNonsense(f"{kind} answered with objects nobody asked for")
    return rows


def read_by_key(netbox: NetBox, kind: Kind, field: str, values: Iterable[str]) -> list[Json]:
    """Return objects whose `field` is one of `values`; case does not count, as NetBox has it."""
    asked = sorted({value for value in values if value})
    name = field.replace("custom_fields.", "cf_")
    rows = netbox.read_some(kind.value, name, asked, _LEFT_OUT.get(kind, ()))
    wanted = {value.casefold() for value in asked}
    outer, _, inner = field.partition(".")
    for row in rows:
        value = (row.get(outer) or {}).get(inner) if inner else row.get(outer)
        if str(value or "").casefold() not in wanted:
            raise NetBoxNonsense(f"{kind} answered with objects nobody asked for")
    return rows


def read_macs(netbox: NetBox, macs: Iterable[str]) -> list[Json]:
    """Return the objects of these addresses, in whatever spelling NetBox keeps them."""
    wanted = {same_mac(one) for one in macs}
    rows = netbox.read_some(Kind.MAC.value, "mac_address", sorted(wanted))
    if any(same_mac(str(row["mac_address"])) not in wanted for row in rows):
        raise NetBoxNonsense(f"{Kind.MAC} answered with objects nobody asked for")
    return rows


def _list(netbox: NetBox, kind: Kind, interface: str) -> tuple[NbObject, ...]:
    query: Query = _LEFT_OUT.get(kind, ())
    if kind in _NAMED_LIKE_OURS:
        query = (*query, ("name", interface))
    rows = netbox.read(kind.value, query)
    if kind in _NAMED_LIKE_OURS and any(
        row["name"].casefold() != interface.casefold() for row in rows
    ):
        raise NetBoxNonsense(f"{kind} answered with other names than {interface}")
    return tuple(record_of(kind, row) for row in rows)
