"""What NetBox said last, in memory and kept over restarts: saves fourteen reads for each swap.

Always guarded: a write from a mirror that is old is refused by NetBox, and what is old is read again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from backplane.inventory import mirror_store
from backplane.inventory.netbox.client import Json
from backplane.inventory.netbox.snapshot import LISTS, with_read, without
from backplane.inventory.records import Kind, NbSnapshot
from backplane.inventory.records.netbox import NbObject

_FULL_CHECK: Final = timedelta(hours=1)
_MIRRORED: Final = frozenset(LISTS.values())
_NAMES: Final = {kind: name for name, kind in LISTS.items()}


class Mirror:
    """The last snapshot of one NetBox, or none."""

    def __init__(self) -> None:
        self.snapshot: NbSnapshot | None = None
        self._taken_at: datetime | None = None
        self._mark: str | None = None
        self._is_new = False  # all of it is to be kept
        self._changed: set[tuple[Kind, int]] = set()

    def open(self, mark: str) -> bool:
        """Be the mirror of this NetBox: the kept one, if there is a right one; say whether it was taken up now."""
        if mark == self._mark:
            return False
        self.drop()
        self._mark = mark
        kept = mirror_store.load(mark)
        if kept is not None:
            self.snapshot, self._taken_at = kept
        return kept is not None

    def take(self, snapshot: NbSnapshot) -> None:
        self.snapshot, self._taken_at = snapshot, snapshot.taken_at
        self._is_new = True
        self._changed.clear()

    def drop(self) -> None:
        self.snapshot = self._taken_at = None
        self._changed.clear()

    def keep(self) -> None:
        """Keep it over restarts. Without a snapshot what was kept is wrong."""
        if self.snapshot is None or self._taken_at is None or self._mark is None:
            mirror_store.spoil()
        elif self._is_new:
            mirror_store.keep_all(self.snapshot, self._mark, self._taken_at)
        else:
            here = self._now(kind for kind, _ in self._changed)
            changed = {key: here[key] for key in self._changed if key in here}
            mirror_store.keep_some(changed, self._changed - changed.keys(), self._mark)
        self._is_new = False
        self._changed.clear()

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
        self.is_of(now)

    def is_of(self, now: datetime) -> None:
        """Say that it is as NetBox is now. Who stands where is told by the bays; a device's own word may be older."""
        if self.snapshot is not None:
            devices = tuple(replace(one, bay_id=None) for one in self.snapshot.devices)
            self.snapshot = replace(self.snapshot, devices=devices, taken_at=now)

    def read(self, kind: Kind, rows: Iterable[Json]) -> None:
        """Take over objects as just read."""
        said = list(rows)
        if self.snapshot is not None and said:
            self.snapshot = with_read(self.snapshot, kind, said)
            self._changed |= {(kind, int(one["id"])) for one in said}

    def forget(self, kind: Kind, ids: Iterable[int]) -> None:
        """Take out objects that are gone."""
        gone = set(ids)
        if self.snapshot is not None and gone:
            self.snapshot = without(self.snapshot, kind, gone)
            self._changed |= {(kind, one) for one in gone}

    def _now(self, kinds: Iterable[Kind]) -> dict[tuple[Kind, int], NbObject]:
        """Return the objects of these kinds by their keys."""
        return {
            (kind, one.id): one
            for kind in set(kinds)
            for one in getattr(self.snapshot, _NAMES[kind])
        }
