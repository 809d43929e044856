"""A swap with something in between, at each of its requests in turn: a kill, a person's edit, a second sync."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from backplane.inventory import setup, sync
from backplane.inventory.keeper import Keeper
from backplane.inventory.models import Mode, OutboxItem, OutboxState
from backplane.inventory.recorder import NetBoxRecorder
from backplane.inventory.records import PlanRow
from backplane.inventory.store import rows_of
from backplane.inventory.writing.executor import Executor
from backplane.inventory.writing.results import Fate, RowResult
from backplane.slots.models import Module
from backplane.swaps.ports import SwapResult
from tests.support.inventory import NOW, SyncedRack, synced_rack
from tests.support.netbox.real import either_netbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.live]
_MOST_REQUESTS = 20
_AT_LEAST = 6  # writes of a swap


@pytest.fixture
def rack() -> Iterator[SyncedRack]:
    with either_netbox() as double:
        rack = synced_rack(double)
        with rack.settings(3.0):
            rack.sync()
            yield rack


def _nothing_twice(rack: SyncedRack) -> None:
    for path, field in (("dcim/devices", "serial"), ("dcim/mac-addresses", "mac_address")):
        counts = Counter(row[field] for row in rack.double.rows(path))
        assert [value for value, count in counts.items() if count > 1] == [], path


def _heals(rack: SyncedRack) -> None:
    assert any(rack.sync() is None for _ in range(3))
    assert rack.netbox_says() == rack.we_say()
    _nothing_twice(rack)


def _swap(rack: SyncedRack, number: int) -> tuple[Module, Module]:
    """Put a new Pi with an address of its own into slot 3."""
    old, new = rack.swap(3, f"new{number:02}")
    Module.objects.filter(pk=new.pk).update(macs=[f"d8:3a:dd:99:00:{number:02x}"])
    new.refresh_from_db()
    return old, new


def _each(rack: SyncedRack, run: Callable[[int], None]) -> None:
    """Run with something at request 1, 2, 3 ... until there is no such request."""
    for number in range(1, _MOST_REQUESTS):
        run(number)
        if not rack.double.is_passed:
            rack.double.forget()
            assert number > _AT_LEAST
            return
    pytest.fail("it never ends")


def test_a_person_who_edits_at_each_request_keeps_every_word(rack: SyncedRack) -> None:
    rack.double.add("extras/tags", name="loved", slug="loved")

    def run(number: int) -> None:
        old, _ = _swap(rack, number)
        stored = rack.plan()
        rack.double.forget()
        (device,) = rack.double.rows("dcim/devices", serial=old.serial)
        words = {"comments": f"mine {number}", "name": f"named-{number}"}

        def edit() -> None:
            rack.double.edit("dcim/devices", device["id"], **words, add_tags=[{"slug": "loved"}])

        rack.double.meanwhile(number, edit)
        netbox = rack.netbox()
        sync.apply(netbox, stored, "Ada", rack.now)
        netbox.close()
        if not rack.double.is_passed:
            return
        _heals(rack)
        (after,) = rack.double.rows("dcim/devices", serial=old.serial)
        assert {name: after[name] for name in words} == words
        assert len(after["tags"]) == 2
        assert after["status"] == "inventory"
        old.refresh_from_db()
        assert old.name == f"named-{number}"

    _each(rack, run)


def test_a_stranger_put_into_the_bay_at_each_request_is_not_thrown_out(rack: SyncedRack) -> None:
    like = rack.double.rows("dcim/devices", name="pi-01")[0]
    body = {name: like[name] for name in ("device_type", "role", "site")}
    (bay,) = rack.double.rows("dcim/device-bays", name="slot03")

    def run(number: int) -> None:
        _swap(rack, number)
        stored = rack.plan()
        rack.double.forget()
        own = {"name": f"theirs-{number}", "serial": f"2000theirs{number}"}
        theirs = rack.double.add("dcim/devices", **own, **body)
        rack.double.meanwhile(
            number,
            lambda: rack.double.edit("dcim/device-bays", bay["id"], installed_device=theirs),
        )
        netbox = rack.netbox()
        sync.apply(netbox, stored, "Ada", rack.now)
        netbox.close()
        if not rack.double.is_passed:
            return
        rack.sync()
        rack.sync()
        (now,) = rack.double.rows("dcim/device-bays", name="slot03")
        assert now["installed_device"] == theirs
        _nothing_twice(rack)
        rack.double.edit("dcim/device-bays", bay["id"], installed_device=None)
        _heals(rack)

    _each(rack, run)


def test_a_second_sync_at_each_request_doubles_nothing(rack: SyncedRack) -> None:
    """Another process with the same plan writes all of it in the middle of ours."""

    def run(number: int) -> None:
        _swap(rack, number)
        stored = rack.plan()
        rows = rows_of(stored)
        rack.double.forget()
        rack.double.meanwhile(number, lambda: _write_elsewhere(rack, rows))
        netbox = rack.netbox()
        applied = sync.apply(netbox, stored, "Ada", rack.now)
        netbox.close()
        if not rack.double.is_passed:
            return
        assert applied.error is None
        assert Fate.FAILED not in {one.fate for one in applied.results.values()}
        _nothing_twice(rack)
        _heals(rack)

    _each(rack, run)


def _write_elsewhere(rack: SyncedRack, rows: list[PlanRow]) -> None:
    netbox = rack.netbox()
    here = Executor(netbox, lambda row: RowResult(row.key, Fate.DONE), lambda _: None)
    results = here.run(rows)
    netbox.close()
    assert Fate.LEFT not in {one.fate for one in results.values()}


@pytest.mark.parametrize("how", ["drop", "drop-after-write"])
def test_a_keeper_killed_at_each_request_of_a_swap_drains_once(rack: SyncedRack, how: str) -> None:
    setup.store_mode(Mode.SAFE)
    Keeper().tick(NOW)
    at = NOW
    for number in range(1, _MOST_REQUESTS):
        at += timedelta(minutes=2)
        item = _record(rack, number, *_swap(rack, number))
        rack.double.forget()
        rack.double.fail(at=number, how=how)
        Keeper().tick(at)
        item.refresh_from_db()
        if item.state == OutboxState.DONE:
            assert number == 3 + 6 + 1, "three reads and six writes"
            return
        at = item.retry_at or at
        rack.double.forget()
        _until_done(item, at)
        assert rack.netbox_says() == rack.we_say()
        _nothing_twice(rack)
    pytest.fail("it never ends")


def _until_done(item: OutboxItem, at: datetime) -> None:
    for _ in range(3):
        at = Keeper().tick(at)
        item.refresh_from_db()
        if item.state == OutboxState.DONE:
            return
    pytest.fail(f"{item.state}: {item.text}")


def _record(rack: SyncedRack, number: int, old: Module, new: Module) -> OutboxItem:
    result = SwapResult(
        number, rack.chassis.slug, 3, old.pk, old.serial, old.name,
        new.pk, new.serial, new.mac, new.name, "",
    )  # fmt: skip
    NetBoxRecorder().record(result)
    return OutboxItem.objects.get(swap_id=number)
