"""Swaps as the keeper writes them and whole syncs see them, counted: on the double or a real NetBox."""

import pytest

from backplane.inventory import setup
from backplane.inventory.keeper import Keeper
from backplane.inventory.models import Mode, OutboxItem, OutboxState
from backplane.inventory.recorder import NetBoxRecorder
from backplane.slots.models import Module
from tests.support.netbox_racks import Racks, quiet_tick, result_of

pytestmark = pytest.mark.live


def _is_shelved(racks: Racks, module: Module) -> bool:
    device = racks.device(module)
    place = (device["rack"], device["parent_device"], device["location"]["name"])
    return device["status"]["value"] == "inventory" and place == (None, None, "Spares shelf")


def test_a_swap_takes_at_most_three_reads_and_six_writes(synced: Racks) -> None:
    with synced.settings():
        setup.store_mode(Mode.SAFE)
        keeper = quiet_tick(synced, Keeper())
        pair = synced.swap(3)
        NetBoxRecorder().record(result_of(synced, 3, 1, pair))
        synced.forget()
        keeper.tick(synced.tick())
    assert OutboxItem.objects.get().state == OutboxState.DONE, OutboxItem.objects.get().text
    assert len(synced.reads) <= 3, synced.sent
    assert len(synced.writes) <= 6, synced.sent
    assert synced.there() == synced.here()
    old, new = pair
    assert _is_shelved(synced, old)
    _is_seated_with_its_address(synced, new)
    assert "slot03" in _journal(synced, old)
    assert "slot03" in _journal(synced, new)


def _is_seated_with_its_address(racks: Racks, module: Module) -> None:
    device = racks.device(module)
    assert device["status"]["value"] == "active"
    assert device["parent_device"]["device_bay"]["name"] == "slot03"
    (eth0,) = [one for one in racks.interfaces() if one["device"]["id"] == device["id"]]
    assert eth0["primary_mac_address"]["mac_address"].lower() == module.mac
    assert len([one for one in racks.macs() if one["mac_address"].lower() == module.mac]) == 1


def _journal(racks: Racks, module: Module) -> str:
    query = {"assigned_object_id": racks.device(module)["id"]}
    rows = racks.netbox.wire.rows("extras/journal-entries", **query)
    return "\n".join(row["comments"] for row in rows).lower()


@pytest.mark.parametrize("numbers", [(3, 4), (4, 3, 9), (1, 2, 3, 4, 5, 6)])
def test_an_exchange_takes_two_bay_writes(synced: Racks, numbers: tuple[int, ...]) -> None:
    synced.rotate(*numbers)
    synced.sync_well()
    assert synced.there() == synced.here()
    assert synced.writes.count("dcim/device-bays") == 2
    assert {one["status"]["value"] for one in synced.devices()} == {"active"}


def test_a_pulled_pi_goes_to_the_shelf_and_comes_back(synced: Racks) -> None:
    pulled = synced.pull(7)
    synced.sync_well()
    assert _is_shelved(synced, pulled)
    assert synced.there() == synced.here()
    synced.forget()
    synced.insert(7, pulled)
    synced.sync_well()
    assert synced.there() == synced.here()
    assert synced.device(pulled)["status"]["value"] == "active"
    assert len(synced.macs()) == 10
    assert "dcim/mac-addresses" not in synced.writes


def test_an_undone_plan_puts_back_what_stood_there(synced: Racks) -> None:
    before = synced.there()
    pulled = synced.pull(7)
    applied = synced.sync_well()
    undone = synced.undo(applied.plan)
    assert undone.is_good, undone.results
    assert synced.there() == before
    assert synced.device(pulled)["status"]["value"] == "active"
