"""A NetBox of plain records: applies plans as the real one would, and refuses what it refuses.

Each write asserts what must hold of any plan: nothing without the tag is changed, guards are fresh.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any

from backplane.inventory.records import (
    Action,
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
    NbSnapshot,
    NbTag,
    NbTemplate,
    Phase,
    Plan,
    PlanRow,
    Ref,
)

TAG = "backplane-sync"
CLASSES: dict[Kind, tuple[str, type[Any]]] = {
    Kind.TAG: ("tags", NbTag),
    Kind.CUSTOM_FIELD: ("custom_fields", NbCustomField),
    Kind.SITE: ("sites", NbSite),
    Kind.LOCATION: ("locations", NbLocation),
    Kind.RACK: ("racks", NbRack),
    Kind.MANUFACTURER: ("manufacturers", NbManufacturer),
    Kind.ROLE: ("roles", NbRole),
    Kind.DEVICE_TYPE: ("device_types", NbDeviceType),
    Kind.BAY_TEMPLATE: ("bay_templates", NbTemplate),
    Kind.INTERFACE_TEMPLATE: ("interface_templates", NbTemplate),
    Kind.DEVICE: ("devices", NbDevice),
    Kind.BAY: ("bays", NbBay),
    Kind.INTERFACE: ("interfaces", NbInterface),
    Kind.MAC: ("macs", NbMac),
}
_LINKS = {
    "site": "site_id",
    "location": "location_id",
    "rack": "rack_id",
    "role": "role_id",
    "device_type": "device_type_id",
    "manufacturer": "manufacturer_id",
    "device": "device_id",
    "installed_device": "installed_device_id",
    "primary_mac_address": "primary_mac_id",
    "assigned_object_id": "interface_id",
    "mac_address": "mac",
    "unique": "is_unique",
    "custom_fields.bp_uid": "bp_uid",
    "custom_fields.bp_slot": "bp_slot",
}
_TEXTS = {"bp_uid", "bp_slot", "serial", "asset_tag", "name", "status"}


class RefusedError(Exception):
    """NetBox would answer 400 or 412."""


@dataclass
class NetboxModel:
    """`tables`: kind -> id -> record. `writes`: what was written, in order."""

    tables: dict[Kind, dict[int, Any]] = field(default_factory=dict)
    writes: list[PlanRow] = field(default_factory=list)
    made: dict[str, int] = field(default_factory=dict)
    touched: set[tuple[Kind, int]] = field(default_factory=set)
    clock: int = 0

    @classmethod
    def of(cls, snapshot: NbSnapshot) -> "NetboxModel":
        model = cls()
        for kind, (name, _) in CLASSES.items():
            model.tables[kind] = {one.id: one for one in getattr(snapshot, name)}
        model.clock = max((1000, *(one for table in model.tables.values() for one in table)))
        return model

    def snapshot(self, like: NbSnapshot) -> NbSnapshot:
        """Return what would be read now."""
        parts: dict[str, Any] = {
            name: tuple(self.tables[kind].values()) for kind, (name, _) in CLASSES.items()
        }
        return replace(like, **parts)

    def apply(self, plan: Plan) -> None:
        """Do the rows of each phase as one list: in NetBox's order, which is not ours."""
        self.made.clear()
        self.touched.clear()
        for phase in Phase:
            rows = [row for row in plan.rows if row.phase is phase and row.writes_netbox]
            for row in sorted(rows, key=self._server_order):
                self._apply(row)

    def _server_order(self, row: PlanRow) -> str:
        return row.label  # by device and name: anything but the order of the plan

    def _apply(self, row: PlanRow) -> None:
        self.writes.append(row)
        if row.kind is Kind.JOURNAL:
            self._id(next(one.after for one in row.changes if one.field == "assigned_object_id"))
            return
        values = self._values(row)
        if row.action is Action.CREATE:
            self._create(row, values)
        else:
            self._change(row, values)

    def _values(self, row: PlanRow) -> dict[str, Any]:
        known = {one.name for one in fields(CLASSES[row.kind][1])}
        values: dict[str, Any] = {}
        for change in row.changes:
            name = _LINKS.get(change.field, change.field)
            after: Any = change.after
            if isinstance(after, Ref):
                after = self._id(after)
            if name in _TEXTS and after is None:
                after = ""
            if name == "tags":
                after = frozenset(after)
            if name in known:
                values[name] = after
        return values

    def _id(self, ref: object) -> int:
        assert isinstance(ref, Ref)
        if ref.id is not None:
            return ref.id
        if ref.key in self.made:
            return self.made[ref.key]
        if ref.parent is None:
            raise RefusedError(f"nothing is {ref.key}")
        return self._part(ref.kind, self._id(ref.parent), ref.name)

    def _part(self, kind: Kind, device_id: int, name: str) -> int:
        for one in self.tables[kind].values():
            if one.device_id == device_id and one.name == name:
                return int(one.id)
        raise RefusedError(f"no {kind} {name} on {device_id}")

    def _tick(self) -> tuple[int, str]:
        self.clock += 1
        return self.clock, f"t{self.clock}"

    def _create(self, row: PlanRow, values: dict[str, Any]) -> None:
        number, at = self._tick()
        record = CLASSES[row.kind][1](id=number, last_updated=at, **values)
        if row.kind is Kind.DEVICE:
            self._check_new(record)
            record = replace(record, role=self.tables[Kind.ROLE][record.role_id].name)
        self.tables[row.kind][number] = record
        self.made[row.key] = number
        self.touched.add((row.kind, number))
        if row.kind is Kind.DEVICE:
            self._make_parts(record)

    def _check_new(self, device: NbDevice) -> None:
        for other in self.tables[Kind.DEVICE].values():
            same_name = other.name.casefold() == device.name.casefold() != ""
            if same_name and other.site_id == device.site_id and other.tenant_id is None:
                raise RefusedError(f"name {device.name} is taken")
            if device.bp_uid and other.bp_uid == device.bp_uid:
                raise RefusedError(f"uid {device.bp_uid} is taken")
            if device.asset_tag and other.asset_tag == device.asset_tag:
                raise RefusedError(f"asset tag {device.asset_tag} is taken")

    def _make_parts(self, device: NbDevice) -> None:
        for template in list(self.tables[Kind.BAY_TEMPLATE].values()):
            if template.device_type_id == device.device_type_id:
                number, at = self._tick()
                bay = NbBay(number, at, template.name, device.id)
                self.tables[Kind.BAY][number] = bay
        for template in list(self.tables[Kind.INTERFACE_TEMPLATE].values()):
            if template.device_type_id == device.device_type_id:
                number, at = self._tick()
                interface = NbInterface(number, at, template.name, device.id)
                self.tables[Kind.INTERFACE][number] = interface

    def _change(self, row: PlanRow, values: dict[str, Any]) -> None:
        found = dict(row.found_by)
        number = row.object_id or self._part(
            row.kind, self._id(found["device"]), str(found["name"])
        )
        old = self.tables[row.kind][number]
        if row.guard is not None and (row.kind, number) not in self.touched:
            assert row.guard == old.last_updated, f"stale guard: {row.label}"
        self._check_owned(row.kind, old)
        _, at = self._tick()
        new = replace(old, last_updated=at, **values)
        if row.kind is Kind.BAY and new.installed_device_id is not None:
            self._check_install(new)
        self.tables[row.kind][number] = new
        self.touched.add((row.kind, number))
        if row.phase is Phase.CHASSIS_CHANGE:
            self._save_children(new)

    def _check_owned(self, kind: Kind, record: NbDevice | NbBay | NbInterface | NbMac) -> None:
        assert kind in {Kind.DEVICE, Kind.MAC, Kind.BAY, Kind.INTERFACE}, f"{kind} is never changed"
        owner = record
        if isinstance(owner, NbBay | NbInterface):
            owner = self.tables[Kind.DEVICE][owner.device_id]
        assert isinstance(owner, NbDevice | NbMac)
        assert TAG in owner.tags, f"{owner} is not ours"

    def _check_install(self, bay: NbBay) -> None:
        device = self.tables[Kind.DEVICE][bay.installed_device_id or 0]
        kind = self.tables[Kind.DEVICE_TYPE][device.device_type_id]
        assert kind.subdevice_role == "child"
        assert TAG in device.tags
        assert bay.is_enabled
        for other in self.tables[Kind.BAY].values():
            if other.id != bay.id and other.installed_device_id == device.id:
                raise RefusedError(f"{device.name} is already installed in {other.name}")
        old = self.tables[Kind.BAY][bay.id].installed_device_id
        assert old is None or TAG in self.tables[Kind.DEVICE][old].tags

    def _save_children(self, chassis: NbDevice) -> None:
        for bay in self.tables[Kind.BAY].values():
            if bay.device_id == chassis.id and bay.installed_device_id:
                child = self.tables[Kind.DEVICE][bay.installed_device_id]
                self.tables[Kind.DEVICE][child.id] = replace(
                    child,
                    last_updated=self._tick()[1],
                    site_id=chassis.site_id,
                    location_id=chassis.location_id,
                    rack_id=chassis.rack_id,
                )


def shuffled(snapshot: NbSnapshot, order: Iterable[int]) -> NbSnapshot:
    """Return the same snapshot with every list turned round by one of `order`."""
    parts: dict[str, Any] = {}
    for (name, _), turn in zip(CLASSES.values(), order, strict=False):
        rows = getattr(snapshot, name)
        at = turn % len(rows) if rows else 0
        parts[name] = (*rows[at:], *rows[:at])[::-1] if turn % 2 else (*rows[at:], *rows[:at])
    return replace(snapshot, **parts)
