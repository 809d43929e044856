"""The keeper: what each mode does by itself, an outbox that waits, the change log, and swaps in few requests."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from backplane.inventory import nudge, outbox, setup
from backplane.inventory.keeper import Keeper
from backplane.inventory.models import Mode, OutboxItem, OutboxState, SyncState
from backplane.inventory.recorder import NetBoxRecorder
from backplane.slots.models import Chassis, Module
from backplane.swaps.ports import RecordOutcome, SwapResult
from tests.support.inventory import NOW, SyncedRack, synced_rack
from tests.support.netbox.real import either_netbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.live]


@pytest.fixture
def rack() -> Iterator[SyncedRack]:
    with either_netbox() as double:
        rack = synced_rack(double)
        with rack.settings(2.0):
            yield rack


@pytest.fixture
def keeper(rack: SyncedRack) -> Keeper:
    """A keeper that has looked around once, with NetBox as the rack is."""
    rack.sync()
    keeper = Keeper()
    keeper.tick(NOW)
    rack.double.forget()
    return keeper


def _swap(rack: SyncedRack, slot: int = 3, swap_id: int = 1) -> SwapResult:
    old, new = rack.swap(slot, f"new{swap_id}")
    return _result(rack, slot, swap_id, old, new)


def _result(rack: SyncedRack, slot: int, swap_id: int, old: Module, new: Module) -> SwapResult:
    return SwapResult(
        swap_id, rack.chassis.slug, slot, old.pk, old.serial, old.name,
        new.pk, new.serial, new.mac, new.name, "",
    )  # fmt: skip


def test_with_nothing_to_do_it_asks_once(rack: SyncedRack, keeper: Keeper) -> None:
    changes = len(rack.double.changelog)
    keeper.tick(NOW + timedelta(minutes=2))
    assert [one.path for one in rack.double.requests] == ["/api/core/object-changes/"]
    assert len(rack.double.changelog) == changes


def test_each_hour_it_reads_everything(rack: SyncedRack, keeper: Keeper) -> None:
    keeper.tick(NOW + timedelta(minutes=61))
    assert len(rack.double.requests) == 1 + 14
    assert {one.method for one in rack.double.requests} == {"GET"}


def test_a_persons_edit_is_read_again_alone_and_ours_are_not(
    rack: SyncedRack, keeper: Keeper
) -> None:
    rack.double.edit("dcim/devices", rack.double.rows("dcim/devices")[3]["id"], name="mine")
    keeper.tick(NOW + timedelta(minutes=2))
    asked = [one.path for one in rack.double.requests]
    assert asked == ["/api/core/object-changes/", "/api/dcim/devices/"]
    assert SyncState.objects.get().differences == 1  # the name comes here


def test_a_swap_takes_three_reads_and_six_writes(rack: SyncedRack, keeper: Keeper) -> None:
    setup.store_mode(Mode.SAFE)
    result = _swap(rack)
    recorder = NetBoxRecorder()
    assert recorder.record(result).outcome is RecordOutcome.QUEUED
    keeper.tick(NOW + timedelta(minutes=2))
    settled = recorder.settle(1)
    assert settled is not None
    assert settled.outcome is RecordOutcome.WRITTEN, settled
    assert rack.netbox_says()["slot03"] == result.new_serial
    reads = [one.path for one in rack.double.requests if one.method == "GET"]
    writes = [one.path for one in rack.double.requests if one.method != "GET"]
    assert len(reads) <= 3, reads
    assert len(writes) <= 6, writes
    rack.double.forget()
    keeper.tick(NOW + timedelta(minutes=3))
    assert len(rack.double.requests) == 1


def test_in_plan_mode_a_swap_is_stored_and_nothing_written(
    rack: SyncedRack, keeper: Keeper
) -> None:
    recorder = NetBoxRecorder()
    assert recorder.record(_swap(rack)).outcome is RecordOutcome.PLANNED
    keeper.tick(NOW + timedelta(minutes=2))
    assert {one.method for one in rack.double.requests} == {"GET"}
    item = OutboxItem.objects.get()
    assert item.state == OutboxState.PLANNED
    assert item.plan is not None
    assert item.plan.rows.filter(group="swap").exists()


def test_with_netbox_away_swaps_wait_and_then_drain_once(rack: SyncedRack, keeper: Keeper) -> None:
    setup.store_mode(Mode.SAFE)
    recorder = NetBoxRecorder()
    recorder.record(_swap(rack))
    rack.double.fail(at="/api/", how="502-html", times=3)
    at = NOW + timedelta(minutes=2)
    for _ in range(3):
        at = keeper.tick(at)
        assert OutboxItem.objects.get().state == OutboxState.WAITS
    assert recorder.settle(1) is None
    assert SyncState.objects.get().failures == 3
    Keeper().tick(at)  # the program was started anew
    assert OutboxItem.objects.get().state == OutboxState.DONE
    assert rack.netbox_says() == rack.we_say()
    rows = len(rack.double.changelog)
    Keeper().tick(at + timedelta(minutes=1))
    assert len(rack.double.changelog) == rows


def test_who_waits_holds_those_of_the_same_module_back() -> None:
    for swap_id, subjects in ((1, ["a", "b"]), (2, ["b", "c"]), (3, ["d"])):
        OutboxItem.objects.create(
            swap_id=swap_id, chassis_slug="a12", slot_number=swap_id, subjects=subjects, made_at=NOW
        )
    OutboxItem.objects.filter(swap_id=1).update(retry_at=NOW + timedelta(minutes=1))
    assert [item.swap_id for item in outbox.due(NOW)] == [3]
    assert [item.swap_id for item in outbox.due(NOW + timedelta(minutes=1))] == [1, 2, 3]


def test_pauses_grow_and_end_at_a_quarter_of_an_hour() -> None:
    assert outbox.pause_after(1).total_seconds() < 20
    assert 600 < outbox.pause_after(50).total_seconds() < 1200
    assert outbox.pause_after(1, 300.0).total_seconds() == 300


def test_mode_all_writes_what_differs_and_off_asks_nobody(rack: SyncedRack) -> None:
    setup.store_mode(Mode.OFF)
    Keeper().tick(NOW)
    assert rack.double.requests == []
    setup.store_mode(Mode.ALL)
    Keeper().tick(NOW)
    assert rack.netbox_says() == rack.we_say()


def test_before_4_6_the_automatic_modes_only_plan(rack: SyncedRack) -> None:
    setup.store_mode(Mode.ALL)
    rack.double.api.version = "4.4.0"
    Keeper().tick(NOW)
    assert {one.method for one in rack.double.requests} == {"GET"}
    assert SyncState.objects.get().differences


def test_a_simulated_chassis_is_not_told_of(rack: SyncedRack) -> None:
    Chassis.objects.update(is_simulated=True)
    recorded = NetBoxRecorder().record(_swap(rack))
    assert recorded.outcome is RecordOutcome.NOT_CONNECTED
    assert "simulated" in recorded.text


def test_a_recorded_swap_wakes_the_sync(rack: SyncedRack) -> None:
    woken: list[int] = []

    def wake() -> None:
        woken.append(1)

    nudge.subscribe(wake)
    try:
        NetBoxRecorder().record(_swap(rack))
    finally:
        nudge.unsubscribe(wake)
    assert woken


def test_what_netbox_refuses_is_not_tried_each_minute(rack: SyncedRack, keeper: Keeper) -> None:
    setup.store_mode(Mode.ALL)
    rack.swap(3, "x" * 50)  # no serial of NetBox's may be that long
    rack.double.is_held_to_schema = False
    keeper.tick(NOW + timedelta(minutes=2))
    rack.double.forget()
    keeper.tick(NOW + timedelta(minutes=3))
    keeper.tick(NOW + timedelta(minutes=4))
    assert [one.method for one in rack.double.requests] == ["GET", "GET"]
    assert SyncState.objects.get().differences
