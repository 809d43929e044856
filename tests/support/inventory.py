"""A rack in the database and a NetBox beside it, for tests of the sync."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.test import override_settings

from backplane.inventory import setup, sync
from backplane.inventory.mapping import mapping_from_rows
from backplane.inventory.models import SyncPlan
from backplane.inventory.netbox.access import Access
from backplane.inventory.netbox.client import NetBox
from backplane.inventory.store import Asked
from backplane.slots.models import Chassis, Module, Slot
from tests.support.netbox import NetBoxDouble
from tests.support.slots import EMPTY, new_chassis

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@dataclass(slots=True)
class SyncedRack:
    """A real (not simulated) chassis with named Pis in all slots, and the double it is synced to."""

    double: NetBoxDouble
    chassis: Chassis
    now: datetime = field(default=NOW)

    def netbox(self, timeout_s: float = 5.0) -> NetBox:
        waits_s = timeout_s * self.double.patience
        return NetBox(Access(self.double.url, self.double.token, timeout_s=waits_s))

    def settings(self, timeout_s: float = 10.0) -> override_settings:
        return override_settings(
            NETBOX_URL=self.double.url,
            NETBOX_TOKEN=self.double.token,
            NETBOX_TIMEOUT_S=timeout_s * self.double.patience,
        )

    def sync(self, timeout_s: float = 5.0) -> sync.Applied | None:
        """Plan and apply once; None: nothing to do."""
        self.now += timedelta(seconds=1)
        netbox = self.netbox(timeout_s)
        try:
            stored, plan = sync.make(netbox, Asked(by="Ada"), self.now)
            return sync.apply(netbox, stored, "Ada", self.now) if plan.writes else None
        finally:
            netbox.close()

    def plan(self) -> SyncPlan:
        netbox = self.netbox()
        try:
            return sync.make(netbox, Asked(by="Ada"), self.now)[0]
        finally:
            netbox.close()

    def swap(self, number: int, serial: str = "new1") -> tuple[Module, Module]:
        """Put a new Pi in place of the one in a slot, in the database alone; return old and new."""
        slot = Slot.objects.select_related("module").get(chassis=self.chassis, number=number)
        old = slot.module
        assert old is not None
        new = Module.objects.create(
            name=f"pi-{serial}",
            serial=f"1000{serial}",
            uid=f"uid-{serial}",
            macs=["d8:3a:dd:99:00:01"],
        )
        slot.module = new
        slot.save(update_fields=["module"])
        return old, new

    def pull(self, number: int) -> None:
        slot = Slot.objects.get(chassis=self.chassis, number=number)
        slot.module, slot.flags, slot.state = None, int(EMPTY), "M0"
        slot.save(update_fields=["module", "flags", "state"])

    def trade(self, one: int, two: int) -> None:
        """Let the Pis of two slots change places."""
        first = Slot.objects.get(chassis=self.chassis, number=one)
        second = Slot.objects.get(chassis=self.chassis, number=two)
        first.module_id, second.module_id = second.module_id, first.module_id
        first.save(update_fields=["module"])
        second.save(update_fields=["module"])

    def netbox_says(self) -> dict[str, str]:
        """Return which serial NetBox has in which bay."""
        devices = {row["id"]: row for row in self.double.rows("dcim/devices")}
        return {
            bay["name"]: devices[bay["installed_device"]]["serial"]
            for bay in self.double.rows("dcim/device-bays")
            if bay["installed_device"]
        }

    def we_say(self) -> dict[str, str]:
        slots = Slot.objects.filter(module__isnull=False).select_related("module")
        return {f"slot{slot.number:02}": slot.module.serial for slot in slots if slot.module}


def synced_rack(double: NetBoxDouble) -> SyncedRack:
    """Return a rack of ten Pis that NetBox does not know yet."""
    chassis = new_chassis()
    Chassis.objects.filter(pk=chassis.pk).update(is_simulated=False, port_url="/dev/ttyUSB0")
    for slot in Slot.objects.filter(chassis=chassis):
        number = slot.number
        slot.module = Module.objects.create(
            name=f"pi-{number:02}",
            serial=f"1000{number:012x}",
            uid=f"uid-{number:02}",
            macs=[f"d8:3a:dd:00:00:{number:02x}"],
        )
        slot.save(update_fields=["module"])
    setup.store_mapping(mapping_from_rows((("place.site", "Home"), ("place.rack", "R1"))))
    chassis.refresh_from_db()
    return SyncedRack(double, chassis)
