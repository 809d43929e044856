"""1,000 links in one process, each with readings at 1 Hz, a heartbeat and STATE each 5 s: its share of one core.

The boards are a process of their own behind pseudo-terminals. Readings go the app's own way, into its
store; states are taken and dropped, since writing them is the database's business (event_commits). CPU time,
which other programs hardly change. Beside it: a loop that only reads the same bytes from as many terminals.
"""

import asyncio
import contextlib
import gc
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

from backplane.firmware_link.happenings import BoardState
from backplane.firmware_link.messages import Telemetry
from benchmarks.report import Figure, table
from tests.support.recording_handler import RecordingHandler, reached

TITLE = "1,000 links in one process"
_LINKS = 1_000
_SECONDS = 5.0
_TRIALS = 3
_LIMIT_S = 120.0
_ROOT = Path(__file__).resolve().parent.parent


def measure() -> list[Figure]:
    """Return the lines of the report."""
    import django  # noqa: PLC0415  (the store's records need it set up)

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with _boards() as paths:
        shares, heard, bare = asyncio.run(_links(paths))
    rate = heard / _LINKS  # below 1 on a machine too busy to play the boards
    beside = f"at {rate:.2f} readings a second from each {median(shares):.1f} %; bare reading of the same bytes {bare:.1f} %"
    return [Figure("1,000 links at 1 Hz", median(shares) / rate, "% of a core", 25.0, beside)]


@contextlib.contextmanager
def _boards() -> Iterator[list[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.many_boards", str(_LINKS)],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        paths = []
        for line in process.stdout:
            if line == "ready\n":
                break
            paths.append(line.strip())
        try:
            yield paths
        finally:
            process.stdin.close()


async def _links(paths: Sequence[str]) -> tuple[list[float], float, float]:
    """(% of a core in each trial, readings a second, % of a core of a bare reader)."""
    from backplane.firmware_link.link import Link  # noqa: PLC0415

    handlers = [_handler(number) for number in range(len(paths))]
    with tempfile.TemporaryDirectory(prefix="many-links-") as folder:
        links = [
            Link(path, handler, data_dir=Path(folder))
            for path, handler in zip(paths, handlers, strict=True)
        ]
        tasks = [asyncio.create_task(link.run()) for link in links]
        await reached(lambda: all(handler.states for handler in handlers), limit_s=_LIMIT_S)
        gc.collect()
        gc.freeze()  # as the supervisor does
        for handler in handlers:
            handler.readings = 0
        began = time.perf_counter()
        shares = [await _share(_SECONDS) for _ in range(_TRIALS)]
        heard = sum(handler.readings for handler in handlers) / (time.perf_counter() - began)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return shares, heard, await _bare(paths)


async def _share(seconds: float) -> float:
    cpu, began = time.process_time(), time.perf_counter()
    await asyncio.sleep(seconds)
    return (time.process_time() - cpu) / (time.perf_counter() - began) * 100


async def _bare(paths: Sequence[str]) -> float:
    loop = asyncio.get_running_loop()
    fds = [os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK) for path in paths]
    for fd in fds:
        loop.add_reader(fd, os.read, fd, 4096)
    share = await _share(_SECONDS)
    for fd in fds:
        loop.remove_reader(fd)
        os.close(fd)
    return share


class StoringHandler(RecordingHandler):
    """Gives readings to the bridge's own handler, keeps the newest state."""

    def __init__(self, give: Callable[[Telemetry], None]) -> None:
        super().__init__()
        self.readings = 0
        self._give = give

    def telemetry_reported(self, telemetry: Telemetry) -> None:
        self._give(telemetry)
        self.readings += 1

    async def state_reported(self, state: BoardState) -> None:
        self.states[:] = [state]


def _handler(number: int) -> StoringHandler:
    from backplane.bridge.database_thread import DatabaseThread  # noqa: PLC0415
    from backplane.bridge.handler import ChassisHandler  # noqa: PLC0415
    from backplane.live.relay import publish_telemetry  # noqa: PLC0415

    bridge = ChassisHandler("", DatabaseThread(f"unused {number}"), publish_telemetry)
    bridge.lease._key = (number, 1)  # noqa: SLF001  (as if it were admitted)
    bridge.is_up = True
    return StoringHandler(bridge.telemetry_reported)


if __name__ == "__main__":
    print(table(TITLE, measure()))
