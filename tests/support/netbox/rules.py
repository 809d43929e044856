"""What NetBox refuses beyond single fields: taken names and tags, bays, racks, child types, MACs. Writes nothing."""

import re
from collections.abc import Callable
from typing import Any

from tests.support.netbox.catalogue import BY_CONTENT_TYPE
from tests.support.netbox.kinds import Json, Kind
from tests.support.netbox.refusals import duplicate_key, invalid, invalid_object
from tests.support.netbox.store import Store

_MAC = re.compile(r"[0-9a-fA-F]{12}")
_TOGETHER: dict[str, tuple[tuple[str, ...], ...]] = {
    "dcim/locations": (("site", "parent", "name"), ("site", "parent", "slug")),
    "dcim/racks": (("location", "name"),),
    "dcim/device-types": (("manufacturer", "model"), ("manufacturer", "slug")),
    "dcim/device-bay-templates": (("device_type", "name"),),
    "dcim/interface-templates": (("device_type", "name"),),
    "dcim/device-bays": (("device", "name"),),
    "dcim/interfaces": (("device", "name"),),
}


def check(
    store: Store, kind: Kind, row: Json, before: Json | None, is_unseen: Callable[[str, Json], bool]
) -> None:
    """Raise RefusalError unless `row` may stand.

    `is_unseen` says of a row that holds a wanted value whether validation could not know of it: then the database's
    own constraint answers, with 500 instead of 400.
    """
    _check_unique(store, kind, row, before, is_unseen)
    _check_custom(store, kind, row)
    rule = _RULES.get(kind.path)
    if rule is not None:
        rule(store, row, before)


def _check_unique(
    store: Store, kind: Kind, row: Json, before: Json | None, is_unseen: Callable[[str, Json], bool]
) -> None:
    single = [(name,) for name, field in kind.fields.items() if field.is_unique]
    for names in [*single, *_TOGETHER.get(kind.path, ())]:
        values = [row[name] for name in names]
        if values[-1] in {None, ""} or (
            before and all(before[name] == row[name] for name in names)
        ):
            continue
        for other in store.rows(kind.path, **{name: row[name] for name in names}):
            if other["id"] != row["id"]:
                _refuse_taken(kind, names, values, is_unseen=is_unseen(kind.path, other))


def _refuse_taken(
    kind: Kind, names: tuple[str, ...], values: list[Any], *, is_unseen: bool
) -> None:
    if is_unseen:
        constraint = f"{kind.content_type.replace('.', '_')}_{'_'.join(names)}_key"
        raise duplicate_key(constraint, ", ".join(names), values[-1])
    words = kind.path.partition("/")[2].replace("-", " ").removesuffix("s")
    if len(names) == 1:
        raise invalid(
            **{names[0]: f"{words} with this {names[0].replace('_', ' ')} already exists."}
        )
    named = " and ".join(name.replace("_", " ").capitalize() for name in names)
    raise invalid_object(f"{words.capitalize()} with this {named} already exists.")


def _check_custom(store: Store, kind: Kind, row: Json) -> None:
    if not kind.has_tags:
        return
    for field in store.rows("extras/custom-fields"):
        value = row["custom_fields"].get(field["name"])
        if field["type"] == "text" and not isinstance(value, str | None):
            raise invalid_object(
                f"Invalid value for custom field '{field['name']}': Value must be a string."
            )
        if (
            not field["unique"]
            or value in {None, ""}
            or kind.content_type not in field["object_types"]
        ):
            continue
        for other in store.rows(kind.path):
            if other["id"] != row["id"] and other["custom_fields"].get(field["name"]) == value:
                raise invalid_object(f"Custom field '{field['name']}' must have a unique value.")


def _device(store: Store, row: Json, before: Json | None) -> None:
    _check_name(store, row)
    rack = store.row("dcim/racks", row["rack"]) if row["rack"] else None
    place = store.row("dcim/locations", row["location"]) if row["location"] else None
    made = store.must("dcim/device-types", row["device_type"])
    if rack and rack["site"] != row["site"]:
        raise invalid(rack=f"Rack {rack['name']} does not belong to site {_site(store, row)}.")
    if place and place["site"] != row["site"]:
        raise invalid(
            location=f"Location {place['name']} does not belong to site {_site(store, row)}."
        )
    if rack and place and rack["location"] != place["id"]:
        raise invalid(rack=f"Rack {rack['name']} does not belong to location {place['name']}.")
    _check_position(row, made, is_racked=rack is not None)
    _check_units(store, row, made)


def _site(store: Store, row: Json) -> str:
    return str(store.must("dcim/sites", row["site"])["name"])


def _check_name(store: Store, row: Json) -> None:
    """A name is taken per site and tenant, whatever its case."""
    if not row["name"]:
        return
    for other in store.rows("dcim/devices", site=row["site"], tenant=row["tenant"]):
        if other["id"] != row["id"] and (other["name"] or "").lower() == row["name"].lower():
            raise invalid_object("Device name must be unique per site.")


def _check_position(row: Json, made: Json, *, is_racked: bool) -> None:
    is_child = made["subdevice_role"] == "child"
    if not is_racked and row["face"]:
        raise invalid(face="Cannot select a rack face without assigning a rack.")
    if not is_racked and row["position"]:
        raise invalid(position="Cannot select a rack position without assigning a rack.")
    if row["position"] and not row["face"]:
        raise invalid(face="Must specify rack face when defining rack position.")
    if row["position"] and made["u_height"] == 0:
        raise invalid(
            position=f"A 0U device type ({made['model']}) cannot be assigned to a rack position."
        )
    if is_child and row["face"]:
        raise invalid(
            face="Child device types cannot be assigned to a rack face. This is an attribute of the parent device."
        )


def _check_units(store: Store, row: Json, made: Json) -> None:
    """Refuse rack units that another device's own cover."""
    if not row["rack"] or not row["position"]:
        return
    wanted = _units(row, made)
    for other in store.rows("dcim/devices", rack=row["rack"]):
        its = store.must("dcim/device-types", other["device_type"])
        is_apart = other["face"] != row["face"] and not (
            made["is_full_depth"] or its["is_full_depth"]
        )
        if other["id"] == row["id"] or not other["position"] or is_apart:
            continue
        if wanted & _units(other, its):
            raise invalid(
                position=f"U{float(row['position'])} is already occupied or does not have sufficient space to "
                f"accommodate this device type: {made['model']} ({float(made['u_height'])}U)"
            )


def _units(row: Json, made: Json) -> set[int]:
    """Return the half units a device covers."""
    first = int(2 * row["position"])
    return set(range(first, first + int(2 * made["u_height"])))


def _device_type(store: Store, row: Json, before: Json | None) -> None:
    if row["subdevice_role"] == "child" and row["u_height"]:
        raise invalid(u_height="Child device types must be 0U.")


def _bay_template(store: Store, row: Json, before: Json | None) -> None:
    made = store.must("dcim/device-types", row["device_type"])
    if made["subdevice_role"] != "parent":
        raise invalid_object(
            f'Subdevice role of device type ({made["model"]}) must be set to "parent" to allow device bays.'
        )


def _bay(store: Store, row: Json, before: Json | None) -> None:
    """Refuses self-in-self, a disabled bay, and a device that sits elsewhere; nothing else, not even a full bay."""
    device = store.must("dcim/devices", row["device"])
    made = store.must("dcim/device-types", device["device_type"])
    if made["subdevice_role"] != "parent":
        raise invalid_object(f"This type of device ({made['model']}) does not support device bays.")
    child = row["installed_device"]
    if child is None:
        return
    if not row["enabled"] and (before is None or before["installed_device"] != child):
        raise invalid(installed_device="Cannot install a device in a disabled device bay.")
    if child == row["device"]:
        raise invalid_object("Cannot install a device into itself.")
    for other in store.rows("dcim/device-bays", installed_device=child):
        if other["id"] != row["id"]:
            where = f"{other['name']}" + (f" ({other['label']})" if other["label"] else "")
            raise invalid(
                installed_device=f"Cannot install the specified device; device is already installed in {where}."
            )


def _mac(store: Store, row: Json, before: Json | None) -> None:
    digits = re.sub(r"[:.\-]", "", row["mac_address"])
    if not _MAC.fullmatch(digits):
        raise invalid(mac_address=f"Invalid MAC address format: {row['mac_address']}")
    row["mac_address"] = ":".join(digits[at : at + 2] for at in range(0, 12, 2)).upper()
    _check_assigned(store, row)
    held = before and store.rows("dcim/interfaces", primary_mac_address=row["id"])
    if not held or before is None or before["assigned_object_id"] == row["assigned_object_id"]:
        return
    deed = "unassign" if row["assigned_object_id"] is None else "reassign"
    raise invalid_object(
        f"Cannot {deed} MAC Address while it is designated as the primary MAC for an object"
    )


def _check_assigned(store: Store, row: Json) -> None:
    if row["assigned_object_type"] is None:
        return
    target = BY_CONTENT_TYPE.get(row["assigned_object_type"])
    if target is None:
        raise invalid(assigned_object_type=f"Invalid content type: {row['assigned_object_type']}")
    if row["assigned_object_id"] is not None and not store.row(
        target.path, row["assigned_object_id"]
    ):
        raise invalid(
            assigned_object_id=f"Related object not found using the provided value: {row['assigned_object_id']}."
        )


def _interface(store: Store, row: Json, before: Json | None) -> None:
    mac = row["primary_mac_address"] and store.must(
        "dcim/mac-addresses", row["primary_mac_address"]
    )
    if mac and mac["assigned_object_id"] not in {None, row["id"]}:
        raise invalid(
            primary_mac_address=f"MAC address {mac['mac_address']} is assigned to a different interface ({store.must('dcim/interfaces', mac['assigned_object_id'])['name']})."
        )


def _custom_field(store: Store, row: Json, before: Json | None) -> None:
    if not re.fullmatch(r"[a-z0-9_]+", row["name"], re.IGNORECASE):
        raise invalid(name="Only alphanumeric characters and underscores are allowed.")
    for content_type in row["object_types"]:
        if content_type not in BY_CONTENT_TYPE:
            raise invalid(object_types=f"Invalid content type: {content_type}")


def _journal(store: Store, row: Json, before: Json | None) -> None:
    _check_assigned(store, row)


_RULES: dict[str, Callable[[Store, Json, Json | None], None]] = {
    "extras/custom-fields": _custom_field,
    "dcim/devices": _device,
    "dcim/device-types": _device_type,
    "dcim/device-bay-templates": _bay_template,
    "dcim/device-bays": _bay,
    "dcim/mac-addresses": _mac,
    "dcim/interfaces": _interface,
    "extras/journal-entries": _journal,
}
