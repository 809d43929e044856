"""pynetbox as most scripts use it: get, then create or update, an object at a time. The peer of netbox_requests."""

from typing import Any

import pynetbox

from backplane.inventory.records import Seen, SeenBay, SeenChassis
from tests.support.netbox import NetBoxDouble

_DEVICES = ["dcim.device"]


def sync_naively(double: NetBoxDouble, seen: Seen) -> None:
    """Bring the NetBox to what is seen; a second run finds all of it there."""
    api = pynetbox.api(double.url, token=double.token)
    try:
        base = _base(api)
        for chassis in seen.chassis:
            _sync_chassis(api, base, chassis)
    finally:
        api.http_session.close()


def _ensure(endpoint: Any, key: dict[str, Any], **values: Any) -> Any:  # noqa: ANN401  # pynetbox has no types
    """Return the object of this key, created or brought to `values`."""
    found = endpoint.get(**key)
    if found is None:
        return endpoint.create(**key, **values)
    found.update({name: value for name, value in values.items() if _plain(found, name) != value})
    return found


def _plain(record: Any, name: str) -> Any:  # noqa: ANN401  # pynetbox has no types
    value = getattr(record, name, None)
    if isinstance(value, list):
        return [one.id if hasattr(one, "id") else one for one in value]
    for inner in ("id", "value"):  # in this order: a Record fetches itself for a name it has not
        if inner in getattr(value, "__dict__", {}):
            return getattr(value, inner)
    return value


def _base(api: Any) -> dict[str, int]:  # noqa: ANN401  # pynetbox has no types
    """Return the ids of what every chassis shares."""
    dcim, extras = api.dcim, api.extras
    site = _ensure(dcim.sites, {"slug": "home"}, name="Home")
    maker = _ensure(dcim.manufacturers, {"slug": "backplane"}, name="Backplane")
    pi_maker = _ensure(dcim.manufacturers, {"slug": "raspberry-pi"}, name="Raspberry Pi")
    chassis_role = _ensure(dcim.device_roles, {"slug": "chassis"}, name="Chassis")
    pi_role = _ensure(dcim.device_roles, {"slug": "node"}, name="Node")
    chassis_type = _ensure(
        dcim.device_types,
        {"slug": "backplane-10"},
        model="Backplane 10",
        manufacturer=maker.id,
        subdevice_role="parent",
    )
    pi_type = _ensure(
        dcim.device_types,
        {"slug": "pi-5"},
        model="Pi 5",
        manufacturer=pi_maker.id,
        subdevice_role="child",
        u_height=0,
    )
    for number in range(1, 11):
        key = {"device_type_id": chassis_type.id, "name": f"slot{number:02}"}
        if dcim.device_bay_templates.get(**key) is None:
            dcim.device_bay_templates.create(device_type=chassis_type.id, name=key["name"])
    if dcim.interface_templates.get(device_type_id=pi_type.id, name="eth0") is None:
        dcim.interface_templates.create(device_type=pi_type.id, name="eth0", type="1000base-t")
    tag = _ensure(extras.tags, {"slug": "backplane-sync"}, name="backplane-sync")
    for name in ("bp_slot", "bp_uid"):
        if extras.custom_fields.get(name=name) is None:
            extras.custom_fields.create(name=name, type="text", object_types=_DEVICES)
    return {
        "site": site.id,
        "tag": tag.id,
        "chassis_type": chassis_type.id,
        "pi_type": pi_type.id,
        "chassis_role": chassis_role.id,
        "pi_role": pi_role.id,
    }


def _sync_chassis(api: Any, base: dict[str, int], chassis: SeenChassis) -> None:  # noqa: ANN401  # pynetbox has no types
    dcim = api.dcim
    rack = _ensure(dcim.racks, {"name": f"R-{chassis.slug}"}, site=base["site"])
    parent = _ensure(
        dcim.devices,
        {"asset_tag": chassis.uid},
        name=chassis.name,
        device_type=base["chassis_type"],
        role=base["chassis_role"],
        site=base["site"],
        rack=rack.id,
    )
    for bay in chassis.bays:
        if bay.module is not None:
            _sync_bay(api, base, (parent.id, rack.id), bay)


def _sync_bay(api: Any, base: dict[str, int], place: tuple[int, int], seen: SeenBay) -> None:  # noqa: ANN401  # pynetbox has no types
    """Four objects: the Pi, its bay, its MAC, its interface."""
    dcim, module = api.dcim, seen.module
    assert module is not None
    child = _ensure(
        dcim.devices,
        {"asset_tag": module.uid},
        name=module.name,
        serial=module.serial,
        device_type=base["pi_type"],
        role=base["pi_role"],
        site=base["site"],
        rack=place[1],
        tags=[base["tag"]],
        custom_fields={"bp_slot": str(seen.number), "bp_uid": module.uid},
    )
    bay = dcim.device_bays.get(device_id=place[0], name=f"slot{seen.number:02}")
    bay.update(
        {} if _plain(bay, "installed_device") == child.id else {"installed_device": child.id}
    )
    interface = dcim.interfaces.get(device_id=child.id, name="eth0")
    mac = _ensure(
        dcim.mac_addresses,
        {"mac_address": module.macs[0].upper()},
        assigned_object_type="dcim.interface",
        assigned_object_id=interface.id,
    )
    is_primary = _plain(interface, "primary_mac_address") == mac.id
    interface.update({} if is_primary else {"primary_mac_address": mac.id})
