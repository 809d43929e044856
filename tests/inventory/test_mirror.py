"""The mirror of NetBox: a look reads what others touched and no more, and then it says what a full read says."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import override_settings

from backplane.inventory import mirror_store
from backplane.inventory.keeper import Keeper
from backplane.inventory.models import MirrorObject, SyncState
from backplane.inventory.netbox.snapshot import LISTS, take_snapshot
from backplane.inventory.records import NbSnapshot
from tests.support.inventory import NOW, SyncedRack, synced_rack
from tests.support.netbox import NetBoxDouble
from tests.support.netbox.real import either_netbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.live]
LATER = NOW + timedelta(minutes=2)
EDGE = NOW + timedelta(hours=1)


@pytest.fixture
def rack() -> Iterator[SyncedRack]:
    with either_netbox() as double:
        rack = synced_rack(double)
        with rack.settings(2.0):
            rack.sync()
            yield rack


@pytest.fixture
def keeper(rack: SyncedRack) -> Keeper:
    keeper = Keeper()
    keeper.tick(NOW)
    rack.double.forget()
    return keeper


def _bare(snapshot: NbSnapshot | None) -> dict[str, object]:
    """Return a snapshot's lists without what a device says of its own bay: the bays tell of that."""
    assert snapshot is not None
    devices = tuple(replace(one, bay_id=None) for one in snapshot.devices)
    lists = {name: getattr(snapshot, name) for name in LISTS}
    lists["devices"] = devices
    return {name: sorted(rows, key=lambda one: one.id) for name, rows in lists.items()}


def _asked(rack: SyncedRack) -> list[str]:
    return [one.path.removeprefix("/api/").strip("/") for one in rack.double.requests]


def _rename(rack: SyncedRack) -> None:
    rack.double.edit("dcim/devices", rack.double.rows("dcim/devices")[3]["id"], name="db")


def _take_out(rack: SyncedRack) -> None:
    bay = rack.double.rows("dcim/device-bays", name="slot04")[0]
    rack.double.edit("dcim/device-bays", bay["id"], installed_device=None)


def _delete_device(rack: SyncedRack) -> None:
    bay = rack.double.rows("dcim/device-bays", name="slot05")[0]
    rack.double.remove("dcim/devices", bay["installed_device"])


def _delete_address(rack: SyncedRack) -> None:
    rack.double.remove("dcim/mac-addresses", rack.double.rows("dcim/mac-addresses")[2]["id"])


def _new_device(rack: SyncedRack) -> None:
    like = rack.double.rows("dcim/devices")[3]
    body = {name: like[name] for name in ("device_type", "role", "site")}
    rack.double.add("dcim/devices", name="spare 1", serial="10000000feed", **body)


def _rename_tag(rack: SyncedRack) -> None:
    tag = rack.double.rows("extras/tags")[0]
    rack.double.edit("extras/tags", tag["id"], name="other", slug="other")


def _save_chassis(rack: SyncedRack) -> None:
    (chassis,) = rack.double.rows("dcim/devices", serial=rack.chassis.board_id)
    rack.double.edit("dcim/devices", chassis["id"], description="moved")


EDITS: tuple[Callable[[SyncedRack], None], ...] = (
    _rename, _take_out, _delete_device, _delete_address, _new_device, _save_chassis, _rename_tag,
)  # fmt: skip


def test_after_a_look_it_says_what_a_full_read_says(rack: SyncedRack, keeper: Keeper) -> None:
    netbox = rack.netbox()
    for minutes, edit in enumerate(EDITS, start=2):
        edit(rack)
        rack.double.forget()
        at = NOW + timedelta(minutes=minutes)
        keeper.tick(at)
        most = 1 + 14 if edit is _rename_tag else 1 + 5
        assert len(rack.double.requests) <= most, (edit, _asked(rack))
        assert _bare(keeper.mirror.snapshot) == _bare(take_snapshot(netbox, "eth0", at)), edit
    netbox.close()


def test_what_others_write_elsewhere_costs_nothing(rack: SyncedRack, keeper: Keeper) -> None:
    rack.double.add("dcim/sites", name="Elsewhere", slug="elsewhere")
    keeper.tick(LATER)
    assert _asked(rack) == ["core/object-changes", "dcim/sites"]


def test_it_outlives_the_program(rack: SyncedRack, keeper: Keeper) -> None:
    again = Keeper()
    again.tick(LATER)
    assert _asked(rack) == ["core/object-changes"]
    assert _bare(again.mirror.snapshot) == _bare(keeper.mirror.snapshot)


def test_a_write_that_was_cut_off_spoils_it(rack: SyncedRack, keeper: Keeper) -> None:
    """The change log calls those writes ours, so nobody else would tell of them."""
    mirror_store.spoil()  # as before each write; the answer never came
    Keeper().tick(LATER)
    assert len(rack.double.requests) == 1 + 14
    assert SyncState.objects.get().mirror_of


def test_it_is_of_one_netbox_alone(rack: SyncedRack, keeper: Keeper) -> None:
    with (
        NetBoxDouble() as other,
        override_settings(NETBOX_URL=other.url, NETBOX_TOKEN=other.token),
    ):
        again = Keeper()
        again.tick(LATER)
        assert len(other.requests) >= 12
        other.forget()
        other.add("dcim/sites", name="Theirs", slug="theirs")  # far below the ids of the first one
        again.tick(LATER + timedelta(minutes=2))
        paths = [one.path for one in other.requests]
        assert paths == ["/api/core/object-changes/", "/api/dcim/sites/"]


def test_a_backup_played_back_is_noticed_within_the_hour(rack: SyncedRack, keeper: Keeper) -> None:
    """Its change log goes on at lower numbers than were looked at."""
    SyncState.objects.update(settled_change_id=99999, last_change_id=99999, seen_changes=[])
    keeper.tick(EDGE + timedelta(minutes=2))
    rack.double.forget()
    _rename(rack)
    keeper.tick(EDGE + timedelta(minutes=4))
    assert _asked(rack) == ["core/object-changes", "dcim/devices"]


def test_a_look_that_dies_on_the_way_is_looked_again(rack: SyncedRack, keeper: Keeper) -> None:
    """The cursor moves when what it told of was read, and not before."""
    _rename(rack)
    rack.double.fail(at="dcim/devices", how="502-html")
    again = keeper.tick(LATER)
    assert SyncState.objects.get().differences == 0
    keeper.tick(again)
    assert SyncState.objects.get().differences == 1


def test_only_what_changed_is_written_down(rack: SyncedRack, keeper: Keeper) -> None:
    before = dict(MirrorObject.objects.values_list("object_id", "pk").filter(kind="dcim/devices"))
    keeper.tick(EDGE + timedelta(minutes=2))
    assert len(rack.double.requests) == 1 + 14
    after = dict(MirrorObject.objects.values_list("object_id", "pk").filter(kind="dcim/devices"))
    assert before == after


def test_pages_of_ten_cost_no_full_read(rack: SyncedRack, keeper: Keeper) -> None:
    rack.double.api.largest_page = 10
    keeper.tick(LATER)
    assert _asked(rack) == ["core/object-changes"]
    for number in range(25):
        rack.double.add("dcim/sites", name=f"s{number}", slug=f"s{number}")
    rack.double.forget()
    keeper.tick(LATER + timedelta(minutes=2))
    assert _asked(rack) == ["core/object-changes"] * 3 + ["dcim/sites"] * 3


def test_more_than_pays_is_read_whole(rack: SyncedRack, keeper: Keeper) -> None:
    rack.double.api.largest_page = 1
    for number in range(20):
        rack.double.add("dcim/sites", name=f"s{number}", slug=f"s{number}")
    rack.double.api.largest_page = 1
    keeper.tick(LATER)
    assert _asked(rack).count("core/object-changes") == 14 + 1
    rack.double.api.largest_page = 1000
    rack.double.forget()
    keeper.tick(LATER + timedelta(minutes=2))
    assert _asked(rack) == ["core/object-changes"]
