"""The way back of a plan: moves and trades are undone too, and never at the cost of what somebody did since."""

from collections.abc import Iterator

import pytest

from backplane.inventory import sync
from backplane.inventory.store import Asked
from backplane.inventory.writing.results import Fate
from backplane.slots.models import Slot
from tests.support.inventory import SyncedRack, synced_rack
from tests.support.netbox.real import either_netbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.live]


@pytest.fixture
def rack() -> Iterator[SyncedRack]:
    with either_netbox() as double:
        rack = synced_rack(double)
        rack.sync()
        yield rack


def _sync(rack: SyncedRack) -> sync.Applied:
    applied = rack.sync()
    assert applied is not None
    assert applied.is_good, applied.results
    return applied


def _undo(rack: SyncedRack, applied: sync.Applied) -> sync.Applied:
    back = sync.undo(applied.plan, Asked(by="Ada"), rack.now)
    netbox = rack.netbox()
    try:
        return sync.apply(netbox, back, "Ada", rack.now)
    finally:
        netbox.close()


def _move(rack: SyncedRack, one: int, other: int) -> None:
    """Take the Pi of one slot to another, whose own goes to the shelf."""
    module_id = Slot.objects.get(chassis=rack.chassis, number=one).module_id
    rack.pull(one)
    Slot.objects.filter(chassis=rack.chassis, number=other).update(module=module_id)


@pytest.mark.parametrize("pair", [(3, 4), (4, 3)])
def test_a_trade_is_undone(rack: SyncedRack, pair: tuple[int, int]) -> None:
    before = rack.netbox_says()
    rack.trade(*pair)
    applied = _sync(rack)
    again = _undo(rack, applied)
    assert rack.netbox_says() == before, again.results
    assert again.is_good, again.results


@pytest.mark.parametrize(("one", "other"), [(3, 7), (7, 3)])
def test_a_move_is_undone(rack: SyncedRack, one: int, other: int) -> None:
    before = rack.netbox_says()
    _move(rack, one, other)
    applied = _sync(rack)
    again = _undo(rack, applied)
    assert rack.netbox_says() == before, again.results
    assert again.is_good, again.results


def test_a_swap_is_undone(rack: SyncedRack) -> None:
    before = rack.netbox_says()
    rack.swap(3)
    again = _undo(rack, _sync(rack))
    assert rack.netbox_says() == before
    assert again.is_good, again.results


def test_a_bay_somebody_filled_since_is_left_to_them(rack: SyncedRack) -> None:
    rack.trade(3, 4)
    applied = _sync(rack)
    (bay,) = rack.double.rows("dcim/device-bays", name="slot03")
    kind = rack.double.rows("dcim/devices", name="pi-01")[0]["device_type"]
    role = rack.double.rows("dcim/device-roles")[0]["id"]
    site = rack.double.rows("dcim/sites")[0]["id"]
    mine = rack.double.add("dcim/devices", name="mine", device_type=kind, role=role, site=site)
    rack.double.edit("dcim/device-bays", bay["id"], installed_device=mine)
    again = _undo(rack, applied)
    assert rack.double.rows("dcim/device-bays", name="slot03")[0]["installed_device"] == mine
    assert Fate.CHANGED in {one.fate for one in again.results.values()}
