"""Requests it takes to bring NetBox to the rack, ours against pynetbox as it is usually written, in the same run.

Both write the same end state into a double of a NetBox 4.6. Requests are counted by the double and are exact; the
seconds are the double's and say nothing of a real one.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from backplane.inventory.mapping import ChassisMapping, Mapping, Place
from backplane.inventory.netbox.access import Access
from backplane.inventory.netbox.client import NetBox
from backplane.inventory.netbox.snapshot import take_snapshot
from backplane.inventory.plan import make_plan
from backplane.inventory.plan.estimate import first_sync_requests
from backplane.inventory.records import Plan, PlanOptions, PlanRow, Seen
from backplane.inventory.writing.executor import Executor
from backplane.inventory.writing.results import Fate, RowResult
from benchmarks.netbox_naive import sync_naively
from benchmarks.report import Figure
from tests.support.netbox import NetBoxDouble
from tests.support.rack_and_record import at_home, bay, full_rack, pi, reseat

TITLE = "Requests to NetBox, against naive pynetbox"
_SIZES = (1, 10)
_BAYS = 10
_FULL_CHECK = 14  # lists, one page each
_SWAP = 9  # 3 reads (devices, address, interface) and 6 writes
_EACH_CHASSIS = ("devices", "device-bays", "interfaces", "mac-addresses", "journal-entries")


def measure() -> list[Figure]:
    return [*(figure for chassis in _SIZES for figure in _measure(chassis)), *_measure_moves()]


def _measure_moves() -> list[Figure]:
    """Return what a swap takes from what the keeper has kept, and an exchange once everything was read."""
    rack = full_rack("a01", 1)
    modules = [one.module for one in rack.bays]
    swapped = reseat(rack, bay(3, pi(99)))
    turned = reseat(rack, *(bay(at + 1, modules[(at + 1) % 4]) for at in range(4)))
    with NetBoxDouble() as double, NetBoxDouble() as other:
        for each in (double, other):
            _sync(each, Seen((rack,)))
        swap, _ = _count_swap(double, Seen((swapped,)), {f"u{number:03}" for number in (3, 99)})
        _count(other, lambda: _sync(other, Seen((turned,))))
    bays = sum(one.method == "PATCH" and "device-bays" in one.path for one in other.requests)
    return [
        Figure("a swap, also after a restart", swap, "requests", _SWAP, "3 reads, 6 writes"),
        Figure("writes of bays in an exchange of 4 Pis", bays, "requests", 2),
    ]


def _count_swap(double: NetBoxDouble, seen: Seen, subjects: set[str]) -> tuple[int, float]:
    """Return requests and seconds of a swap of these modules, with what was read before they were swapped."""
    import django  # noqa: PLC0415  (the mirror has rows, which need it set up)

    django.setup()
    from backplane.inventory.mirror import Mirror  # noqa: PLC0415
    from backplane.inventory.refresh import look_up  # noqa: PLC0415

    netbox = NetBox(Access(double.url, double.token))
    mirror, now = Mirror(), datetime.now(UTC)
    mirror.take(take_snapshot(netbox, "eth0", now))

    def swap() -> None:
        look_up(netbox, mirror, seen, subjects, "eth0")
        assert mirror.snapshot is not None
        plan = make_plan(seen, mirror.snapshot, _mapping(seen), PlanOptions(), now)
        _must_be_good(Executor(netbox, _at_home, lambda _: None).run(plan.rows))

    try:
        return _count(double, swap)
    finally:
        netbox.close()


def _measure(chassis: int) -> list[Figure]:
    seen = Seen(tuple(full_rack(f"a{at:02}", 1 + _BAYS * at) for at in range(1, chassis + 1)))
    with NetBoxDouble() as ours, NetBoxDouble() as naive:
        first, first_s = _count(ours, lambda: _sync(ours, seen))
        bootstrap = _bootstrap_of(ours)
        naive_first, naive_first_s = _count(naive, lambda: sync_naively(naive, seen))
        after = _sync(ours, seen)
        again, again_s = _count(ours, lambda: _must_be_nothing(ours, after))
        naive_again, naive_again_s = _count(naive, lambda: sync_naively(naive, seen))
        _must_agree(ours, naive)
    beside = "naive {} requests, {:.1f} times as many; {:.2f} s against {:.2f} s"
    return [
        Figure(
            f"first sync of {chassis} x {_BAYS} Pis, with the types, tag and fields it needs",
            first,
            "requests",
            first_sync_requests(chassis),
            f"{bootstrap} of them make what is there once; "
            + beside.format(naive_first, naive_first / first, first_s, naive_first_s),
        ),
        Figure(
            f"full check of {chassis} x {_BAYS} Pis, nothing to do",
            again,
            "requests",
            _FULL_CHECK,
            beside.format(naive_again, naive_again / again, again_s, naive_again_s),
        ),
    ]


def _bootstrap_of(double: NetBoxDouble) -> int:
    """Return how many requests made what a NetBox needs once: types, roles, tag, fields, places."""
    made = [one.path.strip("/").split("/")[-1] for one in double.requests if one.method == "POST"]
    return sum(name not in _EACH_CHASSIS for name in made)


def _count(double: NetBoxDouble, work: Callable[[], object]) -> tuple[int, float]:
    """Return requests and seconds of `work`."""
    double.forget()
    began_s = time.perf_counter()
    work()
    return len(double.requests), time.perf_counter() - began_s


def _sync(double: NetBoxDouble, seen: Seen) -> Seen:
    """Collect, plan, carry out, once; return our own side afterwards."""
    netbox = NetBox(Access(double.url, double.token))
    try:
        plan = _plan(netbox, seen)
        results = Executor(netbox, _at_home, lambda _: None).run(plan.rows)
    finally:
        netbox.close()
    _must_be_good(results)
    return at_home(seen, plan)


def _must_be_good(results: dict[str, RowResult]) -> None:
    bad = [result for result in results.values() if not result.fate.is_good]
    assert not bad, bad[:3]


def _must_be_nothing(double: NetBoxDouble, seen: Seen) -> None:
    netbox = NetBox(Access(double.url, double.token))
    try:
        rows = [row for row in _plan(netbox, seen).rows if row.writes_netbox]
    finally:
        netbox.close()
    assert not rows, rows[:3]


def _plan(netbox: NetBox, seen: Seen) -> Plan:
    now = datetime.now(UTC)
    snapshot = take_snapshot(netbox, "eth0", now)
    return make_plan(seen, snapshot, _mapping(seen), PlanOptions(), now)


def _mapping(seen: Seen) -> Mapping:
    racks = tuple((one.slug, ChassisMapping(rack=f"R-{one.slug}")) for one in seen.chassis)
    return Mapping(place=Place(site="Home"), chassis=racks)


def _at_home(row: PlanRow) -> RowResult:
    """Stand in for our own database: `at_home` puts these rows into the seen rack afterwards."""
    return RowResult(row.key, Fate.DONE)


def _must_agree(ours: NetBoxDouble, naive: NetBoxDouble) -> None:
    """The two ends are the same in number: devices, filled bays, MACs, primary MACs."""
    ends = [
        (
            len(double.rows("dcim/devices")),
            sum(row["installed_device"] is not None for row in double.rows("dcim/device-bays")),
            len(double.rows("dcim/mac-addresses")),
            sum(row["primary_mac_address"] is not None for row in double.rows("dcim/interfaces")),
        )
        for double in (ours, naive)
    ]
    assert ends[0] == ends[1], ends
