"""What NetBox says here: a person's newer word stays, and who stands on a tray is in its slot."""

from collections.abc import Iterator

import pytest

from backplane.inventory import sync
from backplane.inventory.collector import collect
from backplane.inventory.writing.results import Fate
from backplane.slots import notify
from backplane.slots.assets import plan_module
from backplane.slots.models import Carrier, Module, Slot
from backplane.slots.records import Change
from tests.support.inventory import SyncedRack, synced_rack
from tests.support.netbox.real import either_netbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.live]


@pytest.fixture
def rack() -> Iterator[SyncedRack]:
    with either_netbox() as double:
        rack = synced_rack(double)
        rack.pull(3)
        rack.sync()
        yield rack


def _slot(rack: SyncedRack, number: int = 3) -> Slot:
    return Slot.objects.get(chassis=rack.chassis, number=number)


def _plan_in_netbox(rack: SyncedRack, serial: str = "1000aaaa01") -> int:
    """Let NetBox plan a device for bay 3; return the bay's id."""
    like = rack.double.rows("dcim/devices", name="pi-01")[0]
    names = ("device_type", "role", "site", "rack", "tags")
    same = {name: like[name] for name in names}
    device = rack.double.add("dcim/devices", name="pi-new", serial=serial, status="planned", **same)
    (bay,) = rack.double.rows("dcim/device-bays", name="slot03")
    rack.double.edit("dcim/device-bays", bay["id"], installed_device=device)
    return int(bay["id"])


def test_netboxs_plan_comes_here_and_goes_again(rack: SyncedRack) -> None:
    told: list[Change] = []
    bay = _plan_in_netbox(rack)
    notify.subscribe(told.append)
    try:
        rack.sync()
    finally:
        notify.unsubscribe(told.append)
    planned = _slot(rack).planned_module
    assert planned is not None
    assert planned.serial == "1000aaaa01"
    assert any(3 in change.slot_numbers for change in told)
    rack.double.edit("dcim/device-bays", bay, installed_device=None)
    rack.sync()
    assert _slot(rack).planned_module is None


def test_a_persons_plan_stays_where_netbox_has_none(rack: SyncedRack) -> None:
    spare = Module.objects.create(name="spare", serial="1000bbbb01")
    plan_module(_slot(rack).pk, spare.pk, rack.now)
    rack.sync()
    assert _slot(rack).planned_module == spare


def test_a_persons_newer_plan_is_not_overwritten(rack: SyncedRack) -> None:
    _plan_in_netbox(rack)
    stored = rack.plan()
    spare = Module.objects.create(name="spare", serial="1000bbbb01")
    plan_module(_slot(rack).pk, spare.pk, rack.now)
    netbox = rack.netbox()
    applied = sync.apply(netbox, stored, "Ada", rack.now)
    netbox.close()
    assert _slot(rack).planned_module == spare
    assert Fate.CHANGED in {one.fate for one in applied.results.values()}


def test_who_is_on_a_tray_is_in_its_slot_and_on_no_shelf(rack: SyncedRack) -> None:
    slot = _slot(rack, 5)
    slot.carrier = Carrier.objects.create(uid="aa55", module=slot.module)
    slot.module = None
    slot.save(update_fields=["module", "carrier"])
    seen = collect()
    (bay,) = [one for one in seen.chassis[0].bays if one.number == 5]
    assert bay.occupant is not None
    assert bay.occupant.serial == rack.netbox_says()["slot05"]
    assert bay.occupant.uid not in {one.uid for one in seen.shelf}
    assert rack.sync() is None
