"""Racks in our database beside one NetBox, the double or a real one: syncs, pulls, swaps, and what both sides say.

Everything it makes carries the NetBox's mark, so that runs in one real NetBox do not meet; `sweep` takes it out again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings

from backplane.inventory import setup, sync
from backplane.inventory.keeper import Keeper
from backplane.inventory.mapping import mapping_from_rows
from backplane.inventory.models import OwnRequest, SyncPlan
from backplane.inventory.netbox.access import Access
from backplane.inventory.netbox.client import NetBox
from backplane.inventory.store import Asked
from backplane.inventory.sync import Applied
from backplane.slots import services
from backplane.slots.models import Chassis, Installation, Module, Slot
from backplane.swaps.ports import SwapResult
from tests.support.netbox.kinds import Json, Value
from tests.support.netbox.scene import SWEPT, Netbox
from tests.support.netbox_sent import Sent
from tests.support.slots import EMPTY, RUNNING, hello, snapshot

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
EACH_CHASSIS = frozenset(
    {"devices", "device-bays", "interfaces", "mac-addresses", "journal-entries"}
)


@dataclass(slots=True)
class Racks:
    """Chassis of ten Pis each, and the NetBox they are synced to. `sent`: answered requests since `forget`."""

    netbox: Netbox
    chassis: tuple[Chassis, ...]
    sent: list[Sent] = field(default_factory=list)
    now: datetime = field(default=NOW)

    @property
    def mark(self) -> str:
        return self.netbox.mark

    @property
    def reads(self) -> list[str]:
        return [one.path for one in self.sent if one.method == "GET"]

    @property
    def writes(self) -> list[str]:
        return [one.path for one in self.sent if one.method != "GET"]

    @property
    def bootstrap(self) -> list[str]:
        """Return the writes that make what a NetBox needs once: types, roles, tag, fields, places."""
        return [path for path in self.writes if path.split("/")[-1] not in EACH_CHASSIS]

    def forget(self) -> None:
        self.sent.clear()
        if self.netbox.double is not None:
            self.netbox.double.forget()

    @contextmanager
    def asking(self, timeout_s: float = 60.0) -> Iterator[NetBox]:
        """Open the NetBox, a second later than before."""
        self.now += timedelta(seconds=1)
        client = NetBox(Access(self.netbox.url, self.netbox.token, timeout_s=timeout_s))
        try:
            yield client
        finally:
            client.close()

    def settings(self) -> override_settings:
        return override_settings(
            NETBOX_URL=self.netbox.url, NETBOX_TOKEN=self.netbox.token, NETBOX_TIMEOUT_S=60.0
        )

    def plan(self, timeout_s: float = 60.0) -> SyncPlan:
        """Read everything and store a plan."""
        with self.asking(timeout_s) as client:
            return sync.make(client, Asked(by="Ada"), self.now)[0]

    def apply(self, plan: SyncPlan) -> Applied:
        """Apply a stored plan, as a person does some time later."""
        with self.asking() as client:
            return sync.apply(client, plan, "Ada", self.now)

    def sync(self) -> Applied | None:
        """Plan and apply in one go; None: nothing to do."""
        with self.asking() as client:
            stored, plan = sync.make(client, Asked(by="Ada"), self.now)
            return sync.apply(client, stored, "Ada", self.now) if plan.writes else None

    def undo(self, plan: SyncPlan) -> Applied:
        """Make the plan that undoes one, and apply it."""
        return self.apply(sync.undo(plan, Asked(by="Ada"), self.now))

    def tick(self) -> datetime:
        """Let two minutes go by; return the time."""
        self.now += timedelta(minutes=2)
        return self.now

    def sync_well(self) -> Applied:
        """Plan and apply; every row must have been done."""
        applied = self.sync()
        assert applied is not None
        bad = [one for one in applied.results.values() if not one.fate.is_good]
        assert applied.is_good, (applied.error, bad)
        return applied

    def slot(self, number: int, rack: int = 0) -> Slot:
        return Slot.objects.select_related("module").get(chassis=self.chassis[rack], number=number)

    def module(self, number: int, rack: int = 0) -> Module:
        module = self.slot(number, rack).module
        assert module is not None
        return module

    def swap(
        self, number: int, name: str = "new", new: Module | None = None
    ) -> tuple[Module, Module]:
        """Put a Pi, a new one if none is given, in place of the one in a slot; return old and new."""
        slot, old = self.slot(number), self.module(number)
        slot.module = new = new or _new_pi(self.mark, 0x80 + number, name)
        slot.save(update_fields=["module"])
        return old, new

    def pull(self, number: int) -> Module:
        slot, old = self.slot(number), self.module(number)
        slot.module, slot.flags, slot.state = None, int(EMPTY), "M0"
        slot.save(update_fields=["module", "flags", "state"])
        return old

    def insert(self, number: int, module: Module) -> None:
        """Put a Pi into an empty slot, running."""
        slot = self.slot(number)
        slot.module, slot.flags, slot.state = module, int(RUNNING), "M4"
        slot.save(update_fields=["module", "flags", "state"])

    def rotate(self, *numbers: int) -> None:
        """Let the Pis of these slots each move one on, the last to the first."""
        slots = [self.slot(number) for number in numbers]
        modules = [slot.module for slot in slots]
        for slot, module in zip(slots, [modules[-1], *modules[:-1]], strict=True):
            slot.module = module
            slot.save(update_fields=["module"])

    def here(self) -> dict[str, str]:
        """Return which serial stands in which slot."""
        slots = Slot.objects.filter(module__isnull=False).select_related("module", "chassis")
        return {f"{one.chassis.name}/{one.number:02}": one.module.serial for one in slots}  # type: ignore[union-attr]  # filtered

    def there(self) -> dict[str, str]:
        """Return which serial NetBox has in which bay of ours."""
        serials = {device["id"]: device["serial"] for device in self.devices()}
        bays = self.bays()
        return {
            f"{bay['device']['name']}/{bay['name'][-2:]}": serials[bay["installed_device"]["id"]]
            for bay in bays
            if bay["installed_device"]
        }

    def devices(self, **query: Value) -> list[Json]:
        return self._all("dcim/devices", site=f"{self.mark}-site", **query)

    def device(self, module: Module) -> Json:
        """Return the one device with a module's serial."""
        (found,) = self.devices(serial=module.serial)
        return found

    def bays(self) -> list[Json]:
        chassis = [one["id"] for one in self.devices() if one["name"].startswith("rack ")]
        return self._all("dcim/device-bays", device_id=chassis) if chassis else []

    def bay(self, number: int) -> Json:
        return next(one for one in self.bays() if one["name"] == f"slot{number:02}")

    def macs(self) -> list[Json]:
        return [one for one in self._all("dcim/mac-addresses") if self._is_mine(one["mac_address"])]

    def interfaces(self) -> list[Json]:
        ids = [one["id"] for one in self.devices()]
        return self._all("dcim/interfaces", device_id=ids) if ids else []

    def stamps(self) -> dict[str, str]:
        """Return when NetBox says each of our objects was changed last."""
        rows = [*self.devices(), *self.bays(), *self.interfaces(), *self.macs()]
        return {row["url"]: row["last_updated"] for row in rows}

    def last_change(self) -> int:
        rows = self.netbox.wire.rows("core/object-changes", limit=1)
        return int(rows[0]["id"]) if rows else 0

    def changes_since(self, last: int) -> list[Json]:
        """Return the change-log rows of our objects after this id, oldest first; a real NetBox has other guests."""
        rows = self._all("core/object-changes", id__gt=last)
        mine = [row for row in rows if self.mark in str(row) or "rack " in row["object_repr"]]
        return sorted(mine, key=lambda row: int(row["id"]))

    def edit(self, path: str, row_id: int, **body: Value) -> None:
        """Let a person change an object."""
        answer = self.netbox.wire.patch(f"{path}/{row_id}", body)
        assert answer.status == 200, answer.body

    def sweep(self) -> None:
        """Take out of a real NetBox what the syncs made in it. The two custom fields stay: they are everybody's."""
        wire = self.netbox.wire
        for path in SWEPT:
            mine = [{"id": row["id"]} for row in self._all(path) if self._carries_mark(row)]
            if mine:
                wire.delete(path, mine)

    def _carries_mark(self, row: Json) -> bool:
        return any(self.mark in str(row.get(name)) for name in ("slug", "site", "manufacturer"))

    def own_changes(self) -> list[Json]:
        """Return the change-log rows of requests this database knows as its own."""
        known = set(OwnRequest.objects.values_list("request_id", flat=True))
        return [row for row in self._all("core/object-changes") if row["request_id"] in known]

    def _is_mine(self, mac: str) -> bool:
        return mac.replace(":", "").lower()[4:10] == self.mark[:6]

    def _all(self, path: str, **query: Value) -> list[Json]:
        return self.netbox.wire.rows(path, limit=1000, **query)


def result_of(racks: Racks, number: int, swap_id: int, pair: tuple[Module, Module]) -> SwapResult:
    """Return what a finished swap hands to the recorder."""
    old, new = pair
    return SwapResult(
        swap_id, racks.chassis[0].slug, number, old.pk, old.serial, old.name,
        new.pk, new.serial, new.mac, new.name, "",
    )  # fmt: skip


def quiet_tick(racks: Racks, keeper: Keeper) -> Keeper:
    """Tick until nobody but us wrote since the last time: a real NetBox has other guests."""
    for _ in range(20):
        racks.forget()
        keeper.tick(racks.tick())
        if len(racks.sent) == 1:
            return keeper
    pytest.fail("NetBox is never quiet")


def build_racks(netbox: Netbox, count: int = 1) -> Racks:
    """Return chassis with a Pi in each slot that the NetBox does not know yet, and a mapping for them."""
    Installation.objects.create()
    chassis = tuple(_new_chassis(netbox.mark, at) for at in range(count))
    mark = netbox.mark
    common = {
        "tag": f"{mark}-sync",
        "place.site": f"{mark}-site",
        "roles.chassis": f"{mark}-chassis",
        "roles.module": f"{mark}-node",
        "types.chassis_manufacturer": f"{mark}-maker",
        "types.manufacturer": f"{mark}-maker",
    }
    racked = {f"chassis.{one.slug}.rack": f"R{at}" for at, one in enumerate(chassis)}
    setup.store_mapping(mapping_from_rows((common | racked).items()))
    return Racks(netbox, chassis)


def _new_chassis(mark: str, at: int) -> Chassis:
    said = hello(board_id=f"{mark}{at:08x}")
    chassis = services.find_or_create_chassis(said, f"sim://{at}", NOW)
    epoch = services.take_lease(chassis.pk, 0, NOW)
    services.link_restored(chassis.pk, epoch, said, NOW)
    services.apply_state(chassis.pk, epoch, snapshot(0), NOW)
    Chassis.objects.filter(pk=chassis.pk).update(
        is_simulated=False, port_url=f"/dev/ttyUSB{at}", name=f"rack {at}"
    )
    for slot in Slot.objects.filter(chassis=chassis):
        slot.module = _new_pi(mark, 10 * at + slot.number, "pi")
        slot.save(update_fields=["module"])
    chassis.refresh_from_db()
    return chassis


def _new_pi(mark: str, number: int, name: str) -> Module:
    pairs = [mark[at : at + 2] for at in (0, 2, 4)]
    return Module.objects.create(
        name=f"{name}-{number:03}",
        serial=f"{mark}{name}{number:03}",
        uid=f"{mark}-{name}-{number:03}",
        macs=[":".join(["d8", "3a", *pairs, f"{number:02x}"])],
    )
