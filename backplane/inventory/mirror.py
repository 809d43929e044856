"""What NetBox said last, kept in memory while nobody else writes there: saves fourteen reads for each swap.

Always guarded: a write from a mirror that is old is refused by NetBox, and then everything is read again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from backplane.inventory.netbox.client import Json
from backplane.inventory.netbox.snapshot import LISTS, with_read
from backplane.inventory.records import Kind, NbSnapshot

_FULL_CHECK: Final = timedelta(hours=1)
_MIRRORED: Final = frozenset(LISTS.values())


class Mirror:
    """The last snapshot of one NetBox, or none."""

    def __init__(self) -> None:
        self.snapshot: NbSnapshot | None = None
        self._taken_at: datetime | None = None

    def take(self, snapshot: NbSnapshot) -> None:
        self.snapshot, self._taken_at = snapshot, snapshot.taken_at

    def drop(self) -> None:
        self.snapshot = self._taken_at = None

    def is_due(self, now: datetime) -> bool:
        """Say whether everything is to be read again."""
        return self._taken_at is None or now - self._taken_at >= _FULL_CHECK

    def update(self, latest: Mapping[tuple[Kind, int], Json], now: datetime) -> None:
        """Take over what was read or written since. A chassis that was saved moved all its children: then drop."""
        if self.snapshot is None:
            return
        by_kind: dict[Kind, list[Json]] = {}
        for (kind, _), said in latest.items():
            if kind in _MIRRORED:
                by_kind.setdefault(kind, []).append(said)
        for kind, rows in by_kind.items():
            self.read(kind, rows)
        # Who stands where is told by the bays; a device's own word of it may be older.
        devices = tuple(replace(one, bay_id=None) for one in self.snapshot.devices)
        self.snapshot = replace(self.snapshot, devices=devices, taken_at=now)

    def read(self, kind: Kind, rows: Iterable[Json]) -> None:
        """Take over objects as just read."""
        if self.snapshot is not None:
            self.snapshot = with_read(self.snapshot, kind, rows)
