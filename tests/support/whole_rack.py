"""A rack and its host as one piece in virtual time.

Simulated hardware, the real firmware core, the real link, bridge and services on a real database: only the
clock and the cable are the test's.
"""

import asyncio
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pytest

from backplane.bridge import dispatch, handler, updates
from backplane.bridge.database_thread import DatabaseThread
from backplane.firmware_link.errors import PortMissing
from backplane.firmware_link.link import Link
from backplane.firmware_link.simulator.control import execute
from backplane.firmware_link.simulator.machine import Machine, MachineTimes, Microcontroller
from backplane.firmware_link.simulator.registry import board_spec
from backplane.firmware_link.simulator.rig import Rig
from backplane.firmware_link.simulator.sim_transport import SimTransport
from backplane.slots.models import Chassis, Slot
from tests.support.virtual_loop import VirtualLoop

_P = ParamSpec("_P")
_T = TypeVar("_T")

BEGAN = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
QUICK = MachineTimes(boot_ms=50, dark_ms=200)
ROUND_S = 0.25  # the supervisor's rounds, which nudges make quicker
LONG_ROUND_S = 5.0
_names = itertools.count(1)

Round = Callable[[int, datetime], object]


class InlineThread(DatabaseThread):
    """Runs database work at once, where it is asked for: virtual time has one thread."""

    def __init__(self) -> None:
        super().__init__("inline")
        self.is_dead = False

    async def run(self, service: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        if self.is_dead:  # its process is: nothing is written any more
            raise asyncio.CancelledError
        return outside_the_loop(lambda: service(*args, **kwargs))


def outside_the_loop(work: Callable[[], _T]) -> _T:
    """Call `work` as if no loop ran: Django keeps one connection for loops and another for the test itself."""
    loop = asyncio.get_running_loop()
    asyncio._set_running_loop(None)
    try:
        return work()
    finally:
        asyncio._set_running_loop(loop)


class WitnessedRig(Rig):
    """Tells `on_rail` of each rail that really changes, before it does."""

    on_rail: Callable[[int, bool], None] = staticmethod(lambda _slot, _on: None)

    def set_rail(self, slot: int, on: bool) -> None:
        if self.world.bay(slot).rail_is_commanded != bool(on):
            self.on_rail(slot, bool(on))
        super().set_rail(slot, on)


class WholeRack:
    """One rack with one installation's link. `strike` must be called at the end."""

    def __init__(
        self,
        folder: Path,
        *,
        board: str = "reference-10",
        rounds: tuple[Round, ...] = (),
        mcu: Microcontroller | None = None,
    ) -> None:
        self.loop = VirtualLoop()
        self.name = f"whole-{next(_names)}"
        self.rig = WitnessedRig(self.name, board_spec(board), folder / self.name)
        self.machine = Machine(self.rig, self.loop, times=QUICK, wall_ms=lambda: 0, mcu=mcu)
        self.machine.start()
        self.rounds = rounds
        self.round_s = ROUND_S
        self.cable_is_in = True
        self._transport: SimTransport | None = None
        self._lost: Callable[[str], None] = lambda _why: None
        self._tasks: list[asyncio.Task[None]] = []
        self.start_host()

    # -- time -------------------------------------------------------------------
    @property
    def now(self) -> datetime:
        return BEGAN + timedelta(seconds=self.loop.time())

    def run(self, seconds: float) -> None:
        self.loop.run(seconds)

    def wait(self, seconds: float) -> None:
        """Let much time pass, with rounds as rare as a timer's."""
        self.round_s = LONG_ROUND_S
        self.run(seconds)
        self.round_s = ROUND_S
        self.run(LONG_ROUND_S)

    def run_until(self, holds: Callable[[], bool], within_s: float = 30.0) -> None:
        end = self.loop.time() + within_s
        while not holds():
            assert self.loop.time() < end, f"not within {within_s} s: {self.slots_in_words()}"
            self.run(0.05)

    # -- the host ----------------------------------------------------------------
    def start_host(self) -> None:
        """Start a host process: a new lease on the same database."""
        self._thread = thread = InlineThread()
        url = f"sim://{self.name}"
        self.handler = handler.ChassisHandler(url, thread, lambda *_: None)
        self.link = Link(url, self.handler, data_dir=Path(), open_transport=self._open)
        self.handler.age_of = self.link.age_s
        self.dispatcher = dispatch.Dispatcher(self.handler, self.link, thread)
        self._tasks = [
            self.loop.create_task(self.link.run()),
            self.loop.create_task(self._rounds()),
        ]

    def stop_host(self) -> None:
        """SIGTERM: a BYE, and what goes on by itself is ended."""
        self._end_tasks()

    def kill_host(self) -> None:
        """SIGKILL: no BYE, nothing is finished, and what it held in memory is gone."""
        self._thread.is_dead = True
        if self._transport is not None:
            self._transport.write = lambda data: None  # type: ignore[method-assign]  # noqa: ARG005  (the name is the transport's)  # a dead process writes nothing
        self._end_tasks()

    def _end_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        self.loop.do(self.dispatcher.stop())
        self.loop.do(_all_over(self._tasks))
        if self._transport is not None:
            self._transport.close()
        self._tasks, self._transport = [], None

    async def _rounds(self) -> None:
        while True:
            for each in self.rounds:
                if self.handler.lease.is_held:
                    chassis_id = self.handler.lease.key[0]
                    outside_the_loop(partial(each, chassis_id, self.now))
            await self.dispatcher.dispatch()
            await asyncio.sleep(self.round_s)

    async def _open(self, url: str, _data_dir: Path) -> SimTransport:
        if not self.cable_is_in:
            raise PortMissing(url, ())
        self._transport = SimTransport(self.machine)
        start = self._transport.start

        def started(on_data: Any, on_lost: Any) -> None:  # noqa: ANN401  (the transport's own callbacks)
            self._lost = on_lost
            start(on_data, on_lost)

        self._transport.start = started  # type: ignore[method-assign]  # this cable can be pulled
        return self._transport

    def pull_cable(self) -> None:
        self.cable_is_in = False
        if self._transport is not None:
            transport, self._transport = self._transport, None
            transport.close()
            self._lost("it was unplugged")

    def plug_cable(self) -> None:
        self.cable_is_in = True

    def strike(self) -> None:
        """Take everything down; twice is once."""
        if not self.loop.is_closed():
            self._end_tasks()
            self.machine.stop()
            self.loop.close()

    # -- hands and eyes -----------------------------------------------------------
    def tell(self, line: str) -> dict[str, Any]:
        """Carry out a control line; returns its answer, which may be a refusal."""
        return execute(self.machine, line)

    @property
    def chassis(self) -> Chassis:
        return Chassis.objects.get(board_id=bytes(self.rig.board_id).hex())

    def slot(self, number: int) -> Slot:
        return Slot.objects.get(chassis=self.chassis, number=number)

    @property
    def numbers(self) -> range:
        return range(1, self.rig.slot_count + 1)

    def lights_seen(self, number: int) -> int:
        """The lamps of a slot as eyes see them."""
        self.machine.now_ms()
        return self.rig.world.bay(number).lights_seen()

    def is_seen(self) -> bool:
        """Whether the link is up, no event is on its way and every slot is known."""
        row = Chassis.objects.filter(board_id=bytes(self.rig.board_id).hex()).first()
        core = self.machine._core
        return (
            row is not None
            and core is not None
            and self.handler.is_up
            and row.link_is_up
            and (not hasattr(core, "journal") or row.cursor == core.journal.next - 1)
            and not row.slots.filter(state="M7").exists()
        )

    def wait_until_seen(self) -> None:
        self.run_until(self.is_seen)

    def slots_in_words(self) -> str:
        row = Chassis.objects.filter(board_id=bytes(self.rig.board_id).hex()).first()
        if row is None:
            return "no chassis yet"
        slots = " ".join(f"{slot.number}:{slot.state}" for slot in row.slots.order_by("number"))
        return f"link {row.link_state}, {slots}"


async def _all_over(tasks: list[asyncio.Task[None]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)


def tell_virtual_time(monkeypatch: pytest.MonkeyPatch, now: Callable[[], datetime]) -> None:
    """Let the bridge read a rack's clock."""
    for module in (handler, dispatch, updates):
        monkeypatch.setattr(module, "utc_now", now)
    monkeypatch.setattr(handler, "_SCREENS_FIRST_S", 0.0)  # there are no screens
