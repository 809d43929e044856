"""Create, change and delete on the double: rules, change-log rows, and what NetBox writes besides. One per request."""

from dataclasses import dataclass, field

from tests.support.netbox import effects, rules
from tests.support.netbox.catalogue import DEVICE, KINDS
from tests.support.netbox.clean import read
from tests.support.netbox.kinds import Json, Kind, Value
from tests.support.netbox.ordering import in_order
from tests.support.netbox.refusals import RefusalError, missing, stale
from tests.support.netbox.shapes import Shapes
from tests.support.netbox.store import Store

_OWN_MESSAGE = "changelog_message"


def etag_of(row: Json) -> str:
    """Return the entity tag of a row: its last_updated, spelled with an offset."""
    return f'W/"{row["last_updated"].replace("Z", "+00:00")}"'


@dataclass(slots=True)
class Writer:
    """The writes of one HTTP request. `seen` is the store's age when it arrived; `if_match` its entity tags."""

    store: Store
    shapes: Shapes
    request_id: str
    user: str
    seen: int
    if_match: tuple[str, ...] = ()
    mine: set[tuple[str, int]] = field(default_factory=set)

    def create(self, kind: Kind, body: Json) -> int:
        """Create one object with all its template-made components; return its id. Raises RefusalError."""
        row = self._draft(kind, body)
        self._save_new(kind, row, str(body.get(_OWN_MESSAGE, "")))
        return int(row["id"])

    def create_all(self, kind: Kind, bodies: list[Json]) -> list[int]:
        """Create a list, all or none. Devices one after another; other kinds are all judged before any is saved."""
        if kind is DEVICE:
            return [self.create(kind, body) for body in bodies]
        rows: list[Json] = []
        errors: list[Json] = []
        for body in bodies:
            try:
                rows.append(self._draft(kind, body))
                errors.append({})
            except RefusalError as refusal:
                errors.append(refusal.body)
        if any(errors):
            raise RefusalError(400, errors)
        for row, body in zip(rows, bodies, strict=True):
            self._save_new(kind, row, str(body.get(_OWN_MESSAGE, "")))
        return [int(row["id"]) for row in rows]

    def change(self, kind: Kind, row_id: int, body: Json) -> None:
        """Change one object; even a change of nothing moves last_updated. Raises RefusalError (404, 412, 400)."""
        before = self.store.row(kind.path, row_id)
        if before is None:
            raise missing(kind.content_type.partition(".")[2])
        self._match(before)
        row = before | read(self.store, kind, body, before)
        rules.check(self.store, kind, row, before, self._is_unseen)
        self.save(kind, row, before, str(body.get(_OWN_MESSAGE, "")))

    def change_all(self, kind: Kind, bodies: list[Json]) -> list[int]:
        """Change a list in the server's order. An id twice: the last wins. An id unknown: left out, without a word."""
        wanted = {int(body["id"]): body for body in bodies}
        rows = [row for row_id in wanted if (row := self.store.row(kind.path, row_id))]
        ordered = [int(row["id"]) for row in in_order(self.store, kind, rows)]
        for row_id in ordered:
            self.change(kind, row_id, wanted[row_id])
        return ordered

    def delete(self, kind: Kind, row_id: int, message: str = "") -> None:
        """Delete one object and what hangs on it. Raises RefusalError (404, 412, 409)."""
        row = self.store.row(kind.path, row_id)
        if row is None:
            raise missing(kind.content_type.partition(".")[2])
        self._match(row)
        self.drop(kind, row, message)

    def delete_all(self, kind: Kind, bodies: list[Json]) -> None:
        """Delete a list, all or none; an id unknown is left out, without a word."""
        for body in bodies:
            if self.store.row(kind.path, int(body["id"])):
                self.delete(kind, int(body["id"]), str(body.get(_OWN_MESSAGE, "")))

    def drop(self, kind: Kind, row: Json, message: str = "") -> None:
        """Delete a row and what hangs on it, and log each."""
        effects.release(self, kind, row)
        self.store.tables[kind.path].pop(row["id"])
        self._log(kind, "delete", row, (self.shapes.snapshot(row), None), message)

    def save(
        self, kind: Kind, row: Json, before: Json, message: str = "", *, is_blind: bool = False
    ) -> None:
        """Store a changed row. A blind save keeps no picture of before, so it is logged even when nothing changed."""
        row = row | {"last_updated": self.store.now()}
        if kind is DEVICE:
            row = effects.placed_by_rack(self.store, row)
        self.store.put(kind.path, row)
        old, new = self.shapes.snapshot(before), self.shapes.snapshot(row)
        if is_blind or old != new:
            self._log(kind, "update", row, (None if is_blind else old, new), message)
        if kind is DEVICE:
            effects.resave_children(self, row)

    def _draft(self, kind: Kind, body: Json) -> Json:
        row = read(self.store, kind, body, None)
        row |= {"id": self.store.next_id(kind.path)}
        row |= {} if kind.has_tags else {"tags": [], "custom_fields": {}}
        rules.check(self.store, kind, row, None, self._is_unseen)
        return row

    def _save_new(self, kind: Kind, row: Json, message: str) -> None:
        rules.check(self.store, kind, row, None, self._is_unseen)
        self.keep_new(kind, row, message)
        if kind is DEVICE:
            effects.make_components(self, self.store.must(kind.path, row["id"]))

    def keep_new(self, kind: Kind, row: Json, message: str = "") -> None:
        """Store a new row as it is, and log it."""
        now = self.store.now()
        row = row | {"created": now, "last_updated": now}
        if kind is DEVICE:
            row = effects.placed_by_rack(self.store, row)
            self.mine.add((kind.path, row["id"]))
        self.store.put(kind.path, row)
        self._log(kind, "create", row, (None, self.shapes.snapshot(row)), message)

    def _is_unseen(self, path: str, other: Json) -> bool:
        is_young = self.store.age_of(path, other["id"]) > self.seen
        return is_young and (path, other["id"]) not in self.mine

    def _match(self, row: Json) -> None:
        if self.if_match and etag_of(row) not in self.if_match:
            raise stale(etag_of(row))

    def _log(
        self, kind: Kind, action: str, row: Json, pictures: tuple[Value, Value], message: str
    ) -> None:
        """Log one change; `pictures` are the row before and after."""
        self.store.changes.append(
            {
                "id": self.store.next_id("core/object-changes"),
                "time": self.store.now(),
                "user_name": self.user,
                "request_id": self.request_id,
                "action": action,
                "changed_object_type": kind.content_type,
                "changed_object_id": row["id"],
                "object_repr": self.shapes.display(KINDS[kind.path], row),
                "message": message,
                "prechange_data": pictures[0],
                "postchange_data": pictures[1],
            }
        )
