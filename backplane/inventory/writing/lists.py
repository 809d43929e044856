"""Sends one list of rows to one endpoint until each has its fate: guarded, all or none, halved where one is bad.

A stale or refused list is read again and decided again; what somebody changed falls out, the rest goes on.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from backplane.inventory.netbox.client import Json, NetBox
from backplane.inventory.netbox.errors import (
    NetBoxDuplicate,
    NetBoxError,
    NetBoxRejected,
    NetBoxStale,
)
from backplane.inventory.netbox.snapshot import read_by_ids
from backplane.inventory.records import Action, PlanRow
from backplane.inventory.writing.ids import Ids
from backplane.inventory.writing.results import Fate, RowResult
from backplane.inventory.writing.twins import (
    find_mac,
    find_twins,
    is_anothers_work,
    is_of_another_slot,
    told,
)
from backplane.inventory.writing.values import (
    UnresolvedError,
    before_of,
    body_of,
    is_as_after,
    is_as_before,
    wrong_fields,
)

_ROUNDS: Final = 4  # somebody who writes faster than we read wins

Keep = Callable[[RowResult], None]


@dataclass(frozen=True, slots=True)
class Item:
    """A row ready to go out. `said`: the object as read in this run; None: as the plan had it."""

    row: PlanRow
    object_id: int | None = None
    guard: str = ""
    said: Json | None = None
    body: Json | None = None


class Lists:
    """Writes lists. Raises NetBoxUnavailable, NetBoxNonsense, NetBoxForbidden: then the run is over."""

    def __init__(self, netbox: NetBox, ids: Ids, keep: Keep) -> None:
        self._netbox = netbox
        self._ids = ids
        self._keep = keep

    def create(self, rows: Sequence[PlanRow]) -> None:
        """Make objects. One that is there already is taken for made if it is ours."""
        new = [row for row in rows if not self._is_there(row)]
        ready = [item for row in new for item in [self._with_body(Item(row))] if item]
        self._create(ready, may_look=True)

    def _is_there(self, row: PlanRow) -> bool:
        """Say whether a row needs no writing: it is there, or whoever made its device is about to write it."""
        said = find_mac(row, self._ids)
        if said is not None:
            self._ids.made[row.key] = int(said["id"])
            text = "The interface has this address already."
            self._keep(RowResult(row.key, Fate.ALREADY, text, int(said["id"])))
        elif is_anothers_work(row, self._ids):
            text = (
                "Somebody else is making this module at the same time; the next plan looks again."
            )
            self._keep(RowResult(row.key, Fate.WAITS, text))
            return True
        return said is not None

    def _create(self, items: Sequence[Item], *, may_look: bool) -> None:
        if not items:
            return
        bodies = [item.body or {} for item in items]
        try:
            answers = self._netbox.create(items[0].row.kind.value, bodies, "Backplane")
        except (NetBoxDuplicate, NetBoxRejected) as error:
            left = self._without_twins(items) if may_look else list(items)
            if len(left) < len(items):
                self._create(left, may_look=False)
            elif len(left) == 1:
                self._fail(left[0].row, error)
            else:
                half = len(left) // 2
                self._create(left[:half], may_look=False)
                self._create(left[half:], may_look=False)
            return
        for item, said in zip(items, answers, strict=True):
            self._wrote(item, said)

    def _without_twins(self, items: Sequence[Item]) -> list[Item]:
        twins = find_twins(self._netbox, [item.row for item in items], self._ids)
        for item in items:
            said = twins.get(item.row.key)
            if said is not None and is_of_another_slot(item.row, said):
                self._fall_out(
                    item.row, f"Somebody else has just made {told(said)} for another slot."
                )
            elif said is not None:
                self._ids.note(item.row, said)
                self._ids.met.add(item.row.key)
                text = f"NetBox has {told(said)} already."
                self._keep(RowResult(item.row.key, Fate.ALREADY, text, int(said["id"])))
        return [item for item in items if item.row.key not in twins]

    def change(self, rows: Sequence[PlanRow]) -> None:
        """Change objects, each only if it is still as planned on."""
        found = [item for row in rows for item in [self._item(row)] if item]
        fresh = [item for item in found if item.said is None or self._is_due(item)]
        self._change([item for one in fresh for item in [self._with_body(one)] if item], _ROUNDS)

    def _item(self, row: PlanRow) -> Item | None:
        where = self._ids.find(row)
        if where is None:
            self._keep(RowResult(row.key, Fate.FAILED, "NetBox has no such object."))
            return None
        object_id, said = where
        stamp = self._ids.stamps.get((row.kind, object_id)) or row.guard or ""
        if said is not None:
            return Item(row, object_id, str(said.get("last_updated") or ""), said)
        return Item(row, object_id, stamp)

    def _is_due(self, item: Item) -> bool:
        """Decide again on what was just read: write it, or say why not."""
        row, said = item.row, item.said
        if said is None:
            self._fall_out(row, "It is gone from NetBox.")
        elif is_as_after(row, said, self._ids.resolve):
            self._ids.note(row, said)
            self._keep(RowResult(row.key, Fate.ALREADY, "NetBox says so already.", item.object_id))
        elif is_as_before(row, said, self._ids.resolve):
            return True
        else:
            self._fall_out(row, "Somebody changed it in NetBox since the plan was made.")
        return False

    def _change(self, items: Sequence[Item], rounds: int) -> None:
        if not items:
            return
        bodies = [{"id": item.object_id, **(item.body or {})} for item in items]
        guards = [item.guard for item in items]
        try:
            answers = self._netbox.change(items[0].row.kind.value, bodies, guards, "Backplane")
        except NetBoxStale as error:
            if rounds <= 1:
                for item in items:
                    self._fall_out(item.row, str(error))
                return
            self._change(self._read_again(items), rounds - 1)
        except (NetBoxRejected, NetBoxDuplicate) as error:
            self._halve(items, rounds, error)
        else:
            for item, said in zip(items, answers, strict=True):
                self._wrote(item, said)

    def _halve(self, items: Sequence[Item], rounds: int, error: NetBoxError) -> None:
        """Find the bad row: NetBox does not say which of a list it is."""
        if len(items) == 1:
            self._fail(items[0].row, error)
            return
        half = len(items) // 2
        self._change(items[:half], rounds)
        self._change(items[half:], rounds)

    def _read_again(self, items: Sequence[Item]) -> list[Item]:
        asked = [item.object_id for item in items if item.object_id is not None]
        now = read_by_ids(self._netbox, items[0].row.kind, asked)
        again = []
        for item in items:
            said = now.get(item.object_id or 0)
            stamp = str(said.get("last_updated") or "") if said else ""
            if said is not None and stamp == item.guard:
                again.append(item)
                continue
            fresh = replace(item, guard=stamp, said=said)
            if self._is_due(fresh):
                again.append(fresh)
        return again

    def _with_body(self, item: Item) -> Item | None:
        try:
            return replace(item, body=body_of(item.row, self._ids.resolve))
        except UnresolvedError as error:
            text = f"It needs {error}, which NetBox does not have yet."
            self._keep(RowResult(item.row.key, Fate.WAITS, text))
            return None

    def _wrote(self, item: Item, said: Json) -> None:
        row = item.row
        self._ids.note(row, said)
        wrong = wrong_fields(row, said, self._ids.resolve)
        stamp = str(said.get("last_updated") or "")
        before = {} if row.action is Action.CREATE else before_of(row, item.said)
        if wrong:
            text = f"NetBox answered yes and kept its own {', '.join(wrong)}."
            self._keep(RowResult(row.key, Fate.FAILED, text, int(said["id"]), before, stamp))
            return
        self._keep(RowResult(row.key, Fate.DONE, "", int(said["id"]), before, stamp))

    def _fail(self, row: PlanRow, error: NetBoxError) -> None:
        self._keep(RowResult(row.key, Fate.FAILED, str(error), row.object_id))

    def _fall_out(self, row: PlanRow, text: str) -> None:
        self._keep(RowResult(row.key, Fate.CHANGED, text, row.object_id))
