"""A board of boards/*.toml on an ESP32: opens pins, buses and timers for the parts. Keeps no rule.

Switch latches are adopted at boot. A latch is written before its direction, so that no output blips.
"""

from time import ticks_diff, ticks_ms  # pyright: ignore[reportAttributeAccessIssue] - MicroPython's

import machine
import neopixel
import onewire

from .board_parts import Opener, make_gauges, make_latches, make_lights
from .board_spec import BoardSpec
from .compat import const
from .drivers.bus import I2cBus
from .drivers.fan import Fan
from .wired_board import WiredBoard
from .wiring import parse_wire

_WATCHDOG_MS = const(8000)
_I2C_TIMEOUT_US = const(
    2000
)  # how long a chip may stretch the clock; a whole transfer takes 0.4 ms
_FAN_HZ = const(25000)


class Esp32Board(WiredBoard):
    """The board that its file describes."""

    def __init__(self, spec: BoardSpec) -> None:
        self._bus = make_bus(spec.esp32.get("i2c"), spec.esp32.get("mux_reset"))
        opener = Opener(
            machine.Pin,
            lambda pin: onewire.OneWire(machine.Pin(pin)),
            lambda pin, lamps: neopixel.NeoPixel(machine.Pin(pin), lamps),
        )
        latches = make_latches(spec, self._bus, opener)
        gauges = make_gauges(spec, self._bus, opener)
        super().__init__(spec, latches, gauges, make_lights(spec, self._bus, opener, latches))
        self.board_id = (machine.unique_id() + b"\0" * 8)[:8]
        self.reset_cause = machine.reset_cause()
        self.fans = [make_fan(row) for row in spec.data.get("fan", []) if "pin" in row]
        self.sample(0)
        self._watchdog = machine.WDT(timeout=_WATCHDOG_MS)

    def sample(self, now_ms: int) -> None:
        if self._bus:
            self._bus.now_ms = now_ms
        super().sample(now_ms)

    def feed_watchdog(self) -> None:
        self._watchdog.feed()

    def reboot(self) -> None:
        machine.reset()


def make_bus(row: dict | None, mux_reset: str | None) -> I2cBus | None:
    """The hardware controller, which tells a held line; a bit-banged bus would read it as zeros."""
    if row is None:
        return None
    return I2cBus(
        lambda: machine.I2C(
            row["id"],
            scl=machine.Pin(row["scl"]),
            sda=machine.Pin(row["sda"]),
            freq=row["hz"],
            timeout=_I2C_TIMEOUT_US,
        ),
        lambda: (open_drain(row["scl"]), open_drain(row["sda"])),
        open_drain(parse_wire(mux_reset).bit) if mux_reset else None,
    )


def open_drain(number: int) -> machine.Pin:
    """A pin that is let go."""
    return machine.Pin(number, machine.Pin.OPEN_DRAIN, machine.Pin.PULL_UP, value=1)


def make_fan(row: dict) -> Fan:
    """A fan of the board file, at full speed."""
    tacho = machine.Pin(row["tacho"], machine.Pin.IN) if "tacho" in row else None
    pwm = machine.PWM(machine.Pin(row["pin"]), freq=_FAN_HZ, duty_u16=65535)
    return Fan(pwm, tacho, row.get("pulses_per_turn", 2))


class Uptime:
    """Milliseconds since boot that never wrap; ticks_ms wraps at 2^30, after 12.4 days."""

    def __init__(self) -> None:
        self._last = ticks_ms()
        self._total = 0

    def now_ms(self) -> int:
        """Call at least once in six days."""
        now = ticks_ms()
        self._total += ticks_diff(now, self._last)
        self._last = now
        return self._total
