"""A sync that dies at any request, in any way, and is run again: it converges, and nothing is there twice."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from backplane.inventory import state, sync
from backplane.inventory.models import SyncState
from backplane.inventory.store import Asked
from backplane.inventory.writing.results import Fate
from tests.support.inventory import NOW, SyncedRack, synced_rack
from tests.support.netbox import NetBoxDouble
from tests.support.netbox.real import either_netbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.live]
_MOST_RUNS = 5


@pytest.fixture
def rack() -> Iterator[SyncedRack]:
    with either_netbox() as double:
        yield synced_rack(double)


def _runs_until_quiet(rack: SyncedRack) -> int:
    for run in range(1, _MOST_RUNS + 1):
        if rack.sync(timeout_s=3) is None:
            return run
    return _MOST_RUNS + 1


def _nothing_twice(double: NetBoxDouble) -> None:
    for path, field in (
        ("dcim/devices", "serial"),
        ("dcim/mac-addresses", "mac_address"),
        ("dcim/racks", "name"),
        ("dcim/sites", "slug"),
        ("extras/tags", "slug"),
    ):
        counts = Counter(row[field] for row in double.rows(path))
        assert [value for value, count in counts.items() if count > 1] == [], path


@pytest.mark.parametrize("how", ["drop-after-write", "500-after-write", "502-html"])
def test_a_first_sync_killed_at_each_request_converges(rack: SyncedRack, how: str) -> None:
    """Each run gets one request further than the one before, and then dies."""
    number, quiet = 0, False
    while not quiet and number < 60:
        number += 1
        rack.double.forget()
        rack.double.fail(at=number, how=how)
        try:
            quiet = rack.sync(timeout_s=3) is None
        except Exception as error:  # noqa: BLE001  (a read that died ends the run before it stored a plan)
            assert "NetBox" in type(error).__name__  # noqa: PT017  (which one depends on the fault)
    rack.double.forget()
    assert _runs_until_quiet(rack) == 1
    assert rack.netbox_says() == rack.we_say()
    _nothing_twice(rack.double)


@pytest.mark.parametrize("how", ["drop-after-write", "drop", "429", "truncated"])
def test_a_swap_killed_at_each_request_converges(rack: SyncedRack, how: str) -> None:
    rack.sync()
    for write in range(1, 9):
        rack.swap(3, f"kill{write}")
        rack.double.forget()
        rack.double.fail(at=14 + write, how=how)
        rack.sync(timeout_s=3)
        rack.double.forget()
        assert _runs_until_quiet(rack) <= 3
        assert rack.netbox_says() == rack.we_say()
        _nothing_twice(rack.double)


def test_two_syncs_at_once_take_turns() -> None:
    with state.turn(NOW), pytest.raises(state.BusyError), state.turn(NOW):
        pass
    with state.turn(NOW):
        pass


def test_the_turn_of_a_process_that_was_killed_is_taken_over() -> None:
    row = state.state()
    row.busy_by, row.busy_until = f"{state._HOST}:999999:dead", NOW.replace(year=2099)
    row.save()
    with state.turn(NOW):
        pass


def test_a_long_sync_keeps_its_turn() -> None:
    """Eleven minutes of requests: nobody takes the turn of one who is at work."""
    clock_s = [1000.0]
    with state.turn(NOW, lambda: clock_s[0]):
        for _ in range(11):
            clock_s[0] += 60
            state.renew()
        row = state.state()
        assert row.busy_until is not None
        assert row.busy_until > NOW + timedelta(minutes=20)


def test_who_was_silent_for_too_long_writes_no_more(rack: SyncedRack) -> None:
    """Another process took the turn meanwhile; what was left of the plan is left to it."""
    clock_s = [1000.0]
    with rack.settings(), state.turn(NOW, lambda: clock_s[0]), sync.netbox_of_settings() as netbox:
        stored, _ = sync.make(netbox, Asked(by="Ada"), NOW)
        rack.double.forget()
        SyncState.objects.update(busy_by="another:1:abcd")
        clock_s[0] += 900
        applied = sync.apply(netbox, stored, "Ada", NOW)
    assert isinstance(applied.error, state.TurnLost)
    assert rack.double.requests == []
    assert {one.fate for one in applied.results.values()} == {Fate.LEFT}
    assert state.state().busy_by == "another:1:abcd"
