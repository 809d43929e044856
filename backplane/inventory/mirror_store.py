"""Keeps the mirror of NetBox over restarts: one row for each object, and a word that says whether they are right.

The word is taken away before anything is written to NetBox and given back when the answers are in the rows, so
that a program killed in between reads everything anew.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from backplane.inventory.models import MirrorObject
from backplane.inventory.netbox.answers import RECORDS
from backplane.inventory.netbox.snapshot import LISTS
from backplane.inventory.records import Kind, NbSnapshot
from backplane.inventory.records.netbox import NbObject
from backplane.inventory.state import set_state, state

Key = tuple[Kind, int]
_SHAPE: Final = 1  # raised when a record's fields change: what was kept is read anew then
_SETS: Final = frozenset({"tags"})
_TUPLES: Final = frozenset({"object_types"})
_BATCH: Final = 200


def mark_of(url: str, interface: str) -> str:
    """Return the word for a mirror of this NetBox, with interfaces of this name."""
    return hashlib.sha256(f"{_SHAPE} {url} {interface}".encode()).hexdigest()


def load(mark: str) -> tuple[NbSnapshot, datetime] | None:
    """Return the kept mirror and when all of it was read; None: there is none, or it may be wrong."""
    row = state()
    if row.mirror_of != mark or row.mirror_at is None:
        return None
    lists: dict[Kind, list[NbObject]] = {}
    for one in MirrorObject.objects.order_by("object_id").iterator(chunk_size=2000):
        kind = Kind(one.kind)
        lists.setdefault(kind, []).append(_unpack(kind, one.data))
    named: dict[str, Any] = {name: tuple(lists.get(kind, ())) for name, kind in LISTS.items()}
    return NbSnapshot(taken_at=row.mirror_at, version=row.version, **named), row.mirror_at


def spoil() -> None:
    """Say that the kept mirror may be wrong: something is about to be written."""
    set_state(mirror_of="")


def keep_all(snapshot: NbSnapshot, mark: str, taken_at: datetime) -> None:
    """Keep a mirror in place of the old one; only what differs is written."""
    new = {
        (kind, one.id): _pack(one)
        for name, kind in LISTS.items()
        for one in getattr(snapshot, name)
    }
    with transaction.atomic():
        old = {(Kind(one.kind), one.object_id): one.data for one in MirrorObject.objects.all()}
        _write({key: data for key, data in new.items() if old.get(key) != data})
        _remove(set(old) - set(new))
        set_state(mirror_of=mark, mirror_at=taken_at)


def keep_some(changed: Mapping[Key, NbObject], gone: Iterable[Key], mark: str) -> None:
    """Keep what changed in the mirror that is kept already."""
    with transaction.atomic():
        _write({key: _pack(one) for key, one in changed.items()})
        _remove(gone)
        set_state(mirror_of=mark)


def _write(rows: Mapping[Key, Any]) -> None:
    MirrorObject.objects.bulk_create(
        (MirrorObject(kind=kind, object_id=at, data=data) for (kind, at), data in rows.items()),
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["kind", "object_id"],
        update_fields=["data"],
    )


def _remove(keys: Iterable[Key]) -> None:
    by_kind: dict[Kind, list[int]] = {}
    for kind, object_id in keys:
        by_kind.setdefault(kind, []).append(object_id)
    for kind, ids in by_kind.items():
        for at in range(0, len(ids), _BATCH):
            some = ids[at : at + _BATCH]
            MirrorObject.objects.filter(kind=kind, object_id__in=some).delete()


def _pack(one: NbObject) -> dict[str, Any]:
    """Return a record as JSON. Who stands where is told by the bays, so a device's own word of it is left out."""
    data = {
        name: sorted(value) if isinstance(value, frozenset | tuple) else value
        for name, value in asdict(one).items()
    }
    return data | {"bay_id": None} if "bay_id" in data else data


def _unpack(kind: Kind, data: Mapping[str, Any]) -> NbObject:
    values = dict(data)
    for name in _SETS & values.keys():
        values[name] = frozenset(values[name])
    for name in _TUPLES & values.keys():
        values[name] = tuple(values[name])
    return RECORDS[kind](**values)
