"""What NetBox keeps of spares: where a person put one is a person's word."""

from collections.abc import Iterator

import pytest

from tests.support.inventory import SyncedRack, synced_rack
from tests.support.netbox.real import either_netbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.live]


@pytest.fixture
def rack() -> Iterator[SyncedRack]:
    with either_netbox() as double:
        yield synced_rack(double)


def test_the_rack_a_person_keeps_a_spare_in_stays(rack: SyncedRack) -> None:
    rack.sync()
    rack.pull(3)
    rack.sync()
    (device,) = rack.double.rows("dcim/devices", name="pi-03")
    assert device["rack"] is None
    shelf = rack.double.add(
        "dcim/racks", name="Spares rack", site=device["site"], location=device["location"]
    )
    rack.double.edit("dcim/devices", device["id"], rack=shelf)
    assert rack.sync() is None
    (after,) = rack.double.rows("dcim/devices", name="pi-03")
    assert after["rack"] == shelf
