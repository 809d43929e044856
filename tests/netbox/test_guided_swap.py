"""A guided swap on the real firmware, from the first light to NetBox's own change log: on the double or a real one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from backplane.inventory import setup, sync
from backplane.inventory.keeper import Keeper
from backplane.inventory.mapping import mapping_from_rows
from backplane.inventory.models import Mode, OutboxItem, OutboxState
from backplane.inventory.store import Asked
from backplane.swaps.steps import SwapState
from tests.support.netbox import NetBoxDouble
from tests.support.netbox.real import either_netbox
from tests.support.swap_bench import SwapBench

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.live]


@pytest.fixture
def netbox() -> Iterator[NetBoxDouble]:
    """An empty NetBox, and the settings that name it."""
    with (
        either_netbox() as netbox,
        override_settings(
            NETBOX_URL=netbox.url,
            NETBOX_TOKEN=netbox.token,
            NETBOX_TIMEOUT_S=5.0 * netbox.patience,
            NETBOX_ALLOW_SIMULATED=True,
        ),
    ):
        setup.store_mapping(mapping_from_rows((("place.site", "Home"), ("place.rack", "R1"))))
        setup.store_mode(Mode.SAFE)
        yield netbox


def _synced(bench: SwapBench) -> Keeper:
    with sync.netbox_of_settings() as asking:
        stored, _ = sync.make(asking, Asked(by="Ada"), bench.now)
        assert sync.apply(asking, stored, "Ada", bench.now).is_good
    keeper = Keeper()
    keeper.tick(bench.now)
    return keeper


def _swapped(bench: SwapBench) -> int:
    """Let Ana swap what is in slot 7, by what the screens say."""
    swap = bench.to_empty(7)
    bench.do("insert 7 1b2c3d4e")
    bench.until_key(swap, "6/unknown")
    bench.press(swap, "name_new", name="web-07", serial="9f31", mac="d8:3a:dd:00:00:77")
    bench.until_key(swap, "8")
    bench.run(3)
    bench.press(swap, "accept_health")
    return swap


def test_it_is_in_the_change_log_and_a_persons_words_stay(
    netbox: NetBoxDouble, tmp_path: Path
) -> None:
    bench = SwapBench(tmp_path)
    bench.name(7, "web-03")
    keeper = _synced(bench)
    (old,) = netbox.rows("dcim/devices", serial="serial-web-03")
    netbox.edit("dcim/devices", old["id"], comments="mine", description="for Bo")
    keeper.tick(bench.now)
    seen = len(netbox.changelog)
    swap = _swapped(bench)
    netbox.forget()
    keeper.tick(bench.now)
    assert OutboxItem.objects.get().state == OutboxState.DONE, OutboxItem.objects.get().text
    methods = [one.method for one in netbox.requests]
    assert methods.count("GET") <= 3, netbox.requests
    assert len(methods) - methods.count("GET") <= 6, netbox.requests
    rows = netbox.changelog[seen:]
    silent = {row["changed_object_type"] for row in rows if not row["message"]}
    assert silent <= {"dcim.interface"}, "made from a type's template"
    told = [row["message"] for row in rows if row["message"]]
    assert told
    assert all(one.startswith("Backplane: ") for one in told)
    _is_written(netbox, old["id"])
    bench.run(3)
    assert bench.swap(swap).state == SwapState.DONE
    _leaves_no_trace(netbox, keeper, bench)


def _is_written(netbox: NetBoxDouble, old_id: int) -> None:
    (bay,) = netbox.rows("dcim/device-bays", name="slot07")
    (new,) = netbox.rows("dcim/devices", serial="9f31")
    assert (bay["installed_device"], new["status"]) == (new["id"], "active")
    (old,) = netbox.rows("dcim/devices", id=old_id)
    assert (old["comments"], old["description"], old["status"]) == ("mine", "for Bo", "inventory")
    (mac,) = netbox.rows("dcim/mac-addresses", mac_address="D8:3A:DD:00:00:77")
    (held,) = netbox.rows("dcim/interfaces", device=new["id"])
    assert held["primary_mac_address"] == mac["id"]


def _leaves_no_trace(netbox: NetBoxDouble, keeper: Keeper, bench: SwapBench) -> None:
    seen = len(netbox.changelog)
    netbox.forget()
    keeper.tick(bench.now)
    assert [one.path for one in netbox.requests] == ["/api/core/object-changes/"]
    assert len(netbox.changelog) == seen
