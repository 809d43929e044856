"""Whole syncs against the double: counts, second runs, swaps, trades, people who edit at the same time."""

from collections.abc import Iterator

import pytest

from backplane.inventory import sync
from backplane.inventory.models import StoredRow
from backplane.inventory.store import Asked
from backplane.inventory.writing.results import Fate
from backplane.slots.models import Chassis, LinkState, Slot
from tests.support.inventory import SyncedRack, synced_rack
from tests.support.netbox import NetBoxDouble
from tests.support.netbox.real import either_netbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.live]


@pytest.fixture
def rack() -> Iterator[SyncedRack]:
    with either_netbox() as double:
        yield synced_rack(double)


def test_a_first_sync_makes_everything_in_few_requests(rack: SyncedRack) -> None:
    applied = rack.sync()
    assert applied is not None
    assert applied.is_good, [one for one in applied.results.values() if not one.fate.is_good]
    assert rack.netbox_says() == rack.we_say()
    assert len(rack.double.rows("dcim/mac-addresses")) == 10
    shared = [one for one in rack.double.requests if one.method == "POST" and _is_shared(one.path)]
    assert len(shared) == 10  # bootstrap: one list for each kind
    assert len(rack.double.requests) - len(shared) == 18  # of 24 + 1 + 3 that are allowed with them


def test_a_second_sync_only_reads(rack: SyncedRack) -> None:
    rack.sync()
    rack.double.forget()
    changes, stamps = len(rack.double.changelog), _stamps(rack.double)
    assert rack.sync() is None
    assert [one.method for one in rack.double.requests] == ["GET"] * 14
    assert len(rack.double.changelog) == changes
    assert _stamps(rack.double) == stamps


def test_a_swap_shelves_the_old_and_seats_the_new(rack: SyncedRack) -> None:
    rack.sync()
    rack.double.forget()
    old, new = rack.swap(3)
    applied = rack.sync()
    assert applied is not None
    assert applied.is_good
    assert rack.netbox_says()["slot03"] == new.serial
    (device,) = rack.double.rows("dcim/devices", serial=old.serial)
    assert (device["status"], device["rack"]) == ("inventory", None)
    writes = [one for one in rack.double.requests if one.method != "GET"]
    assert len(writes) <= 6
    assert len(rack.double.requests) - len(writes) - 14 <= 1


def test_two_pis_trade_places_in_two_writes_of_bays(rack: SyncedRack) -> None:
    rack.sync()
    rack.double.forget()
    rack.trade(3, 4)
    applied = rack.sync()
    assert applied is not None
    assert applied.is_good
    assert rack.netbox_says() == rack.we_say()
    bays = [
        one for one in rack.double.requests if "device-bays" in one.path and one.method != "GET"
    ]
    assert len(bays) == 2


def test_a_chassis_that_does_not_answer_is_no_removal(rack: SyncedRack) -> None:
    rack.sync()
    before = rack.netbox_says()
    Chassis.objects.update(link_state=LinkState.LOST)
    Slot.objects.update(state="M7", flags=None, module=None)
    rack.sync()
    assert rack.netbox_says() == before


def test_what_a_person_changed_falls_out_and_the_rest_is_written(rack: SyncedRack) -> None:
    rack.sync()
    rack.pull(3)
    rack.swap(5)
    stored = rack.plan()
    (bay,) = rack.double.rows("dcim/device-bays", name="slot03")
    other = rack.double.add(
        "dcim/devices",
        name="mine",
        device_type=rack.double.rows("dcim/devices", serial=rack.we_say()["slot01"])[0][
            "device_type"
        ],
        role=rack.double.rows("dcim/device-roles")[0]["id"],
        site=rack.double.rows("dcim/sites")[0]["id"],
    )
    rack.double.edit("dcim/device-bays", bay["id"], installed_device=other)
    netbox = rack.netbox()
    applied = sync.apply(netbox, stored, "Ada", rack.now)
    netbox.close()
    fates = {one.key: one.fate for one in applied.results.values()}
    assert Fate.CHANGED in fates.values()
    assert rack.double.rows("dcim/device-bays", name="slot03")[0]["installed_device"] == other
    assert rack.netbox_says()["slot05"] == rack.we_say()["slot05"]
    told = StoredRow.objects.get(plan=stored, result=Fate.CHANGED)
    assert "Somebody changed it" in told.result_text


def test_a_persons_words_and_tags_stay(rack: SyncedRack) -> None:
    rack.sync()
    (device,) = rack.double.rows("dcim/devices", name="pi-03")
    tag = rack.double.add("extras/tags", name="loved", slug="loved")
    rack.double.edit("dcim/devices", device["id"], comments="mine", tags=[*device["tags"], tag])
    rack.pull(3)
    rack.sync()
    (after,) = rack.double.rows("dcim/devices", name="pi-03")
    assert after["comments"] == "mine"
    assert tag in after["tags"]
    assert after["status"] == "inventory"


def test_a_plan_is_applied_once(rack: SyncedRack) -> None:
    stored = rack.plan()
    netbox = rack.netbox()
    sync.apply(netbox, stored, "Ada", rack.now)
    with pytest.raises(sync.PlanOverError, match="applied before"):
        sync.apply(netbox, stored, "Ada", rack.now)
    netbox.close()


def test_an_applied_plan_can_be_undone(rack: SyncedRack) -> None:
    rack.sync()
    before = rack.netbox_says()
    rack.pull(3)
    applied = rack.sync()
    assert applied is not None
    netbox = rack.netbox()
    again = sync.apply(netbox, sync.undo(applied.plan, Asked(by="Ada"), rack.now), "Ada", rack.now)
    netbox.close()
    assert again.is_good, again.results
    assert rack.netbox_says() == before


def test_a_simulated_chassis_never_reaches_netbox(rack: SyncedRack) -> None:
    Chassis.objects.update(is_simulated=True)
    rack.sync()
    assert rack.double.rows("dcim/devices") == []


def test_before_4_6_nothing_is_written(rack: SyncedRack) -> None:
    rack.double.api.version = "4.5.9"
    applied = rack.sync()
    assert applied is not None
    assert "4.6" in str(applied.error)
    assert all(one.method == "GET" for one in rack.double.requests)


def _is_shared(path: str) -> bool:
    own = ("/devices/", "/device-bays/", "/interfaces/", "/mac-addresses/", "/journal-entries/")
    return not path.endswith(own)


def _stamps(double: NetBoxDouble) -> list[str]:
    paths = ("dcim/devices", "dcim/device-bays", "dcim/interfaces", "dcim/mac-addresses")
    return [row["last_updated"] for path in paths for row in double.rows(path)]
