"""Asks NetBox's change log whether anybody else wrote: one request, whatever the size of the rack.

Its ids commit out of order, so the cursor overlaps: the last of them are looked at again. Our own are ignored.
"""

from datetime import datetime
from typing import Final

from backplane.inventory.models import SyncState
from backplane.inventory.netbox.client import PAGE, Ask, Json, NetBox
from backplane.inventory.netbox.errors import NetBoxNonsense
from backplane.inventory.state import state
from backplane.inventory.store import are_ours

_OVERLAP: Final = 200  # ids that are looked at twice
_PATH: Final = "core/object-changes"


def has_news(netbox: NetBox, now: datetime) -> bool:
    """Say whether somebody else wrote since this was asked last; the first time it is always so."""
    row = state()
    start = None if row.last_change_id is None else max(row.last_change_id - _OVERLAP, 0)
    found, is_cut = _changes(netbox, start)
    seen = set(row.seen_changes)
    fresh = [one for one in found if int(one["id"]) not in seen]
    ours = are_ours({str(one["request_id"]) for one in fresh})
    foreign = any(str(one["request_id"]) not in ours for one in fresh)
    newest = max((int(one["id"]) for one in found), default=row.last_change_id or 0)
    kept = sorted(int(one["id"]) for one in found if int(one["id"]) > newest - _OVERLAP)
    SyncState.objects.filter(pk=row.pk).update(
        last_change_id=newest, seen_changes=kept, looked_at=now
    )
    return foreign or is_cut or start is None


def _changes(netbox: NetBox, start: int | None) -> tuple[list[Json], bool]:
    """Return the newest changes after `start`, and whether there are more than one answer holds."""
    query = (("limit", PAGE),) if start is not None else (("limit", _OVERLAP),)
    after = () if start is None else (("id__gt", start),)
    page = netbox.call(Ask("GET", _PATH, (*after, *query)))
    rows = page.get("results") if isinstance(page, dict) else None
    if not isinstance(rows, list) or any("request_id" not in row for row in rows):
        raise NetBoxNonsense("the change log is none")
    if start is not None and any(int(row["id"]) <= start for row in rows):
        raise NetBoxNonsense("the change log answered with what nobody asked for")
    return rows, bool(page.get("next"))
