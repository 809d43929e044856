"""Reads again the little of NetBox that somebody touched, or that one swap is about, into the mirror. Never writes.

Every answer is checked against what was asked: an unknown filter returns everything.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from backplane.inventory.identity import Identities, same_mac, serial_of
from backplane.inventory.mirror import Mirror
from backplane.inventory.netbox.client import Json, NetBox
from backplane.inventory.netbox.snapshot import (
    LISTS,
    read_by_ids,
    read_by_key,
    read_macs,
    read_parts,
)
from backplane.inventory.records import Kind, NbDevice, NbInterface, NbSnapshot, Seen, SeenModule

# What is gone takes the word of others with it: devices before their bays, addresses before their interfaces.
_ORDER: Final = (
    *(kind for kind in LISTS.values() if kind is not Kind.INTERFACE),
    Kind.INTERFACE,
)
_MARKS: Final = frozenset({Kind.TAG, Kind.CUSTOM_FIELD})  # renamed, they change on every device
_IDS_EACH: Final = 200
_Place = tuple[SeenModule, NbDevice | None, NbInterface | None]


def reread(
    netbox: NetBox, mirror: Mirror, touched: Mapping[Kind, Iterable[int]], interface: str
) -> bool:
    """Read these objects again; False: reading everything is cheaper or needed, and the mirror is dropped."""
    wanted = {kind: set(touched.get(kind, ())) for kind in LISTS.values()}
    if mirror.snapshot is None or _needs_all(mirror.snapshot, wanted):
        mirror.drop()
        return False
    for kind in _ORDER:
        name = interface if kind is Kind.INTERFACE else ""
        found = read_by_ids(netbox, kind, wanted[kind], name) if wanted[kind] else {}
        gone = wanted[kind] - found.keys()
        mirror.read(kind, found.values())
        mirror.forget(kind, gone)
        for other, ids in _pointing_at(mirror.snapshot, kind, gone).items():
            wanted[other] |= ids
    return True


def look_up(
    netbox: NetBox, mirror: Mirror, seen: Seen, subjects: Iterable[str], interface: str
) -> None:
    """Read what a swap of these modules (by uid) is about: by serial, by address, and the interface; three reads.

    The devices are those of the modules and their chassis. What the mirror has of bays is not read: a write
    carries its state, and a bay that somebody changed is refused.
    """
    here = set(subjects)
    sitting = _sitting(seen, here)
    known = {one.id for one in _devices(mirror)}
    _look_up_devices(netbox, mirror, seen, sitting, here)
    places = [
        (module, device, _interface_of(mirror, device, interface))
        for module, device in _with_devices(mirror, sitting)
    ]
    _look_up_macs(netbox, mirror, places)
    bare = {
        device.id for _, device, held in places if device and (device.id not in known or not held)
    }
    if bare:
        mirror.read(Kind.INTERFACE, read_parts(netbox, Kind.INTERFACE, bare, interface))


def _needs_all(snapshot: NbSnapshot, wanted: Mapping[Kind, set[int]]) -> bool:
    requests = sum(-(-len(ids) // _IDS_EACH) for ids in wanted.values())
    marks = {one.id for one in snapshot.tags} & wanted[Kind.TAG]
    fields = {one.id for one in snapshot.custom_fields} & wanted[Kind.CUSTOM_FIELD]
    return requests >= len(LISTS) or bool(marks or fields)


def _pointing_at(snapshot: NbSnapshot, kind: Kind, gone: set[int]) -> dict[Kind, set[int]]:
    """Return what points at objects that are gone; NetBox empties it, and not always says so."""
    if kind is Kind.DEVICE:
        return {Kind.BAY: {one.id for one in snapshot.bays if one.installed_device_id in gone}}
    if kind is Kind.MAC:
        held = {one.id for one in snapshot.interfaces if one.primary_mac_id in gone}
        return {Kind.INTERFACE: held}
    return {}


def _sitting(seen: Seen, subjects: set[str]) -> list[SeenModule]:
    rows = (bay.occupant for chassis in seen.chassis for bay in chassis.bays)
    return [one for one in rows if one is not None and one.uid in subjects]


def _look_up_devices(
    netbox: NetBox, mirror: Mirror, seen: Seen, sitting: list[SeenModule], subjects: set[str]
) -> None:
    if any(serial_of(one.serial) for one in sitting):
        _by_key(netbox, mirror, "serial", _serials(seen, subjects))
    tags = {one.asset_tag for one in sitting if one.asset_tag and not serial_of(one.serial)}
    if tags:
        _by_key(netbox, mirror, "asset_tag", tags)


def _serials(seen: Seen, subjects: set[str]) -> set[str]:
    """Return the serials of the modules and of the chassis they stand in; they cost no request more."""
    serials = {one.serial for one in seen.shelf if one.uid in subjects}
    for chassis in seen.chassis:
        inside = [one.module for one in chassis.bays if one.module]
        about = {one.serial for one in inside if one.uid in subjects}
        serials |= {*about, chassis.serial} if about else set()
    return {one for one in serials if serial_of(one)}


def _by_key(netbox: NetBox, mirror: Mirror, field: str, values: set[str]) -> None:
    found = read_by_key(netbox, Kind.DEVICE, field, values)
    ids = {int(one["id"]) for one in found}
    asked = {one.casefold() for one in values}
    before = {one.id for one in _devices(mirror) if getattr(one, field).casefold() in asked}
    mirror.read(Kind.DEVICE, found)
    moved = {bay for one in found for bay in _bays_in_doubt(mirror, one)}
    for kind, doubt in ((Kind.DEVICE, before - ids), (Kind.BAY, moved)):
        if doubt:  # somebody changed it since
            now = read_by_ids(netbox, kind, doubt)
            mirror.read(kind, now.values())
            mirror.forget(kind, doubt - now.keys())


def _bays_in_doubt(mirror: Mirror, said: Json) -> set[int]:
    """Return the bays of which a device and the mirror say different things."""
    inside = ((said.get("parent_device") or {}).get("device_bay") or {}).get("id")
    bays = mirror.snapshot.bays if mirror.snapshot else ()
    held = {one.id for one in bays if one.installed_device_id == int(said["id"])}
    return held ^ ({int(inside)} if inside is not None else set())


def _look_up_macs(netbox: NetBox, mirror: Mirror, places: Iterable[_Place]) -> None:
    macs = mirror.snapshot.macs if mirror.snapshot else ()
    held = {(one.interface_id, same_mac(one.mac)) for one in macs}
    wanted = set()
    for module, _, interface in places:
        mac = same_mac(module.macs[0]) if module.macs else ""
        if mac and (interface is None or (interface.id, mac) not in held):
            wanted.add(mac)
    if wanted:
        found = read_macs(netbox, wanted)
        gone = {one.id for one in macs if same_mac(one.mac) in wanted}
        mirror.forget(Kind.MAC, gone - {int(one["id"]) for one in found})
        mirror.read(Kind.MAC, found)


def _devices(mirror: Mirror) -> tuple[NbDevice, ...]:
    return mirror.snapshot.devices if mirror.snapshot else ()


def _with_devices(
    mirror: Mirror, modules: Iterable[SeenModule]
) -> Iterator[tuple[SeenModule, NbDevice | None]]:
    who = Identities(_devices(mirror))
    return ((one, who.find(one).device) for one in modules)


def _interface_of(mirror: Mirror, device: NbDevice | None, name: str) -> NbInterface | None:
    if mirror.snapshot is None or device is None:
        return None
    found = (one for one in mirror.snapshot.interfaces if one.device_id == device.id)
    return next((one for one in found if one.name == name), None)
