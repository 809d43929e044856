"""What goes wrong on the way, on the double alone: each fault is told in words, writes nothing wrong, and heals."""

from collections import Counter

import pytest

from backplane.inventory.netbox.errors import NetBoxError, NetBoxForbidden
from tests.support.netbox import NetBoxDouble
from tests.support.netbox_racks import Racks

pytestmark = pytest.mark.live


@pytest.fixture(autouse=True)
def _is_double(double: NetBoxDouble) -> None:
    """Leave a real NetBox alone before anything is synced to it."""


def _nothing_twice(racks: Racks) -> None:
    serials = Counter(one["serial"] for one in racks.devices())
    macs = Counter(one["mac_address"] for one in racks.macs())
    assert max(serials.values()) == max(macs.values()) == 1


def _heals(racks: Racks, within: int = 3) -> None:
    """Sync until there is nothing to do; then both sides say the same and nothing is there twice."""
    racks.forget()
    assert any(racks.sync() is None for _ in range(within))
    assert racks.there() == racks.here()
    _nothing_twice(racks)


@pytest.mark.parametrize(
    ("action", "kind", "permission"),
    [
        ("add", "dcim.device", "dcim.add_device"),
        ("change", "dcim.devicebay", "dcim.change_devicebay"),
        ("add", "dcim.macaddress", "dcim.add_macaddress"),
        ("add", "extras.tag", "extras.add_tag"),
    ],
)
def test_a_missing_permission_is_named_and_ends_the_run(
    racks: Racks, double: NetBoxDouble, action: str, kind: str, permission: str
) -> None:
    double.tokens.denied.add((action, kind))
    applied = racks.sync()
    assert applied is not None
    assert isinstance(applied.error, NetBoxForbidden)
    assert permission in str(applied.error)
    assert racks.sent[-1].status == 403
    applied.plan.refresh_from_db()
    assert permission in applied.plan.error
    double.tokens.denied.clear()
    _heals(racks)


def test_a_list_that_may_not_be_read_makes_no_plan(synced: Racks, double: NetBoxDouble) -> None:
    """A list that is forbidden is not an empty list: nothing would be made twice."""
    double.tokens.denied.add(("view", "dcim.macaddress"))
    with pytest.raises(NetBoxForbidden, match=r"dcim\.view_macaddress"):
        synced.sync()
    assert synced.writes == []


@pytest.mark.parametrize("how", ["502-html", "truncated", "500", "429", "timeout"])
@pytest.mark.parametrize("path", ["dcim/devices", "dcim/mac-addresses", "extras/tags"])
def test_a_read_that_fails_makes_no_plan(
    synced: Racks, double: NetBoxDouble, how: str, path: str
) -> None:
    synced.pull(3)
    double.fail(at=path, how=how)
    with pytest.raises(NetBoxError):
        synced.plan(timeout_s=0.5)
    assert synced.writes == []
    _heals(synced)


@pytest.mark.parametrize("how", ["drop", "drop-after-write", "502-html", "truncated"])
def test_a_rotation_killed_at_each_request_converges(
    synced: Racks, double: NetBoxDouble, how: str
) -> None:
    """Between the clearing and the setting of the bays three Pis stand in none: the next run seats them."""
    for number in range(1, 5):
        synced.rotate(3, 5, 8)
        synced.forget()
        double.fail(at=14 + number, how=how)
        synced.sync()
        _heals(synced)


@pytest.mark.parametrize("racks", [3], indirect=True)
def test_pages_of_fifty_are_all_read(racks: Racks, double: NetBoxDouble) -> None:
    double.api.largest_page = 50
    for number in range(60):
        double.add("extras/tags", name=f"t{number}", slug=f"t{number}")
    racks.sync_well()
    racks.forget()
    double.api.largest_page = 10
    assert racks.sync() is None
    assert racks.reads.count("dcim/devices") == 4  # 33 in tens
    double.api.largest_page = 1000
    assert racks.there() == racks.here()
