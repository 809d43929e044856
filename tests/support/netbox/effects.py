"""What NetBox writes besides what was asked: components of a type, children of a chassis, ends of a deletion."""

from typing import TYPE_CHECKING

from tests.support.netbox.catalogue import DEVICE, DEVICE_BAY, INTERFACE, KINDS, MAC_ADDRESS
from tests.support.netbox.catalogue_extras import JOURNAL_ENTRY
from tests.support.netbox.kinds import FieldType, Json, Kind
from tests.support.netbox.refusals import RefusalError
from tests.support.netbox.store import Store

if TYPE_CHECKING:
    from tests.support.netbox.writes import Writer

_OWNED = {  # these go with the object their field names
    ("dcim/device-bays", "device"),
    ("dcim/interfaces", "device"),
    ("dcim/device-bay-templates", "device_type"),
    ("dcim/interface-templates", "device_type"),
}
_LET_GO = {("dcim/device-bays", "installed_device"), ("dcim/interfaces", "primary_mac_address")}


def placed_by_rack(store: Store, row: Json) -> Json:
    """Return the device with the location of its rack, where the rack has one."""
    rack = store.row("dcim/racks", row["rack"]) if row["rack"] else None
    return row | {"location": rack["location"]} if rack and rack["location"] else row


def make_components(writer: "Writer", device: Json) -> None:
    """Give a new device the bays and interfaces of its type; each is logged, none is in the answer."""
    pairs = (("dcim/interface-templates", INTERFACE), ("dcim/device-bay-templates", DEVICE_BAY))
    for templates, kind in pairs:
        for template in writer.store.rows(templates, device_type=device["device_type"]):
            made = {name: field.default for name, field in kind.fields.items()}
            same = {"name", "label", "type", "enabled", "mgmt_only"} & set(kind.fields)
            made |= {name: template[name] for name in same}
            made |= {"device": device["id"], "tags": [], "custom_fields": {}}
            writer.keep_new(kind, made | {"id": writer.store.next_id(kind.path)})


def resave_children(writer: "Writer", chassis: Json) -> None:
    """Save every installed device with the chassis's site, rack and location, changed or not."""
    place = {name: chassis[name] for name in ("site", "rack", "location")}
    for bay in writer.store.rows("dcim/device-bays", device=chassis["id"]):
        if bay["installed_device"] is not None:
            child = writer.store.must("dcim/devices", bay["installed_device"])
            writer.save(DEVICE, child | place, child, is_blind=True)


def release(writer: "Writer", kind: Kind, row: Json) -> None:
    """Delete or empty what points to `row`; raises RefusalError (409) where that protects it."""
    holders = [
        (other, name, held)
        for other in KINDS.values()
        for name, field in other.fields.items()
        if field.type is FieldType.REFERENCE and field.target == kind.path
        for held in writer.store.rows(other.path, **{name: row["id"]})
    ]
    guards = [held for other, name, held in holders if (other.path, name) not in _OWNED | _LET_GO]
    if guards:
        names = ", ".join(f"{held.get('name')} ({held['id']})" for held in guards)
        detail = f"Unable to delete object. {len(guards)} dependent objects were found: {names}"
        raise RefusalError(409, {"detail": detail})
    for other, name, held in holders:
        if (other.path, name) in _LET_GO:
            now = writer.store.must(other.path, held["id"])
            writer.save(other, now | {name: None}, now)
    for other, name, held in holders:
        if (other.path, name) in _OWNED and writer.store.row(other.path, held["id"]):
            writer.drop(other, held)
    for attached in (MAC_ADDRESS, JOURNAL_ENTRY):
        named = {"assigned_object_type": kind.content_type, "assigned_object_id": row["id"]}
        for one in writer.store.rows(attached.path, **named):
            writer.drop(attached, one)
