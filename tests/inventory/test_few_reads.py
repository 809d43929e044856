"""A swap takes three reads and six writes, whoever comes and however long nobody looked; and stays safe on them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from backplane.inventory import setup
from backplane.inventory.keeper import Keeper
from backplane.inventory.models import Mode, OutboxItem, OutboxState
from backplane.inventory.recorder import NetBoxRecorder
from backplane.slots.models import Module, Slot
from backplane.swaps.ports import SwapResult
from tests.support.inventory import NOW, SyncedRack, synced_rack
from tests.support.netbox.kinds import Value
from tests.support.netbox.real import either_netbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.live]
LATER = NOW + timedelta(minutes=2)


@pytest.fixture
def rack() -> Iterator[SyncedRack]:
    with either_netbox() as double:
        rack = synced_rack(double)
        with rack.settings(2.0):
            setup.store_mode(Mode.SAFE)
            yield rack


@pytest.fixture
def keeper(rack: SyncedRack) -> Keeper:
    rack.sync()
    keeper = Keeper()
    keeper.tick(NOW)
    rack.double.forget()
    return keeper


def _record(rack: SyncedRack, old: Module, new: Module, slot: int = 3) -> OutboxItem:
    result = SwapResult(
        slot, rack.chassis.slug, slot, old.pk, old.serial, old.name,
        new.pk, new.serial, new.mac, new.name, "",
    )  # fmt: skip
    NetBoxRecorder().record(result)
    return OutboxItem.objects.get(swap_id=slot)


def _few(rack: SyncedRack) -> None:
    reads = [one.path for one in rack.double.requests if one.method == "GET"]
    writes = [one.path for one in rack.double.requests if one.method != "GET"]
    assert len(reads) <= 3, reads
    assert len(writes) <= 6, writes


def _is_done(item: OutboxItem) -> bool:
    item.refresh_from_db()
    return item.state == OutboxState.DONE


def _spare(rack: SyncedRack, serial: str, **more: Value) -> int:
    """Let a person add a device for a Pi that lies on the shelf."""
    like = next(one for one in rack.double.rows("dcim/devices") if one["name"] == "pi-04")
    body = {name: like[name] for name in ("device_type", "role", "site")} | more
    tags = [{"slug": "backplane-sync"}]
    name = f"theirs-{serial}"
    return rack.double.add(
        "dcim/devices", **body, name=name, serial=serial, status="inventory", tags=tags
    )


def test_after_a_restart(rack: SyncedRack, keeper: Keeper) -> None:
    item = _record(rack, *rack.swap(3))
    Keeper().tick(LATER)
    assert _is_done(item)
    _few(rack)
    assert rack.netbox_says() == rack.we_say()


def test_while_others_write_all_the_time(rack: SyncedRack, keeper: Keeper) -> None:
    for number in range(3):
        bay = rack.double.rows("dcim/device-bays", name=f"slot{number + 6:02}")[0]
        rack.double.edit("dcim/device-bays", bay["id"], description="mine")
        rack.double.add("dcim/sites", name=f"s{number}", slug=f"s{number}")
    item = _record(rack, *rack.swap(3))
    wanted = keeper.tick(LATER)
    assert _is_done(item)
    _few(rack)
    assert wanted <= LATER + timedelta(seconds=2), "the others are looked at next"
    rack.double.forget()
    keeper.tick(wanted)
    paths = [one.path for one in rack.double.requests]
    assert paths == ["/api/core/object-changes/", "/api/dcim/sites/", "/api/dcim/device-bays/"]


def test_of_a_pi_that_a_person_gave_to_netbox_since(rack: SyncedRack, keeper: Keeper) -> None:
    """It is found by its serial and taken, not made a second time; its address and interface are read."""
    device = _spare(rack, "1000new1")
    item = _record(rack, *rack.swap(3))
    keeper.tick(LATER)
    assert _is_done(item)
    _few(rack)
    assert len(rack.double.rows("dcim/devices", serial="1000new1")) == 1
    bay = rack.double.rows("dcim/device-bays", name="slot03")[0]
    assert bay["installed_device"] == device
    assert len(rack.double.rows("dcim/mac-addresses", mac_address="D8:3A:DD:99:00:01")) == 1


def test_of_a_pi_known_by_its_asset_tag_alone(rack: SyncedRack, keeper: Keeper) -> None:
    device = _spare(rack, "", asset_tag="A-77")
    old, new = rack.swap(3)
    Module.objects.filter(pk=new.pk).update(serial="", asset_tag="A-77")
    new.refresh_from_db()
    item = _record(rack, old, new)
    keeper.tick(LATER)
    assert _is_done(item)
    _few(rack)
    bay = rack.double.rows("dcim/device-bays", name="slot03")[0]
    assert bay["installed_device"] == device


def test_of_a_spare_that_was_here_before(rack: SyncedRack, keeper: Keeper) -> None:
    spare = Slot.objects.select_related("module").get(number=7).module
    slot = Slot.objects.select_related("module").get(number=3)
    old = slot.module
    assert spare is not None
    assert old is not None
    rack.pull(7)
    keeper.tick(LATER)
    rack.double.forget()
    slot.module = spare
    slot.save(update_fields=["module"])
    item = _record(rack, old, spare)
    Keeper().tick(LATER + timedelta(minutes=1))
    assert _is_done(item)
    _few(rack)
    assert rack.netbox_says() == rack.we_say()


def test_two_swaps_at_once_read_no_more_than_one(rack: SyncedRack, keeper: Keeper) -> None:
    items = [_record(rack, *rack.swap(slot, f"new{slot}"), slot) for slot in (3, 8)]
    Module.objects.filter(serial="1000new8").update(macs=["d8:3a:dd:99:00:08"])
    keeper.tick(LATER)
    assert all(_is_done(item) for item in items)
    _few(rack)


def test_a_bay_that_a_person_filled_since_is_left(rack: SyncedRack, keeper: Keeper) -> None:
    theirs = _spare(rack, "1000theirs")
    rack.double.edit("dcim/devices", theirs, tags=[])
    bay = rack.double.rows("dcim/device-bays", name="slot03")[0]
    rack.double.edit("dcim/device-bays", bay["id"], installed_device=theirs)
    item = _record(rack, *rack.swap(3))
    keeper.tick(LATER)
    item.refresh_from_db()
    assert item.state == OutboxState.PLANNED
    (bay,) = rack.double.rows("dcim/device-bays", name="slot03")
    assert bay["installed_device"] == theirs


def test_an_address_that_a_person_gave_away_since_is_told(rack: SyncedRack, keeper: Keeper) -> None:
    held = rack.double.rows("dcim/interfaces")[0]
    rack.double.add(
        "dcim/mac-addresses",
        mac_address="D8:3A:DD:99:00:01",
        assigned_object_type="dcim.interface",
        assigned_object_id=held["id"],
    )
    item = _record(rack, *rack.swap(3))
    keeper.tick(LATER)
    _few(rack)
    assert len(rack.double.rows("dcim/mac-addresses", mac_address="D8:3A:DD:99:00:01")) == 1
    item.refresh_from_db()
    assert item.plan is not None
    assert item.plan.rows.filter(action="conflict", label__contains="D8:3A:DD:99:00:01").exists()


@pytest.mark.parametrize("name", ["serial", "mac_address", "device_id"])
def test_an_answer_to_another_question_writes_nothing_wrong(
    rack: SyncedRack, keeper: Keeper, name: str
) -> None:
    """A filter that a NetBox does not know returns everything."""
    item = _record(rack, *rack.swap(3))
    devices = len(rack.double.rows("dcim/devices"))
    with rack.double.deaf_to(name):
        keeper.tick(LATER)
    assert not _is_done(item)
    assert item.state == OutboxState.WAITS
    assert "nobody asked for" in item.text
    assert len(rack.double.rows("dcim/devices")) <= devices + 1
    item.refresh_from_db()
    assert item.retry_at is not None
    keeper.tick(item.retry_at)
    assert _is_done(item)
    assert rack.netbox_says() == rack.we_say()


def test_a_chassis_that_a_person_took_back_while_the_program_was_down_is_left(
    rack: SyncedRack, keeper: Keeper
) -> None:
    """What is remembered from before is compared with the change log, before the first write on its word."""
    (chassis,) = rack.double.rows("dcim/devices", serial=rack.chassis.board_id)
    rack.double.edit("dcim/devices", chassis["id"], tags=[])
    old = Slot.objects.select_related("module").get(number=3).module
    assert old is not None
    rack.pull(3)
    result = SwapResult(
        3, rack.chassis.slug, 3, old.pk, old.serial, old.name, None, "", "", "", ""
    )  # fmt: skip
    NetBoxRecorder().record(result)
    Keeper().tick(NOW + timedelta(minutes=50))
    (bay,) = rack.double.rows("dcim/device-bays", name="slot03")
    assert bay["installed_device"] is not None
