"""256 events that a board kept while no host was there, beside the time their bytes take on a 921600 line.

The real firmware on a line of that speed; a full ring is replayed to a handler that has them at once, and
then to ones that commit each batch as a disk does. From the first byte of an EVENT to the last ACK, on
an idle machine's clock: the line's time, and the CPU time of both ends.
"""

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from backplane.firmware_link.framing import FrameDecoder
from backplane.firmware_link.happenings import Cursor
from backplane.firmware_link.link import Link
from backplane.firmware_link.messages import Event, MessageType
from backplane.firmware_link.simulator.machine import Machine
from backplane.firmware_link.simulator.registry import board_spec
from backplane.firmware_link.simulator.rig import Rig
from backplane.firmware_link.transport import Transport
from benchmarks.idle_loop import run_idle
from benchmarks.line_of import BITS_PER_BYTE, LineTransport
from benchmarks.report import Figure, table
from tests.support.recording_handler import RecordingHandler, reached

TITLE = "Replay of a full ring of events at 921600 baud"
_BAUD = 921_600
_EVENTS = 256
_WINDOW = 8
_TRIALS = 7
_CONFIG = 17  # a kind that moves no slot
_COMMITS_S = (
    0.002,
    0.010,
)  # what a durable transaction takes on an SSD (event_commits), and on an SD card


class SlowHandler(RecordingHandler):
    """Takes as long over each batch as a durable transaction does."""

    def __init__(self, commit_s: float) -> None:
        super().__init__()
        self._commit_s = commit_s

    async def events_arrived(self, events: Sequence[Event]) -> Cursor | None:
        await asyncio.sleep(self._commit_s)
        return await super().events_arrived(events)


class OpenMachine(Machine):
    """Lets the firmware's core be looked at."""

    @property
    def core(self) -> Any:  # noqa: ANN401  (the firmware has no types)
        return self._core


class Watched(LineTransport):
    """Notes when EVENT frames came, and how many bytes of them."""

    def __init__(self, machine: Machine) -> None:
        super().__init__(machine, _BAUD)
        self.first_at = 0.0
        self.sizes: dict[int, int] = {}  # of each event, sent again or not
        self._decoder = FrameDecoder()

    def _hear(self, data: bytes) -> None:
        for frame_type, _, body in self._decoder.feed(data):
            if frame_type == MessageType.EVENT:
                size = len(body) + 8  # type, seq, CRC, COBS and the 0x00
                self.sizes[Event.from_body(body).number] = size
                self.first_at = (
                    self.first_at
                    or asyncio.get_running_loop().time() - size * BITS_PER_BYTE / _BAUD
                )
        super()._hear(data)


def measure() -> list[Figure]:
    """Return the lines of the report."""
    at_once = run_idle(_trials(RecordingHandler))
    line_ms = at_once[1]
    beside = f"{at_once[0]:.1f} ms; the line's own time for these bytes: {line_ms:.1f} ms"
    return [
        Figure("256 events, to the line's own time", at_once[0] / line_ms, "x", 1.3, beside),
        *(_with_commits(commit_s) for commit_s in _COMMITS_S),
    ]


def _with_commits(commit_s: float) -> Figure:
    took_ms, line_ms = run_idle(_trials(partial(SlowHandler, commit_s)))
    # With a window of 8 at most 8 events become durable in two commits, or in one and the time they take on the line.
    window_s = _WINDOW / _EVENTS * line_ms / 1000
    best_ms = _EVENTS / _WINDOW * min(2 * commit_s, commit_s + window_s) * 1000
    beside = f"{took_ms:.1f} ms; a window of 8 allows {max(best_ms, line_ms) / line_ms:.2f} x"
    what = f"the same with a commit of {commit_s * 1000:.0f} ms for each batch"
    return Figure(what, took_ms / line_ms, "x", None, beside)


async def _trials(new_handler: Callable[[], RecordingHandler]) -> tuple[float, float]:
    """(median ms, the line's own ms)."""
    seen = [await _one(new_handler()) for _ in range(_TRIALS)]
    return median(took for took, _ in seen), median(own for _, own in seen)


async def _one(handler: RecordingHandler) -> tuple[float, float]:
    with tempfile.TemporaryDirectory(prefix="link-replay-") as folder:
        rig = Rig("replay", board_spec(), Path(folder))
        machine = OpenMachine(rig, asyncio.get_running_loop())
        machine.start()
        core = machine.core
        while core.journal.next - core.journal.first < _EVENTS:
            core.chassis.emit(_CONFIG, None, 1)
        lines: list[Watched] = []

        async def plug(_url: str, _data_dir: Path) -> Transport:
            lines.append(Watched(machine))
            return lines[-1]

        newest = core.journal.next - 1
        handler.cursor = Cursor(core.journal.id, core.journal.first - 1)
        link = Link("sim://replay", handler, data_dir=Path(folder), open_transport=plug)
        task = asyncio.create_task(link.run())
        await reached(lambda: _is_acked(machine, newest))
        took = asyncio.get_running_loop().time() - lines[0].first_at
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        machine.stop()
        own = sum(lines[0].sizes.values()) * BITS_PER_BYTE / _BAUD
        return took * 1000, own * 1000


def _is_acked(machine: OpenMachine, newest: int) -> bool:
    return bool(machine.core.journal.acked >= newest)


if __name__ == "__main__":
    print(table(TITLE, measure()))
