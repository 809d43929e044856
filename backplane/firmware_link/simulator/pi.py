"""A model of one Raspberry Pi on a carrier: how it boots, draws current, warms up and halts.

Pure: time comes in as world milliseconds, everything else follows from the traits. Two models with
equal traits and equal history behave equally, to the milliampere.
"""

import math
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import assert_never

KERNEL_SHARE = 0.5  # of the boot time; before it nobody listens to the shutdown line
SHUTDOWN_HELD_MS = 100  # gpio-shutdown debounces its line for 100 ms
HALTED_PULSE_MS = 500  # gpio-poweroff pulses its line, then lets go
INRUSH_MA = 900.0  # the capacitors behind the switch, over the booting current
INRUSH_TIME_CONSTANT_MS = 12.0
WARMING_TIME_CONSTANT_MS = 75_000.0  # a Pi 5 with heat sink in moving air, to 63 % of the way
RAIL_V = 12.0


class PiPhase(StrEnum):
    """What the Pi does; STOPPING is the operating system on its way down."""

    OFF = "off"
    BOOTING = "booting"
    RUNNING = "running"
    STOPPING = "stopping"
    HALTED = "halted"
    HUNG = "hung"


@dataclass(frozen=True, slots=True)
class PiTraits:
    """What makes this Pi differ from others; `seed` moves its load up and down in its own way."""

    seed: int = 0
    load_w: float = 4.5
    boot_w: float = 6.2
    halted_w: float = 1.4  # a Pi 5 with its default EEPROM setting draws 1.2 to 1.6 W halted
    boot_ms: int = 6_000
    shutdown_ms: int = 3_000
    ambient_cdeg: int = 2_500
    cdeg_per_w: int = 520


def noise(seed: int, step: int) -> float:
    """Return a number in -1..1 that depends on nothing but the two given."""
    mixed = (seed * 0x9E3779B1 + step * 0x85EBCA6B) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 15)) * 0x2C1B3C6D) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 12)) * 0x297A2D39) & 0xFFFFFFFF
    return ((mixed ^ (mixed >> 15)) & 0xFFFF) / 32767.5 - 1.0


def numbers_of(name: str) -> tuple[str, str]:
    """Return the serial and MAC of the Pi with that name: always the same ones, in a Pi 5's manner."""
    seed = sha256(f"pi {name}".encode()).hexdigest()
    mac = ":".join(("2c", "cf", "67", seed[8:10], seed[10:12], seed[12:14]))
    return f"10000000{seed[:8]}", mac


@dataclass(slots=True)
class Pi:
    """One Pi through time. Call `advance` before reading anything at a new time."""

    traits: PiTraits = field(default_factory=PiTraits)
    phase: PiPhase = PiPhase.OFF
    since_ms: int = 0
    start_cdeg: int = 2_500  # temperature when the phase began
    shutdown_wanted: bool = False  # asked while booting, obeyed once it runs
    line_since_ms: int | None = None  # since when the shutdown line is asserted
    pulses_halted_line: bool = False
    serial: str = (
        ""  # of the Pi itself: known from its own report or its label, never from the carrier
    )
    mac: str = ""

    def supply(self, powered: bool, now_ms: int) -> None:
        """Give or take the power; taking it ends everything, also a hang."""
        if powered and self.phase is PiPhase.OFF:
            self._enter(PiPhase.BOOTING, now_ms)
        elif not powered and self.phase is not PiPhase.OFF:
            self._enter(PiPhase.OFF, now_ms)

    def set_shutdown_line(self, asserted: bool, now_ms: int) -> None:
        """Assert or release the line; it must be held for SHUTDOWN_HELD_MS to count."""
        self.advance(now_ms)
        if asserted and self.line_since_ms is None:
            self.line_since_ms = now_ms
        elif not asserted:
            self.line_since_ms = None

    def halt(self, now_ms: int) -> bool:
        """Shut down from inside, as `sudo halt` would; False if nothing runs that could."""
        if self.phase is not PiPhase.RUNNING:
            return False
        self._enter(PiPhase.STOPPING, now_ms)
        return True

    def hang(self, now_ms: int) -> bool:
        """Stop reacting until the power goes; False if there is nothing to hang."""
        if self.phase in {PiPhase.OFF, PiPhase.HALTED}:
            return False
        self._enter(PiPhase.HUNG, now_ms)
        return True

    def advance(self, now_ms: int) -> None:
        """Let everything happen that is due by `now_ms`, at its own time."""
        while (due := self.next_change_ms()) is not None and due <= now_ms:
            self._change(due)

    def next_change_ms(self) -> int | None:
        """When something visible happens next without anybody's doing, or None."""
        match self.phase:
            case PiPhase.BOOTING:
                return self._earliest(self.since_ms + self.traits.boot_ms, self._line_due_ms())
            case PiPhase.RUNNING:
                return self._line_due_ms()
            case PiPhase.STOPPING:
                return self.since_ms + self.traits.shutdown_ms
            case PiPhase.HALTED:
                return self.since_ms + HALTED_PULSE_MS if self.pulses_halted_line else None
            case PiPhase.OFF | PiPhase.HUNG:
                return None
        assert_never(self.phase)

    def draw_w(self, now_ms: int) -> float:
        """Power drawn now, without the inrush."""
        match self.phase:
            case PiPhase.OFF:
                return 0.0
            case PiPhase.BOOTING:
                return self.traits.boot_w * (1 + 0.15 * noise(self.traits.seed, now_ms // 250))
            case PiPhase.HALTED:
                return self.traits.halted_w
            case PiPhase.RUNNING | PiPhase.STOPPING | PiPhase.HUNG:
                return self.traits.load_w * self._load_factor(now_ms)
        assert_never(self.phase)

    def current_ma(self, now_ms: int, rail_v: float = RAIL_V) -> int:
        """Current drawn now from a good rail of that voltage."""
        if self.phase is PiPhase.OFF:
            return 0
        steady_ma = self.draw_w(now_ms) / rail_v * 1000
        if self.phase is PiPhase.BOOTING:
            age_ms = now_ms - self.since_ms
            steady_ma += INRUSH_MA * math.exp(-age_ms / INRUSH_TIME_CONSTANT_MS)
        return round(steady_ma)

    def temperature_cdeg(self, now_ms: int) -> int:
        """Temperature beside the processor, in hundredths of a degree Celsius."""
        target = self.settled_cdeg()
        share = math.exp(-max(0, now_ms - self.since_ms) / WARMING_TIME_CONSTANT_MS)
        sway = (
            60 * math.sin(now_ms / 23_000 + self.traits.seed)
            if self.phase is not PiPhase.OFF
            else 0
        )
        return round(target + (self.start_cdeg - target) * share + sway * (1 - share))

    def settled_cdeg(self) -> int:
        """Temperature that this phase would end at."""
        return self.traits.ambient_cdeg + round(self._settled_w() * self.traits.cdeg_per_w)

    def _settled_w(self) -> float:
        match self.phase:
            case PiPhase.OFF:
                return 0.0
            case PiPhase.BOOTING:
                return self.traits.boot_w
            case PiPhase.HALTED:
                return self.traits.halted_w
            case PiPhase.RUNNING | PiPhase.STOPPING | PiPhase.HUNG:
                return self.traits.load_w
        assert_never(self.phase)

    def _load_factor(self, now_ms: int) -> float:
        seed = self.traits.seed
        slow = 0.12 * math.sin(now_ms / (7_000 + seed % 9_000) + seed)
        quick = 0.06 * noise(seed, now_ms // 400)
        return 1.0 + slow + quick

    def _line_due_ms(self) -> int | None:
        """When the asserted shutdown line is noticed, if it is and somebody listens by then."""
        if self.line_since_ms is None or self.shutdown_wanted:
            return None
        due = self.line_since_ms + SHUTDOWN_HELD_MS
        if self.phase is PiPhase.BOOTING:
            due = max(due, self.since_ms + round(self.traits.boot_ms * KERNEL_SHARE))
        return max(due, self.since_ms)

    @staticmethod
    def _earliest(due_ms: int, other_ms: int | None) -> int:
        return due_ms if other_ms is None else min(due_ms, other_ms)

    def _change(self, at_ms: int) -> None:
        if self.phase is PiPhase.BOOTING and at_ms >= self.since_ms + self.traits.boot_ms:
            wanted = self.shutdown_wanted
            self._enter(PiPhase.RUNNING, at_ms)
            if wanted:
                self._enter(PiPhase.STOPPING, at_ms)
        elif self.phase is PiPhase.BOOTING:
            self.shutdown_wanted = True
        elif self.phase is PiPhase.RUNNING:
            self._enter(PiPhase.STOPPING, at_ms)
        elif self.phase is PiPhase.STOPPING:
            self._enter(PiPhase.HALTED, at_ms)
        else:
            self.pulses_halted_line = False

    def _enter(self, phase: PiPhase, now_ms: int) -> None:
        self.start_cdeg = self.temperature_cdeg(now_ms)
        self.phase = phase
        self.since_ms = now_ms
        self.shutdown_wanted = False
        self.pulses_halted_line = phase is PiPhase.HALTED
        if phase in {PiPhase.OFF, PiPhase.STOPPING}:
            self.line_since_ms = None
