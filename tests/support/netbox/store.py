"""The double's memory: tables, ids, microsecond clock, change log, all-or-none transactions. Knows no rules."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.support.netbox.catalogue import KINDS
from tests.support.netbox.kinds import Json, Value


@dataclass(slots=True)
class Store:
    """Rows by path and id. Ids are never given twice, not even after a rollback (as a sequence in a database)."""

    tables: dict[str, dict[int, Json]] = field(default_factory=lambda: {path: {} for path in KINDS})
    changes: list[Json] = field(default_factory=list)
    next_ids: dict[str, int] = field(default_factory=dict)
    age: int = 0
    _born: dict[tuple[str, int], int] = field(default_factory=dict)
    _last: datetime = datetime(2000, 1, 1, tzinfo=UTC)  # immutable

    def now(self) -> str:
        """Return the time as NetBox writes it (microseconds, Z); never the same time twice."""
        self._last = max(datetime.now(UTC), self._last + timedelta(microseconds=1))
        return self._last.isoformat(timespec="microseconds").replace("+00:00", "Z")

    def next_id(self, path: str) -> int:
        self.next_ids[path] = self.next_ids.get(path, 0) + 1
        return self.next_ids[path]

    def put(self, path: str, row: Json) -> None:
        """Keep a row (a dict nobody changes afterwards); a new one gets the next age."""
        if row["id"] not in self.tables[path]:
            self.age += 1
            self._born[path, row["id"]] = self.age
        self.tables[path][row["id"]] = row

    def age_of(self, path: str, row_id: int) -> int:
        """Return when the row came, counted in rows; a request knows the age it saw when it arrived."""
        return self._born[path, row_id]

    def row(self, path: str, row_id: int) -> Json | None:
        return self.tables[path].get(row_id)

    def must(self, path: str, row_id: int) -> Json:
        """Return a row that a reference points to; KeyError is a fault of the double."""
        return self.tables[path][row_id]

    def rows(self, path: str, **equal: Value) -> list[Json]:
        """Return the rows whose fields equal what is given, by id."""
        return [
            row
            for row in self.tables[path].values()
            if all(row.get(name) == value for name, value in equal.items())
        ]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or none: a refusal puts tables and change log back; ids that were drawn stay drawn."""
        tables = {path: dict(rows) for path, rows in self.tables.items()}
        changes = len(self.changes)
        try:
            yield
        except BaseException:
            self.tables = tables
            del self.changes[changes:]
            raise
