"""Asks NetBox's change log what others wrote: one request for each page, most times one, whatever the rack's size.

Its ids commit out of order, so the cursor stays below the first id that is missing until nobody can still be
writing it. What was found is kept only when the caller has read it: `keep`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from backplane.inventory.models import SyncState
from backplane.inventory.netbox.client import PAGE, Ask, Json, NetBox
from backplane.inventory.netbox.errors import NetBoxNonsense
from backplane.inventory.netbox.snapshot import LISTS
from backplane.inventory.records import Kind
from backplane.inventory.state import state
from backplane.inventory.store import are_ours

_OVERLAP: Final = 200  # ids below the newest that may still come, at the most
_LONGEST_WRITE: Final = timedelta(minutes=10)  # a request that is still writing then is no more
_MARK_EACH: Final = timedelta(minutes=1)
_MOST_PAGES: Final = len(LISTS)  # beyond, reading everything is cheaper
_PATH: Final = "core/object-changes"
_KINDS: Final[Mapping[str, Kind]] = {
    "extras.tag": Kind.TAG,
    "extras.customfield": Kind.CUSTOM_FIELD,
    "dcim.site": Kind.SITE,
    "dcim.location": Kind.LOCATION,
    "dcim.rack": Kind.RACK,
    "dcim.manufacturer": Kind.MANUFACTURER,
    "dcim.devicerole": Kind.ROLE,
    "dcim.devicetype": Kind.DEVICE_TYPE,
    "dcim.devicebaytemplate": Kind.BAY_TEMPLATE,
    "dcim.interfacetemplate": Kind.INTERFACE_TEMPLATE,
    "dcim.device": Kind.DEVICE,
    "dcim.devicebay": Kind.BAY,
    "dcim.interface": Kind.INTERFACE,
    "dcim.macaddress": Kind.MAC,
}


@dataclass(frozen=True, slots=True)
class News:
    """What others wrote since the last look. `is_all`: it cannot be told what, so everything is to be read.

    `touched`: ids by kind, of the kinds a plan looks at.
    """

    is_all: bool = False
    touched: Mapping[Kind, frozenset[int]] = field(default_factory=dict)
    cursor: "Cursor | None" = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """All ids up to `settled` were looked at; above it, `seen`. `marks`: which id was the newest, and when."""

    newest: int
    settled: int
    seen: tuple[int, ...]
    marks: tuple[tuple[int, str], ...]


def look(netbox: NetBox, now: datetime, *, is_anew: bool = False) -> News:
    """Return what others wrote since the cursor that was kept last. Raises NetBoxError.

    `is_anew`: everything is read after this, so the cursor begins at what is newest; the old one may be of another
    NetBox, or of this one before a backup of it was played back.
    """
    row = state()
    if row.settled_change_id is None or is_anew:
        return News(is_all=True, cursor=_first(netbox, now))
    found, is_cut = _changes(netbox, row.settled_change_id)
    if is_cut:
        return News(is_all=True, cursor=_first(netbox, now))
    seen = set(row.seen_changes)
    fresh = [one for one in found if int(one["id"]) not in seen]
    ours = are_ours({str(one["request_id"]) for one in fresh})
    foreign = [one for one in fresh if str(one["request_id"]) not in ours]
    ids = sorted(seen | {int(one["id"]) for one in found})
    marks = tuple((int(one[0]), str(one[1])) for one in row.change_marks)
    at = Cursor(row.last_change_id or 0, row.settled_change_id, tuple(ids), marks)
    return News(False, _touched(foreign), moved(at, now))


def keep(news: News, now: datetime) -> None:
    """Keep the cursor: what `news` told of has been read."""
    at = news.cursor
    if at is None:
        return
    SyncState.objects.filter(pk=state().pk).update(
        last_change_id=at.newest,
        settled_change_id=at.settled,
        seen_changes=list(at.seen),
        change_marks=[list(mark) for mark in at.marks],
        looked_at=now,
    )


def _first(netbox: NetBox, now: datetime) -> Cursor:
    rows, _ = _page(netbox, (("limit", _OVERLAP),))
    ids = sorted(int(one["id"]) for one in rows)
    newest = ids[-1] if ids else 0
    settled = max(newest - _OVERLAP, ids[0] - 1) if ids else 0
    return moved(Cursor(newest, settled, tuple(ids), ()), now)


def moved(at: Cursor, now: datetime) -> Cursor:
    """Return the cursor moved on past all that nobody can still be writing."""
    newest = max((at.newest, *at.seen))
    marks = at.marks
    is_due = not marks or datetime.fromisoformat(marks[-1][1]) <= now - _MARK_EACH
    if is_due:
        marks = (*marks, (newest, now.isoformat()))
    old = [one for one, said in marks if datetime.fromisoformat(said) <= now - _LONGEST_WRITE]
    settled = max(at.settled, newest - _OVERLAP, *old)
    seen = {one for one in at.seen if one > settled}
    while settled + 1 in seen:
        settled += 1
    left = tuple(sorted(one for one in seen if one > settled))
    return Cursor(newest, settled, left, tuple(mark for mark in marks if mark[0] > settled))


def _touched(changes: Sequence[Json]) -> dict[Kind, frozenset[int]]:
    touched: dict[Kind, set[int]] = {}
    for one in changes:
        kind = _KINDS.get(str(one["changed_object_type"]))
        if kind is not None and one["changed_object_id"] is not None:
            touched.setdefault(kind, set()).add(int(one["changed_object_id"]))
    return {kind: frozenset(ids) for kind, ids in touched.items()}


def _changes(netbox: NetBox, start: int) -> tuple[list[Json], bool]:
    """Return the changes after `start`, and whether there are more than it pays to read."""
    found: list[Json] = []
    for _ in range(_MOST_PAGES):
        # By id, not by offset: what is written meanwhile comes at the end and shifts nothing.
        query = (("id__gt", start), ("ordering", "id"), ("limit", PAGE))
        rows, is_more = _page(netbox, query)
        ids = [int(row["id"]) for row in rows]
        if any(one <= start for one in ids):
            raise NetBoxNonsense("the change log answered with what nobody asked for")
        found += rows
        if not is_more or not rows:
            return found, False
        if ids != sorted(ids):  # it does not sort them for us, so the next page cannot be asked for
            break
        start = ids[-1]
    return found, True


def _page(netbox: NetBox, query: Sequence[tuple[str, str | int]]) -> tuple[list[Json], bool]:
    page = netbox.call(Ask("GET", _PATH, query))
    rows = page.get("results") if isinstance(page, dict) else None
    needed = {"id", "request_id", "changed_object_type", "changed_object_id"}
    if not isinstance(rows, list) or any(not needed <= set(row) for row in rows):
        raise NetBoxNonsense("the change log is none")
    return rows, bool(page.get("next"))
