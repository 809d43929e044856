"""What step 9 is told: that NetBox says it only where NetBox does; what is not heard waits, what is not known is told."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from backplane.inventory import setup, sync
from backplane.inventory.keeper import Keeper
from backplane.inventory.mapping import mapping_from_rows
from backplane.inventory.models import Mode, OutboxItem, OutboxState, SyncState
from backplane.inventory.recorder import NetBoxRecorder
from backplane.slots.models import Chassis, LinkState, Slot
from backplane.swaps.ports import RecordOutcome, SwapResult
from tests.support.inventory import NOW, SyncedRack, synced_rack
from tests.support.netbox.real import either_netbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.live]
LATER = NOW + timedelta(minutes=2)


@pytest.fixture
def rack() -> Iterator[SyncedRack]:
    with either_netbox() as double:
        rack = synced_rack(double)
        with rack.settings(2.0):
            setup.store_mode(Mode.SAFE)
            yield rack


@pytest.fixture
def keeper(rack: SyncedRack) -> Keeper:
    """A keeper that has looked around once, with NetBox as the rack is."""
    rack.sync()
    keeper = Keeper()
    keeper.tick(NOW)
    return keeper


def _record(rack: SyncedRack) -> None:
    old, new = rack.swap(3)
    result = SwapResult(
        1, rack.chassis.slug, 3, old.pk, old.serial, old.name,
        new.pk, new.serial, new.mac, new.name, "",
    )  # fmt: skip
    NetBoxRecorder().record(result)


def test_while_the_chassis_is_not_heard_a_swap_waits(rack: SyncedRack, keeper: Keeper) -> None:
    _record(rack)
    Chassis.objects.update(link_state=LinkState.LOST)
    keeper.tick(LATER)
    item = OutboxItem.objects.get()
    assert item.state == OutboxState.WAITS
    assert "not heard" in item.text
    assert item.retry_at is not None
    Chassis.objects.update(link_state=LinkState.UP)
    keeper.tick(item.retry_at)
    assert OutboxItem.objects.get().state == OutboxState.DONE
    assert rack.netbox_says() == rack.we_say()


def test_a_board_nobody_knows_is_not_said_to_be_in_netbox(rack: SyncedRack, keeper: Keeper) -> None:
    _record(rack)
    Slot.objects.filter(chassis=rack.chassis, number=3).update(module=None)
    keeper.tick(LATER)
    settled = NetBoxRecorder().settle(1)
    assert settled is not None
    assert settled.outcome is RecordOutcome.PLANNED
    assert "not known" in settled.text


def test_a_chassis_that_waits_for_a_person_keeps_its_swaps_waiting_too(rack: SyncedRack) -> None:
    setup.store_mapping(mapping_from_rows([("place.site", "")]))
    keeper = Keeper()
    keeper.tick(NOW)
    _record(rack)
    keeper.tick(LATER)
    settled = NetBoxRecorder().settle(1)
    assert settled is not None
    assert settled.outcome is RecordOutcome.PLANNED
    assert rack.double.rows("dcim/devices") == []


def test_what_was_applied_by_hand_is_read_again(rack: SyncedRack, keeper: Keeper) -> None:
    setup.store_mode(Mode.PLAN)
    rack.swap(3)
    keeper.tick(LATER)
    assert SyncState.objects.get().differences
    netbox = rack.netbox()
    rack.now = LATER + timedelta(seconds=5)
    sync.apply(netbox, rack.plan(), "Ada", rack.now)
    netbox.close()
    keeper.tick(LATER + timedelta(minutes=1))
    assert SyncState.objects.get().differences == 0
