"""Looks things up in a snapshot: by id, by name, by who stands in what. Pure; answers do not depend on its order."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from backplane.inventory.identity import Identities, same_mac
from backplane.inventory.records import (
    NbBay,
    NbDevice,
    NbDeviceType,
    NbInterface,
    NbMac,
    NbSnapshot,
    NbTemplate,
)


class HasId(Protocol):
    @property
    def id(self) -> int: ...


_Object = TypeVar("_Object", bound=HasId)


def by_id(objects: Iterable[_Object]) -> dict[int, _Object]:
    """Return the objects by id, in the order of their ids."""
    return {one.id: one for one in sorted(objects, key=lambda one: one.id)}


class Index:
    """A snapshot, searchable."""

    def __init__(self, snapshot: NbSnapshot) -> None:
        self.snapshot = snapshot
        self.is_whole = snapshot.is_whole
        self.devices = by_id(snapshot.devices)
        self.types: dict[int, NbDeviceType] = by_id(snapshot.device_types)
        self.bays = by_id(snapshot.bays)
        self.interfaces = by_id(snapshot.interfaces)
        self.identities = Identities(snapshot.devices)
        self._bays = {(bay.device_id, bay.name.casefold()): bay for bay in self.bays.values()}
        self._holders = {
            bay.installed_device_id: bay
            for bay in self.bays.values()
            if bay.installed_device_id is not None
        }
        self._interfaces = {
            (one.device_id, one.name.casefold()): one for one in self.interfaces.values()
        }
        self._names = {
            (device.site_id, device.tenant_id, device.name.casefold()): device
            for device in self.devices.values()
            if device.name
        }

        self._macs: dict[str, list[NbMac]] = {}
        for mac in by_id(snapshot.macs).values():
            self._macs.setdefault(same_mac(mac.mac), []).append(mac)

    def bay(self, chassis_id: int, name: str) -> NbBay | None:
        return self._bays.get((chassis_id, name.casefold()))

    def holder_of(self, device: NbDevice) -> NbBay | None:
        """Return the bay NetBox has a device in, where that bay was read."""
        return self._holders.get(device.id) or self.bays.get(device.bay_id or 0)

    def is_in_unread_bay(self, device: NbDevice) -> bool:
        return device.bay_id is not None and device.bay_id not in self.bays

    def interface(self, device_id: int, name: str) -> NbInterface | None:
        return self._interfaces.get((device_id, name.casefold()))

    def named(self, site_id: int, tenant_id: int | None, name: str) -> NbDevice | None:
        """Return who has a name in a site: NetBox compares without regard to case, per site and tenant."""
        return self._names.get((site_id, tenant_id, name.casefold()))

    def macs(self, mac: str) -> list[NbMac]:
        """Return the objects of one address, oldest first."""
        return self._macs.get(same_mac(mac), [])

    def bay_names(self, type_id: int) -> frozenset[str]:
        """Return which bays a new device of a type gets, in small letters."""
        return _names_of(self.snapshot.bay_templates, type_id)

    def interface_names(self, type_id: int) -> frozenset[str]:
        return _names_of(self.snapshot.interface_templates, type_id)


def _names_of(templates: Iterable[NbTemplate], type_id: int) -> frozenset[str]:
    return frozenset(one.name.casefold() for one in templates if one.device_type_id == type_id)
