"""Counts the requests a plan takes: lists of a hundred, and one look for what templates make. Pure."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from backplane.inventory.records import Kind, PlanRow

BULK: Final = 100  # objects in one list
PAGE: Final = 1000  # objects in one answer, NetBox's own limit
_FIRST_SYNC: Final = 24  # 14 lists read and, in an empty NetBox, 10 kinds of shared objects made


def requests_of(rows: Iterable[PlanRow]) -> int:
    """Return how many requests applying all these rows takes: one per list of a phase, one per page looked up."""
    writing = [row for row in rows if row.writes_netbox]
    writes = Counter(row.phase for row in writing)
    looked_up = Counter(row.kind for row in writing if row.found_by)
    reads = (_pages(looked_up[kind], PAGE) for kind in (Kind.BAY, Kind.INTERFACE))
    return sum(_pages(count, BULK) for count in writes.values()) + sum(reads)


def first_sync_requests(chassis: int) -> int:
    """Return the most requests that the first sync of this many chassis with ten Pis each may take."""
    return _FIRST_SYNC + _pages(11 * chassis, BULK) + 3 * _pages(10 * chassis, BULK)


def _pages(count: int, size: int) -> int:
    return -(-count // size)
