"""A disk without room: no file of this process may grow past the length that the database's log has now.

Every commit has to lengthen that log, so the kernel refuses each one. Small files can still be written, as
on a disk whose last blocks are kept for others.
"""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

LEAST_LENGTH = 65_536  # what the simulated racks' own files may need


@contextmanager
def full_disk(database: Path) -> Iterator[None]:
    """Refuse every commit to this SQLite file while the block runs."""
    log = database.with_name(f"{database.name}-wal")
    length = log.stat().st_size
    assert length > LEAST_LENGTH, f"the log is only {length} bytes long"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (length, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def unwritable() -> Iterator[None]:
    """Let this thread's connection read only while the block runs, as on a disk mounted read-only."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only=ON")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA query_only=OFF")
