"""From the device node of a replugged adapter to the first event committed, in the whole app, as the process it is.

USB and udev are umockdev's, the board the real firmware in a process of its own. While the cable is out a
Pi is pulled or put back; the time runs from before the node is made to when the database has that row. Beside
it: the same with udev's event but without a search, that is under the same name.
"""

import contextlib
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.report import Figure, table
from tests.support.app_process import AppProcess
from tests.support.mock_usb import MockUsb, mock_usb
from tests.support.rack_process import RackProcess, running_rack

TITLE = "Recovery after a pulled cable"
_ROUNDS = 4
_LIMIT_S = 60.0
_EVENTS = "SELECT count(*) FROM slots_hardwareevent"
_DOWN = "SELECT count(*) FROM slots_chassis WHERE link_state <> 'up'"


class Bench:
    def __init__(self, folder: Path, usb: MockUsb, rack: RackProcess) -> None:
        self._usb, self._rack = usb, rack
        self._database = folder / "backplane.sqlite3"
        self._is_in = False

    def plugged(self, name: str) -> float:
        """Seconds from before /dev/`name` is made to the first row that is new."""
        before = self.ask(_EVENTS)
        began = time.perf_counter()
        self._usb.plug(name, self._rack.port)
        self.wait(lambda: self.ask(_EVENTS) > before, "the first event")
        return time.perf_counter() - began

    def pulled(self, name: str) -> None:
        """Pull the cable, wait until the app knows, and let something happen on the rack."""
        self.settle()
        self._usb.unplug(name)
        self.wait(lambda: bool(self.ask(_DOWN)), "the end of the link")
        self._rack.tell("pull 10" if self._is_in else "insert 10")
        self._is_in = not self._is_in
        time.sleep(1.5)  # the back-off has grown, and the rack has debounced

    def settle(self) -> None:
        """Wait until no more events come."""
        seen = -1
        while seen != (seen := self.ask(_EVENTS)):
            time.sleep(0.5)

    def ask(self, query: str) -> int:
        with contextlib.closing(sqlite3.connect(self._database)) as database:
            return int(database.execute(query).fetchone()[0])

    def wait(self, holds: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + _LIMIT_S
        while not holds():
            assert time.monotonic() < end, what
            time.sleep(0.001)


def measure() -> list[Figure]:
    """Return the lines of the report."""
    with (
        tempfile.TemporaryDirectory(prefix="link-recovery-") as name,
        mock_usb() as usb,
        running_rack(Path(name) / "rack") as rack,
    ):
        folder = Path(name)
        app = AppProcess(folder, "/dev/ttyUSB0", dict(usb.environment))
        app.manage("prepare")
        app.start()
        try:
            same, other = _rounds(Bench(folder, usb, rack))
        finally:
            app.stop()
    beside = f"under the same name: {median(same):.0f} ms, {max(same):.0f} ms at most"
    return [
        Figure("device node to first event, median", median(other), "ms", 300.0, beside),
        Figure("device node to first event, slowest", max(other), "ms", None, beside),
    ]


def _rounds(bench: Bench) -> tuple[list[float], list[float]]:
    """(ms under the same name, ms under another one)."""
    bench.plugged("ttyUSB0")
    now = "ttyUSB0"
    same: list[float] = []
    other: list[float] = []
    for number in range(_ROUNDS):
        bench.pulled(now)
        now = f"ttyUSB{number + 1}"
        other.append(bench.plugged(now) * 1000)
        bench.pulled(now)
        now = "ttyUSB0"
        same.append(bench.plugged(now) * 1000)
    return same, other


if __name__ == "__main__":
    print(table(TITLE, measure()))
