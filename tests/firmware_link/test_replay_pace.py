"""How a backlog is cut into commits: by half windows while the disk is quick, by whole ones when it is slow."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from backplane.firmware_link.happenings import Cursor
from backplane.firmware_link.link import Link
from backplane.firmware_link.messages import Caps, Event, EventKind, Hello
from backplane.firmware_link.replay_pace import ReplayPace
from backplane.firmware_link.simulator.registry import board_spec
from backplane.firmware_link.simulator.rig import Rig
from benchmarks.line_of import LineTransport
from benchmarks.link_replay import OpenMachine
from tests.support.recording_handler import RecordingHandler, reached
from tests.support.virtual_loop import VirtualLoop

HELLO = Hello(1, 1, 10, 8, Caps.SIMULATED, 253, 7, 1, 100, 301, 1, 0, 1, bytes(8), 0, 0, "", "")
LINE_BAUD = 921_600


def _events(first: int, count: int, journal: int = 7) -> tuple[Event, ...]:
    numbers = range(first, first + count)
    return tuple(Event(journal, number, 1, number, EventKind.CONFIG, 0, 0) for number in numbers)


def test_a_backlog_is_taken_by_half_windows() -> None:
    pace = ReplayPace()
    assert pace.wanted(HELLO, _events(101, 1), Cursor(7, 100)) == 3
    assert pace.wanted(HELLO, _events(101, 4), Cursor(7, 100)) == 0
    assert pace.wanted(HELLO, _events(101, 7), Cursor(7, 100)) == 0


def test_a_slow_commit_takes_a_window_and_a_slow_line_half_of_one() -> None:
    pace = ReplayPace()
    pace.committed(0.010)
    assert pace.wanted(HELLO, _events(101, 1), Cursor(7, 100)) == 7
    pace.gathered(8, 8, 0.021)  # a line of 115200
    assert pace.wanted(HELLO, _events(101, 1), Cursor(7, 100)) == 3
    pace.gathered(3, 8, 0.001)  # less than a window says nothing
    assert pace.wanted(HELLO, _events(101, 1), Cursor(7, 100)) == 3


def test_nothing_is_waited_for_that_may_never_come() -> None:
    pace = ReplayPace()
    assert (
        pace.wanted(HELLO, _events(299, 1), Cursor(7, 298)) == 1
    )  # number 300 is the last one held
    assert pace.wanted(HELLO, _events(301, 1), Cursor(7, 300)) == 0  # it has just happened
    assert pace.wanted(HELLO, _events(101, 1, journal=8), Cursor(8, 100)) == 0
    assert pace.wanted(HELLO, _events(101, 1), None) == 0
    small = replace(HELLO, window=1)
    assert pace.wanted(small, _events(101, 1), Cursor(7, 100)) == 0


class CountingHandler(RecordingHandler):
    def __init__(self, commit_s: float) -> None:
        super().__init__()
        self.commit_s = commit_s
        self.sizes: Counter[int] = Counter()

    async def events_arrived(self, events: Sequence[Event]) -> Cursor | None:
        self.sizes[len(events)] += 1
        await asyncio.sleep(self.commit_s)
        return await super().events_arrived(events)


@pytest.mark.parametrize(("commit_s", "size"), [(0.002, 4), (0.010, 8)])
def test_the_real_firmware_is_replayed_in_commits_of_that_size(
    tmp_path: Path, commit_s: float, size: int
) -> None:
    handler = CountingHandler(commit_s)
    loop = VirtualLoop()
    try:
        loop.do(_replay(handler, tmp_path))
    finally:
        loop.close()
    numbers = [event.number for event in handler.events]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert handler.sizes[size] >= 256 / size - 4  # but for the first ones, and the last


async def _replay(handler: RecordingHandler, folder: Path) -> None:
    loop = asyncio.get_running_loop()
    machine = OpenMachine(Rig("replay", board_spec(), folder), loop)
    machine.start()
    core = machine.core
    while core.journal.next - core.journal.first < 256:
        core.chassis.emit(EventKind.CONFIG, None, 1)
    handler.cursor = Cursor(core.journal.id, core.journal.first - 1)

    async def plug(_url: str, _data_dir: Path) -> LineTransport:
        return LineTransport(machine, LINE_BAUD)

    link = Link("sim://replay", handler, data_dir=folder, open_transport=plug)
    task = asyncio.create_task(link.run())
    await reached(lambda: len(handler.events) >= 256)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    machine.stop()
