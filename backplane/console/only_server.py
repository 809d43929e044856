"""One server for each data folder: two would tell each other's slots as lost and fight over the ports."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LOCK_FILE = "run_backplane.lock"


class ServerRuns(Exception):  # noqa: N818  (named for what happened)
    """Another server uses this data folder."""

    def __init__(self, data_dir: Path, pid: str) -> None:
        super().__init__(data_dir, pid)
        self.data_dir = data_dir
        self.pid = pid

    def __str__(self) -> str:
        return (
            f"A server (process {self.pid}) already runs with the data in {self.data_dir}. "
            "Stop it first, or set another DATA_DIR."
        )


@contextmanager
def only_server(data_dir: Path) -> Iterator[None]:
    """Hold the folder's lock while the block runs; it falls with the process, however that ends.

    Raises ServerRuns.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / _LOCK_FILE).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise ServerRuns(data_dir, lock.read().strip() or "?") from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
