"""Transactions whose commit survives a power cut: what may be acknowledged to a board.

Owns the synchronous=FULL of this thread's SQLite connection, the translation of a full disk into
StorageFull, and the knowledge whether the disk takes what is written.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection, transaction

from backplane.slots.errors import StorageFull

_FULL = 2  # PRAGMA synchronous
# SQLite's primary result codes that mean "the disk does not take it", and PostgreSQL's class 53 and 58.
_SQLITE_STORAGE = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
}
_POSTGRES_STORAGE = ("53", "58")

_failed = threading.Event()


def storage_is_ok() -> bool:
    """Say whether this process's last commit that wrote something worked."""
    return not _failed.is_set()


@contextmanager
def durable_transaction() -> Iterator[None]:
    """Run one outermost transaction that is on the disk when the block is left.

    Raises StorageFull when the database cannot be written; nothing of the block is kept then.
    """
    with _noting_storage():
        _make_connection_durable()
        with transaction.atomic(durable=True):
            yield


@contextmanager
def plain_transaction() -> Iterator[None]:
    """Run a transaction of which no board is told. Raises StorageFull as durable_transaction does."""
    with _noting_storage(), transaction.atomic():
        yield


@contextmanager
def _noting_storage() -> Iterator[None]:
    try:
        before = _rows_written()
        yield
    except DatabaseError as error:
        if not is_storage_error(error):
            raise
        _failed.set()
        raise StorageFull(str(error)) from error
    if _rows_written() != before:  # a commit of nothing proves nothing
        _failed.clear()


def is_storage_error(error: DatabaseError) -> bool:
    """Say whether `error` tells of a full, broken or read-only disk rather than of our data."""
    cause = error.__cause__
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:
        return (code & 0xFF) in _SQLITE_STORAGE
    sqlstate = getattr(cause, "sqlstate", None) or ""
    return sqlstate.startswith(_POSTGRES_STORAGE) or "disk is full" in str(error)


def _rows_written() -> object:
    """Return what differs after this connection has written a row; a new object where nobody counts."""
    if connection.vendor != "sqlite":
        return object()
    connection.ensure_connection()
    return connection.connection.total_changes


def _make_connection_durable() -> None:
    # Django keeps one connection per thread; a fresh one starts with the NORMAL of the settings.
    # PostgreSQL's synchronous_commit is on unless somebody turned it off.
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return
    connection.ensure_connection()
    raw = connection.connection
    if raw.execute("PRAGMA synchronous").fetchone()[0] != _FULL:
        raw.execute(f"PRAGMA synchronous={_FULL}")
