"""Two installations beside one NetBox: who stands in a bay of the other's is not taken, until that bay is empty."""

from collections.abc import Iterator

import pytest

from tests.support.inventory import SyncedRack, synced_rack
from tests.support.netbox.real import either_netbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.live]


@pytest.fixture
def rack() -> Iterator[SyncedRack]:
    with either_netbox() as netbox:
        rack = synced_rack(netbox)
        with rack.settings():
            rack.sync()
            yield rack


def _others_bay(rack: SyncedRack) -> int:
    """Let another installation make its chassis; return its first bay."""
    (ours,) = rack.double.rows("dcim/devices", serial=rack.chassis.board_id)
    body = {name: ours[name] for name in ("device_type", "role", "site")}
    tags = [{"slug": "backplane-sync"}]
    own = {"custom_fields": {"bp_uid": "feedfeedfeedfeed-1"}}
    made = rack.double.add(
        "dcim/devices", **body, **own, name="theirs", serial="beefbeef", tags=tags
    )
    return int(rack.double.rows("dcim/device-bays", device=made)[0]["id"])


def test_a_pi_in_the_others_bay_is_not_taken_until_it_leaves(rack: SyncedRack) -> None:
    edit, theirs = rack.double.edit, _others_bay(rack)
    (ours,) = [
        one
        for one in rack.double.rows("dcim/device-bays", name="slot03")
        if one["installed_device"]
    ]
    pi = ours["installed_device"]
    edit("dcim/device-bays", ours["id"], installed_device=None)
    edit("dcim/device-bays", theirs, installed_device=pi)
    seen = len(rack.double.changelog)
    plan = rack.plan()
    assert [row.label for row in plan.rows.filter(action="conflict")]
    rack.sync()
    assert len(rack.double.changelog) == seen
    edit("dcim/device-bays", theirs, installed_device=None)
    rack.sync()
    (ours,) = rack.double.rows("dcim/device-bays", id=ours["id"])
    assert ours["installed_device"] == pi
    assert rack.plan().differences == 0
