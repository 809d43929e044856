"""A disk without room: no file of this process may grow past the length that the database's log has now.

Every commit has to lengthen that log, so the kernel refuses each one. Small files can still be written, as
on a disk whose last blocks are kept for others.
"""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
