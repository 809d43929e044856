"""The same rack behind the same terminal, whatever Python runs its firmware: hands, orders, kills, pulled cables.

The host is the real link; the simulator is the command as a process, its microcontroller a process of its own.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from backplane.firmware_link import commands
from backplane.firmware_link.commands import Order, OutgoingCommand
from backplane.firmware_link.link import Link
from backplane.firmware_link.messages import IF_EVENT_ANY, EventKind, RailCause, ResultCode
from backplane.firmware_link.simulator.machine import CAUSE_WATCHDOG
from backplane.firmware_link.simulator.mcu.interpreters import Python
from tests.support.recording_handler import RecordingHandler, reached
from tests.support.sim_process import SimProcess, ask

pytestmark = pytest.mark.live

RUNNING_SLOTS = {1, 2, 3, 4, 6, 7, 9}
EXPIRES_IN_MS = 60_000


class Site:
    """A simulator process with a host on its terminal; both may die and come back."""

    def __init__(self, folder: Path, python: Python) -> None:
        self.folder = folder
        self.python = python
        self.handler = RecordingHandler()
        self.sim: SimProcess
        self._host: asyncio.Task[None] | None = None
        self._link: Link
        self._orders = 0

    def start_rack(self) -> None:
        arguments = ["--listen", f"pty:{self.folder}/rack", "--control", str(self.control)]
        self.sim = SimProcess(self.folder, *arguments, "--python", self.python)
        self.sim.ready()

    def kill_rack(self) -> None:
        self.sim.end(signal.SIGKILL)
        self.sim.__exit__()

    @property
    def control(self) -> Path:
        return self.folder / "ctl"

    @property
    def mcu_pid(self) -> int:
        """The process of the microcontroller alone."""
        pid = self.sim.process.pid
        (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return int(child)

    def tell(self, line: str) -> dict[str, Any]:
        answer = ask(self.control, line)
        assert answer["ok"], answer
        return answer

    def rails_on(self) -> set[int]:
        return {slot["slot"] for slot in self.tell("state")["slots"] if slot["rail_on"]}

    async def plug_in(self) -> None:
        """Start a host with the cursor of the former one, and wait until it knows the rack."""
        seen = len(self.handler.states)
        self._link = Link(str(self.folder / "rack"), self.handler, data_dir=self.folder)
        self._host = asyncio.create_task(self._link.run())
        await reached(lambda: len(self.handler.states) > seen)

    async def unplug(self) -> None:
        if self._host is not None:
            self._host.cancel()
            await asyncio.gather(self._host, return_exceptions=True)
            self._host = None

    async def order(self, order: Order) -> int:
        """Give an order that is obeyed; return its number."""
        self._orders += 1
        number, boot = self._orders, self.handler.ups[-1].boot
        self._link.send(OutgoingCommand(number, order, boot, EXPIRES_IN_MS, IF_EVENT_ANY))
        await reached(lambda: number in [result.id for result in self.handler.results])
        assert self.handler.results[-1].code == ResultCode.OK
        return number

    async def happened(self, kind: EventKind, slot: int) -> None:
        await reached(lambda: kind in self.kinds(slot))

    def kinds(self, slot: int) -> list[EventKind | int]:
        return [event.kind for event in self.handler.events if event.slot == slot]

    def causes_of_off(self, slot: int) -> list[RailCause | int | None]:
        events = self.handler.events
        offs = [e for e in events if (e.slot, e.kind) == (slot, EventKind.RAIL_OFF)]
        return [event.rail_cause for event in offs]

    def assert_each_event_came_once(self) -> None:
        numbers = [event.number for event in self.handler.events]
        assert numbers == list(range(1, len(numbers) + 1))
        assert len({event.journal for event in self.handler.events}) == 1
        assert not self.handler.gaps


@pytest.fixture(params=[Python.CPYTHON, Python.WASM])
async def site(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Site]:
    site = Site(tmp_path, request.param)
    site.start_rack()
    await site.plug_in()
    yield site
    await site.unplug()
    site.sim.__exit__()


async def test_hands_and_orders_over_the_terminal(site: Site) -> None:
    site.tell("insert 5 TRAY-55")
    await site.order(commands.request_shutdown(7, then_off=True))
    await site.order(commands.release(8, on=True))
    site.tell("pull 3")
    await site.happened(EventKind.WRONG_PULL, 3)
    await site.happened(EventKind.RAIL_OFF, 3)
    site.tell("insert 3")
    await site.happened(EventKind.ALARM_CLEARED, 3)
    await site.happened(EventKind.IDENTIFIED, 5)
    await site.happened(EventKind.RAIL_OFF, 7)
    number = await site.order(commands.set_power(5, on=True))
    await site.happened(EventKind.POWER_GOOD, 5)
    (rail_on,) = [e for e in site.handler.events if e.slot == 5 and e.kind == EventKind.RAIL_ON]
    assert rail_on.command_id == number
    assert site.causes_of_off(3) == [RailCause.REMOVAL]
    assert site.causes_of_off(7) == [RailCause.SHUTDOWN_DONE]
    assert EventKind.HALTED in site.kinds(7)
    assert site.rails_on() == RUNNING_SLOTS - {3, 7} | {5}
    site.assert_each_event_came_once()


async def test_a_killed_rack_comes_back_as_it_was_and_goes_on_counting(site: Site) -> None:
    site.tell("pull 3")
    await site.happened(EventKind.RAIL_OFF, 3)
    seen = len(site.handler.events)
    site.kill_rack()
    site.start_rack()
    await reached(lambda: len(site.handler.ups) == 2)
    first, second = site.handler.ups
    assert (second.journal, second.boot) == (first.journal, first.boot + 1)
    assert site.rails_on() == RUNNING_SLOTS - {3}
    site.tell("pull 4")
    await site.happened(EventKind.RAIL_OFF, 4)
    site.assert_each_event_came_once()
    later = site.handler.events[seen:]
    assert [e.slot for e in later if e.kind in {EventKind.RAIL_ON, EventKind.RAIL_OFF}] == [4]


async def test_what_happened_with_no_host_and_before_a_kill_is_told_from_flash(site: Site) -> None:
    await site.unplug()
    site.tell("pull 4")
    await reached(lambda: 4 not in site.rails_on())
    site.kill_rack()
    site.start_rack()
    site.tell("pull 6")
    await site.plug_in()
    await site.happened(EventKind.RAIL_OFF, 6)
    for kind in (EventKind.REMOVE, EventKind.RAIL_OFF):
        assert site.kinds(4).count(kind) == 1
    site.assert_each_event_came_once()


@pytest.mark.parametrize("site", [Python.WASM, Python.MICROPYTHON], indirect=True)
async def test_a_killed_microcontroller_is_reset_by_its_watchdog(site: Site) -> None:
    await site.order(commands.release(8, on=True))
    os.kill(site.mcu_pid, signal.SIGKILL)
    await reached(lambda: [e.kind for e in site.handler.events].count(EventKind.BOOT) == 2)
    boots = [e for e in site.handler.events if e.kind == EventKind.BOOT]
    assert boots[-1].value == CAUSE_WATCHDOG
    await reached(lambda: len(site.handler.ups) == 2)
    site.tell("pull 9")
    await site.happened(EventKind.WRONG_PULL, 9)  # slot 8 is still released: flash says so
    assert site.rails_on() == RUNNING_SLOTS - {9}
    site.assert_each_event_came_once()
