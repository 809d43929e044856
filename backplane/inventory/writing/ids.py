"""Knows the ids and stamps of one run: what rows made, and what NetBox made beside them from templates."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from backplane.inventory.netbox.answers import shown
from backplane.inventory.netbox.client import Json, NetBox
from backplane.inventory.netbox.snapshot import read_parts
from backplane.inventory.records import Kind, PlanRow, Ref

_MOST_IDS = 200  # of devices in one address; beyond, the whole list by name is cheaper


@dataclass(slots=True)
class Ids:
    """Filled as a run goes on."""

    netbox: NetBox
    made: dict[str, int] = field(default_factory=dict)
    stamps: dict[tuple[Kind, int], str] = field(default_factory=dict)
    parts: dict[tuple[Kind, int, str], Json] = field(default_factory=dict)
    latest: dict[tuple[Kind, int], Json] = field(default_factory=dict)  # read or written here
    met: set[str] = field(default_factory=set)  # rows of what another has made at the same time

    def resolve(self, ref: Ref) -> int | dict[str, Any] | None:
        """Return the id of what a reference points to, else its natural key; None: it does not exist yet."""
        if ref.id is not None:
            return ref.id
        if ref.key in self.made:
            return self.made[ref.key]
        if ref.parent is not None:
            part = self.part(ref.kind, ref.parent, ref.name)
            return None if part is None else int(part["id"])
        return dict(ref.natural) or None

    def part(self, kind: Kind, parent: Ref, name: str) -> Json | None:
        device = self.resolve(parent)
        return self.parts.get((kind, device, name.casefold())) if isinstance(device, int) else None

    def find(self, row: PlanRow) -> tuple[int, Json | None] | None:
        """Return the id of the object a change is about, with what was read of it just now."""
        if row.object_id is not None:
            return row.object_id, None
        where = _place(row)
        if where is None:
            return None
        part = self.part(row.kind, *where)
        return None if part is None else (int(part["id"]), part)

    def note(self, row: PlanRow, said: Json) -> None:
        """Remember what a write answered."""
        self.made[row.key] = int(said["id"])
        self.stamps[row.kind, int(said["id"])] = str(said.get("last_updated") or "")
        self.latest[row.kind, int(said["id"])] = said

    def read_parts(self, rows: Iterable[PlanRow]) -> None:
        """Read the components that these rows need and nobody has read: one list for each kind."""
        wanted: dict[Kind, dict[int, set[str]]] = {}
        for kind, parent, name in (place for row in rows for place in _places(row)):
            device = self.resolve(parent)
            if isinstance(device, int) and (kind, device, name.casefold()) not in self.parts:
                wanted.setdefault(kind, {}).setdefault(device, set()).add(name)
        for kind, devices in wanted.items():
            for said in self._read(kind, devices):
                self.parts[kind, int(said["device"]["id"]), said["name"].casefold()] = said
                self.latest[kind, int(said["id"])] = said

    def _read(self, kind: Kind, devices: dict[int, set[str]]) -> list[Json]:
        names = {name for each in devices.values() for name in each}
        name = next(iter(names)) if len(names) == 1 else ""
        if len(devices) <= _MOST_IDS or not name:
            return read_parts(self.netbox, kind, devices, name)
        rows = self.netbox.read(kind.value, (("name", name),))
        return [row for row in rows if row["device"]["id"] in devices and row["name"] == name]


def _places(row: PlanRow) -> Iterable[tuple[Kind, Ref, str]]:
    where = _place(row)
    if row.object_id is None and where is not None:
        yield (row.kind, *where)
    for change in row.changes:
        ref = change.after
        if isinstance(ref, Ref) and ref.id is None and ref.parent is not None:
            yield ref.kind, ref.parent, ref.name


def _place(row: PlanRow) -> tuple[Ref, str] | None:
    found = dict(row.found_by)
    parent = found.get("device")
    return (parent, str(found["name"])) if isinstance(parent, Ref) else None


def is_match(row: PlanRow, said: Json, fields: Iterable[str], ids: Ids) -> bool:
    """Say whether an object has the same natural key as the one a row would make."""
    wanted = {change.field: change.after for change in row.changes}
    return all(_equal(wanted.get(name), shown(said, name), ids) for name in fields)


def _equal(wanted: object, found: object, ids: Ids) -> bool:
    value = ids.resolve(wanted) if isinstance(wanted, Ref) else wanted
    return str(value or "").casefold() == str(found or "").casefold()
