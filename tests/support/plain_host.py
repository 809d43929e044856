"""A host as a process of its own: the real Link over a port, into an SQLite file, without the server around it.

Usage: python -m tests.support.plain_host PORT DATABASE [N]; with N it kills itself with -9 between its Nth commit and the ACK.
"""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

from backplane.firmware_link.happenings import Admission, BoardState, Cursor, JournalReason
from backplane.firmware_link.link import Link
from backplane.firmware_link.messages import Event, Hello, Result, Telemetry
from backplane.firmware_link.status import LinkStatus

HOST_ID = 0xFEED
_TABLES = """
CREATE TABLE IF NOT EXISTS row (journal INT, number INT, kind INT, slot INT, value INT, raw BLOB);
CREATE TABLE IF NOT EXISTS gap (journal INT, first INT, last INT, reason TEXT);
CREATE TABLE IF NOT EXISTS cursor (journal INT, number INT);
CREATE TABLE IF NOT EXISTS lease (epoch INT);
"""


class Handler:
    """Commits rows and cursor in one durable transaction; its table has no key that could hide a second row."""

    def __init__(self, path: Path, dies_after: int | None) -> None:
        self._database = sqlite3.connect(path, isolation_level=None, timeout=20)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.executescript(_TABLES)
        self._dies_after = dies_after
        self._commits = 0
        (epochs,) = self._database.execute("SELECT COUNT(*) FROM lease").fetchone()
        self._epoch = epochs + 1
        self._database.execute("INSERT INTO lease VALUES (?)", (self._epoch,))

    async def greeted(self, hello: Hello, port: str) -> Admission:
        at = self._database.execute("SELECT journal, number FROM cursor").fetchone()
        if at is None:
            return Admission(HOST_ID, self._epoch, None)
        question = "SELECT raw FROM row WHERE journal = ? AND number = ?"
        row = self._database.execute(question, at).fetchone()
        return Admission(HOST_ID, self._epoch, Cursor(*at), cursor_raw=row and row[0])

    async def events_arrived(self, events: Sequence[Event]) -> Cursor | None:
        rows = [(e.journal, e.number, int(e.kind), e.slot, e.value, e.raw) for e in events]
        self._database.execute("BEGIN IMMEDIATE")
        self._database.executemany("INSERT INTO row VALUES (?, ?, ?, ?, ?, ?)", rows)
        return self._commit(Cursor(events[-1].journal, events[-1].number))

    async def events_gone(self, journal: int, missing_from: int, first_held: int) -> Cursor:
        self._database.execute("BEGIN IMMEDIATE")
        gap = (journal, missing_from, first_held - 1, "overwritten")
        self._database.execute("INSERT INTO gap VALUES (?, ?, ?, ?)", gap)
        return self._commit(Cursor(journal, first_held - 1))

    async def journal_changed(self, hello: Hello, reason: JournalReason) -> Cursor | None:
        first = reason is JournalReason.FIRST_CONTACT
        self._database.execute("BEGIN IMMEDIATE")
        if not first:
            self._database.execute(
                "INSERT INTO gap VALUES (?, 0, NULL, ?)", (hello.journal, reason)
            )
        return self._commit(Cursor(hello.journal, hello.first - 1 if first else 0))

    def _commit(self, cursor: Cursor) -> Cursor:
        self._database.execute("DELETE FROM cursor")
        self._database.execute("INSERT INTO cursor VALUES (?, ?)", (cursor.journal, cursor.number))
        self._database.execute("COMMIT")
        self._commits += 1
        if self._commits == self._dies_after:
            os.kill(os.getpid(), signal.SIGKILL)  # committed; the ACK never leaves
        return cursor

    async def state_reported(self, state: BoardState) -> None: ...

    def telemetry_reported(self, telemetry: Telemetry) -> None: ...

    async def command_done(self, result: Result) -> None: ...

    async def command_lost(self, command_id: int, why: str) -> None: ...

    async def link_up(self, hello: Hello) -> None: ...

    async def link_down(self, status: LinkStatus) -> None: ...


def main(port: str, path: Path, dies_after: int | None) -> None:
    handler = Handler(path, dies_after)
    asyncio.run(Link(port, handler, data_dir=path.parent).run())


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else None)
