"""The keeper beside a NetBox: one request when nothing happened, an outbox that waits and drains once and in order."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.test import override_settings

from backplane.inventory import setup
from backplane.inventory.keeper import Keeper
from backplane.inventory.models import Mode, OutboxItem, OutboxState, SyncState
from backplane.inventory.recorder import NetBoxRecorder
from tests.support.netbox_racks import Racks, quiet_tick, result_of

pytestmark = pytest.mark.live


def test_with_nothing_to_do_it_asks_the_change_log_once(synced: Racks) -> None:
    stamps, last = synced.stamps(), synced.last_change()
    with synced.settings():
        quiet_tick(synced, Keeper())
    assert [(one.method, one.path) for one in synced.sent] == [("GET", "core/object-changes")]
    assert synced.changes_since(last) == []
    assert synced.stamps() == stamps


def test_each_hour_it_reads_fourteen_lists_and_leaves_no_trace(synced: Racks) -> None:
    last = synced.last_change()
    with synced.settings():
        keeper = quiet_tick(synced, Keeper())
        synced.forget()
        keeper.tick(synced.now + timedelta(minutes=61))
    assert len(synced.reads) == 1 + 14
    assert synced.writes == []
    assert synced.changes_since(last) == []


def test_our_own_writes_are_no_news(synced: Racks) -> None:
    with synced.settings():
        setup.store_mode(Mode.SAFE)
        keeper = quiet_tick(synced, Keeper())
        synced.pull(3)
        keeper.tick(synced.now + timedelta(minutes=61))  # the timer finds the pull and writes it
        assert synced.there() == synced.here()
        quiet_tick(synced, keeper)
        assert SyncState.objects.get().differences == 0


def test_what_waited_while_netbox_was_away_drains_once_and_in_order(synced: Racks) -> None:
    """A Pi leaves slot 3 for a new one and is put into slot 5 in place of another; then a swap elsewhere."""
    first, fifth = synced.module(3), synced.module(5)
    with synced.settings():
        setup.store_mode(Mode.SAFE)
        keeper = quiet_tick(synced, Keeper())
    with _nobody_there():
        for swap_id, (number, new) in enumerate(((3, None), (5, first), (8, None)), start=1):
            pair = synced.swap(number, f"new{swap_id}", new)
            NetBoxRecorder().record(result_of(synced, number, swap_id, pair))
            keeper.tick(synced.tick() + timedelta(hours=swap_id))
        assert {one.state for one in OutboxItem.objects.all()} == {OutboxState.WAITS}
        assert SyncState.objects.get().failures == 3
    synced.forget()
    last = synced.last_change()
    with synced.settings():
        keeper.tick(synced.now + timedelta(hours=9))
        assert {one.state for one in OutboxItem.objects.all()} == {OutboxState.DONE}
        assert synced.there() == synced.here()
        assert synced.writes.count("dcim/device-bays") <= 2
        assert synced.device(first)["parent_device"]["device_bay"]["name"] == "slot05"
        assert synced.device(fifth)["status"]["value"] == "inventory"
        drained = len(synced.changes_since(last))
        keeper.tick(synced.now + timedelta(hours=10, minutes=1))
    assert len(synced.changes_since(last)) == drained


@contextmanager
def _nobody_there() -> Iterator[None]:
    with override_settings(NETBOX_URL="http://127.0.0.1:9", NETBOX_TOKEN="any", NETBOX_TIMEOUT_S=2):
        yield
