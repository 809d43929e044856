"""The microcontroller of a simulated rack: the real firmware core, stepped when something is due.

Owns the core's life (boot, reboot, loss of power) and its place on the clock. Holds no rule of the
firmware and no state of the rack: ending a machine is a reset of the microcontroller, nothing more.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, TypeVar

from backplane.firmware_link.simulator.cable import Cable
from backplane.firmware_link.simulator.demo import seed_of
from backplane.firmware_link.simulator.flash import start_from, version_of
from backplane.firmware_link.simulator.rig import Rig
from firmware.board import Board
from firmware.boot_selector import BootState
from firmware.core import Core
from firmware.journal_file import FileJournal

log = logging.getLogger(__name__)

FLASH_FOLDER = "flash"
# Reset causes as MicroPython's `machine` numbers them.
CAUSE_POWER_ON = 1
CAUSE_WATCHDOG = 3
CAUSE_SOFT = 5
WATCHDOG_MS = 8_000

Sink = Callable[[bytes], None]
T = TypeVar("T")


class BadUpdate(StrEnum):
    """What a new firmware does wrong while it is on trial."""

    NONE = "off"
    CRASH = "crash"
    HANG = "hang"
    MUTE = "mute"  # it runs, and never hears its host


class Timer(Protocol):
    """What `call_at` gives back."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    """The part of an asyncio loop that a machine needs; tests give one with virtual time."""

    def time(self) -> float: ...

    def call_at(self, when: float, callback: Callable[[], None], /) -> Timer: ...


class Microcontroller(Protocol):
    """What runs the core: this process, or one of its own."""

    def boot(self, board: Board, flash: Path, boot: BootState) -> Any:  # noqa: ANN401  (the firmware has no types)
        """Start a core over this board, from the folder of `flash` that `boot` has chosen."""
        ...

    def end(self, core: Any) -> None:  # noqa: ANN401
        """Let go of a core that is reset or stopped; it gets no farewell."""
        ...


class InThisProcess:
    """The core under the Python that runs this."""

    def boot(self, board: Board, flash: Path, boot: BootState) -> Any:  # noqa: ANN401  (the firmware has no types)
        return Core(board, FileJournal(str(flash)), 0, version_of(boot), boot)

    def end(self, core: Any) -> None:  # noqa: ANN401
        """Nothing is left of it."""


def wall_clock_ms() -> int:
    """Milliseconds since 1970: the world's time goes on while nobody simulates."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class MachineTimes:
    """How long the parts of a restart take."""

    boot_ms: int = 250  # from reset to the first step of the core
    dark_ms: int = 1_500  # how long the chassis supply stays away


class Machine:
    """Runs the firmware over a rig. Use it from one thread, that of its clock."""

    def __init__(
        self,
        rig: Rig,
        clock: Clock,
        *,
        times: MachineTimes | None = None,
        wall_ms: Callable[[], int] = wall_clock_ms,
        mcu: Microcontroller | None = None,
    ) -> None:
        self.rig = rig
        self.name = rig.name
        self.cable = Cable(seed_of(rig.name))
        self.clock = clock
        self.is_running = False
        self.boots = 0
        self.bad_update = BadUpdate.NONE
        self._is_mute = False
        self._times = times or MachineTimes()
        self._mcu = mcu or InThisProcess()
        self._sink: Sink | None = None
        self._core: Any = None
        self._word: Any = None  # of the boot selector, since the last boot
        self._boot_at_ms = 0
        self._timer: Timer | None = None
        self._world_offset_ms = max(rig.world.now_ms, wall_ms()) - clock.time() * 1000
        rig.on_reboot = self.reboot

    def start(self) -> None:
        """Power the microcontroller and boot the firmware, at once."""
        self.is_running = True
        if not self.rig.world.is_powered:
            self.rig.regain_power()  # the process was killed in a power loss
        self._boot(CAUSE_POWER_ON)

    def stop(self) -> None:
        """Stop the firmware in its tracks. The rack stays as it is."""
        self.is_running = False
        self._end_core()
        self._sink = None
        self._cancel_timer()
        self.rig.save()

    def attach(self, sink: Sink) -> None:
        """Plug a cable in: `sink` gets what the board sends, a former one gets nothing more."""
        self._sink = sink

    @property
    def is_attached(self) -> bool:
        """Whether a cable is plugged in."""
        return self._sink is not None

    def detach(self, sink: Sink) -> None:
        """Pull that cable; bytes sent from now on are lost, as on a real line."""
        if self._sink == sink:
            self._sink = None

    def receive(self, data: bytes) -> None:
        """Take bytes that the host sent."""
        arrived = self.cable.carry(data)
        core = self._core
        if not arrived or core is None or self._is_mute:
            return
        self._watched(lambda: core.receive(arrived, self._board_ms()))
        self.touch()

    def touch(self) -> None:
        """Step the firmware as soon as possible: an input has changed, or bytes have come."""
        if self.is_running:
            self._schedule(self.now_ms() - 1)

    def now_ms(self) -> int:
        """Return the world's time and bring the rack up to it."""
        now_ms = int(self.clock.time() * 1000 + self._world_offset_ms)
        self.rig.advance(now_ms)
        return now_ms

    def uptime_ms(self) -> int:
        """Milliseconds since the firmware booted; 0 while it is down."""
        return self._board_ms() if self._core is not None else 0

    def reboot(self) -> None:
        """Reset the microcontroller; every latch of the rack keeps its state."""
        if not self.rig.world.is_powered:
            return  # it is dark already and boots when the power returns
        self._go_down(CAUSE_SOFT, self._times.boot_ms)

    def hang(self) -> None:
        """Let the firmware stand still: its guard notes that, then the watchdog resets it."""
        if self._core is not None:
            self._word.note_hang()
            self._go_down(CAUSE_WATCHDOG, WATCHDOG_MS)

    def power_loss(self) -> None:
        """Take the chassis supply away for a moment: everything goes off, then power returns."""
        self.now_ms()
        self.rig.lose_power()
        self._end_core()
        self._at(self.now_ms() + self._times.dark_ms, self._power_returned)

    def _power_returned(self) -> None:
        self.now_ms()
        self.rig.regain_power()
        self._boot_again(CAUSE_POWER_ON)

    def _go_down(self, cause: int, for_ms: int) -> None:
        self._end_core()
        self._at(self.now_ms() + for_ms, lambda: self._boot_again(cause))

    def _end_core(self) -> None:
        core, self._core = self._core, None
        if core is not None:
            self._mcu.end(core)

    def _watched(self, call: Callable[[], T]) -> T | None:
        """Let the firmware run. None if it failed, or the process it runs in: then the watchdog has reset it."""
        try:
            return call()
        except Exception:
            log.exception("The firmware of %s failed; its watchdog resets it", self.name)
            self._go_down(CAUSE_WATCHDOG, self._times.boot_ms)
            return None

    def _boot_again(self, cause: int) -> None:
        self._watched(lambda: self._boot(cause))

    def _boot(self, cause: int) -> None:
        self._boot_at_ms = self.now_ms()
        self.boots += 1
        self.rig.begin_boot(cause)
        flash = Path(self.rig.folder) / FLASH_FOLDER
        boot = self._word = start_from(flash, self.rig.spec.name)
        fault = self.bad_update if boot.is_on_trial() else BadUpdate.NONE
        self._is_mute = fault is BadUpdate.MUTE
        if fault is BadUpdate.HANG:
            self._go_down(CAUSE_WATCHDOG, WATCHDOG_MS)
        elif fault is BadUpdate.CRASH:
            boot.crashed(boot.running)
            self._go_down(CAUSE_SOFT, self._times.boot_ms)
        else:
            self._core = self._mcu.boot(self.rig, flash, boot)
            self._step()

    def _step(self) -> None:
        core = self._core
        if core is None:
            return
        now_ms = self.now_ms()
        sent = self._watched(lambda: core.step(now_ms - self._boot_at_ms))
        if sent is None or self._core is not core:
            return  # it failed, or it asked for a reboot
        self._send(sent)
        self._schedule(self._next_due_ms(now_ms))

    def _next_due_ms(self, now_ms: int) -> int:
        due_ms = int(self._core.next_due()) + self._boot_at_ms
        change_ms = self.rig.next_change_ms()
        return max(now_ms + 1, due_ms if change_ms is None else min(due_ms, change_ms))

    def _send(self, data: bytes) -> None:
        if data and self._sink is not None:
            arrived = self.cable.carry(data)
            if arrived:
                self._sink(arrived)

    def _schedule(self, due_ms: int) -> None:
        if self._core is not None:
            self._at(due_ms, self._step)

    def _at(self, due_ms: int, callback: Callable[[], None]) -> None:
        """Let one thing happen next; what was to happen before is forgotten."""
        self._cancel_timer()
        # Half a millisecond late, so that a clock that fires early has still reached the millisecond.
        when = (due_ms + 0.5 - self._world_offset_ms) / 1000
        self._timer = self.clock.call_at(when, callback)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _board_ms(self) -> int:
        return self.now_ms() - self._boot_at_ms
