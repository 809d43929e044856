"""First syncs, syncs with nothing to do, and full checks, counted: on the double or a real NetBox."""

import pytest

from backplane.inventory.plan.estimate import first_sync_requests
from backplane.slots.models import Chassis, LinkState, Slot
from tests.support.netbox_racks import Racks

pytestmark = pytest.mark.live


@pytest.mark.parametrize("racks", [1, 3], indirect=True)
def test_a_first_sync_reaches_the_end_state_within_its_requests(racks: Racks) -> None:
    racks.sync_well()
    assert racks.there() == racks.here()
    assert len(racks.bootstrap) <= 10  # one list for each kind
    allowed = first_sync_requests(len(racks.chassis))
    is_empty_netbox = "dcim/device-bays" not in racks.reads[:13]
    assert len(racks.sent) <= allowed + (0 if is_empty_netbox else 2), racks.sent
    assert len(racks.sent) - len(racks.bootstrap) <= 14 + 6


@pytest.mark.parametrize("racks", [3], indirect=True)
def test_after_a_first_sync_each_pi_is_as_it_should_be(racks: Racks) -> None:
    racks.sync_well()
    chassis = {one["name"]: one for one in racks.devices() if one["name"].startswith("rack ")}
    assert len(chassis) == 3
    assert all(one["serial"] and one["rack"] for one in chassis.values())
    pis = [one for one in racks.devices() if one["name"].startswith("pi-")]
    assert len(pis) == 30
    for pi in pis:
        parent = chassis[pi["parent_device"]["name"]]
        assert (pi["status"]["value"], pi["rack"]) == ("active", parent["rack"])
        assert pi["position"] is None
        assert pi["custom_fields"]["bp_uid"].startswith(racks.mark)
        assert [tag["slug"] for tag in pi["tags"]] == [f"{racks.mark}-sync"]
    interfaces = [one for one in racks.interfaces() if one["name"] == "eth0"]
    assert len(interfaces) == len(racks.macs()) == 30
    assert all(one["primary_mac_address"] for one in interfaces)


@pytest.mark.parametrize("racks", [1, 3], indirect=True)
def test_a_full_check_with_nothing_to_do_leaves_no_trace(synced: Racks) -> None:
    stamps, last = synced.stamps(), synced.last_change()
    synced.forget()
    assert synced.sync() is None
    assert len(synced.reads) == 14
    assert synced.writes == []
    assert synced.changes_since(last) == []
    assert synced.stamps() == stamps


def test_an_unknown_chassis_is_no_removal(synced: Racks) -> None:
    there, last = synced.there(), synced.last_change()
    Chassis.objects.update(link_state=LinkState.LOST)
    Slot.objects.update(state="M7", flags=None, module=None)
    synced.sync()
    assert synced.writes == []
    assert synced.there() == there
    assert synced.changes_since(last) == []


def test_slots_that_are_not_known_are_no_removal(synced: Racks) -> None:
    """The chassis answers; two of its slots do not."""
    there = synced.there()
    Slot.objects.filter(number__in=(3, 4)).update(state="M7", flags=None, module=None)
    synced.sync()
    assert synced.writes == []
    assert synced.there() == there


def test_every_write_says_why_in_the_change_log(racks: Racks) -> None:
    racks.sync_well()
    rows = racks.own_changes()
    told = [row for row in rows if row["message"]]
    assert len(told) >= 10 + 2 + 11 + 3 * 10
    assert all(row["message"].startswith("Backplane: ") for row in told)
    silent = {row["changed_object_type"] for row in rows if not row["message"]}
    assert silent <= {"dcim.devicebay", "dcim.interface"}, silent  # made from templates
