"""Finds what a refused creation ran into: the object that has its natural key already. Only reads."""

from collections.abc import Iterable, Mapping
from typing import Final

from backplane.inventory.fields import BP_SLOT
from backplane.inventory.netbox.answers import shown
from backplane.inventory.netbox.client import Json, NetBox
from backplane.inventory.netbox.snapshot import read_by_key, read_parts
from backplane.inventory.records import Kind, PlanRow, Ref
from backplane.inventory.writing.ids import Ids, is_match

_KEYS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.TAG: ("slug",),
    Kind.CUSTOM_FIELD: ("name",),
    Kind.SITE: ("slug",),
    Kind.LOCATION: ("slug", "site"),
    Kind.RACK: ("name", "site"),
    Kind.MANUFACTURER: ("slug",),
    Kind.ROLE: ("slug",),
    Kind.DEVICE_TYPE: ("slug", "manufacturer"),
    Kind.BAY_TEMPLATE: ("name", "device_type"),
    Kind.INTERFACE_TEMPLATE: ("name", "device_type"),
    Kind.DEVICE: ("custom_fields.bp_uid",),
    Kind.BAY: ("name", "device"),
    Kind.INTERFACE: ("name", "device"),
}


def find_twins(netbox: NetBox, rows: Iterable[PlanRow], ids: Ids) -> dict[str, Json]:
    """Return, by row key, the object that is what the row would have made; read anew, one request or few."""
    asked = list(rows)
    kind = asked[0].kind
    fields = _KEYS.get(kind, ())
    if not fields:
        return {}
    found = _read(netbox, kind, fields, asked, ids)
    return {row.key: said for row in asked for said in found if is_match(row, said, fields, ids)}


def is_of_another_slot(row: PlanRow, said: Json) -> bool:
    """Say whether a device with our uid was made for another slot than the row's: another installation has it."""
    there, here = shown(said, BP_SLOT), _value(row, BP_SLOT)
    return row.kind is Kind.DEVICE and bool(there and here) and there != here


def find_mac(row: PlanRow, ids: Ids) -> Json | None:
    """Return the address that an interface just read has already: NetBox would take it twice without a word."""
    where, wanted = _value(row, "assigned_object_id"), str(_value(row, "mac_address"))
    if row.kind is not Kind.MAC or not isinstance(where, Ref) or where.parent is None:
        return None
    part = ids.part(where.kind, where.parent, where.name) or {}
    same = (one for one in part.get("mac_addresses") or () if _is_same(one, wanted))
    return next(same, None)


def is_anothers_work(row: PlanRow, ids: Ids) -> bool:
    """Say whether an address belongs to a device that another has just made, and will give its address."""
    where = _value(row, "assigned_object_id")
    if row.kind is not Kind.MAC or not isinstance(where, Ref) or where.parent is None:
        return False
    return where.parent.key in ids.met


def _is_same(said: Json, wanted: str) -> bool:
    return str(said.get("mac_address", "")).casefold() == wanted.casefold()


def _read(
    netbox: NetBox, kind: Kind, fields: tuple[str, ...], rows: list[PlanRow], ids: Ids
) -> list[Json]:
    if "device" in fields:
        parents = (_value(row, "device") for row in rows)
        devices = {ids.resolve(ref) for ref in parents if isinstance(ref, Ref)}
        return read_parts(netbox, kind, (one for one in devices if isinstance(one, int)))
    values = [str(_value(row, fields[0]) or "") for row in rows]
    return read_by_key(netbox, kind, fields[0], values)


def _value(row: PlanRow, field: str) -> object:
    return next((change.after for change in row.changes if change.field == field), None)


def told(said: Json) -> str:
    """Return what an object is called."""
    return str(said.get("display") or shown(said, "name") or said["id"])
