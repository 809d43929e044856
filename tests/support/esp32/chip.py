"""The chip itself: its pins, its clock, what a reset does to them, and the modules `machine`, `neopixel` and `onewire`.

Pins as in Espressif's ESP32 data sheet (table 2-1 and section 2.4): all are inputs after a reset, GPIO34 to 39 have neither
output nor pull-ups. I2C errors and time-outs as MicroPython's esp32 port gives them: ENODEV for a missing acknowledge,
ETIMEDOUT after 100 ms for each byte and one more when the bus is held.
"""

import errno
from collections.abc import Callable
from types import ModuleType
from typing import Any, TypeVar

from tests.support.chips.bus import SimBus
from tests.support.chips.one_wire import SimWire

_T = TypeVar("_T")
TRANSFER_MS = 0.2
TICKS_PERIOD = 1 << 30


class EndOfStory(BaseException):  # no OSError or Exception: nothing in the firmware may swallow it
    """The test has seen enough of a loop that never ends."""


class Restart(BaseException):
    """machine.reset() was called, or the watchdog bit."""


class PinState:
    """One pad."""

    def __init__(self) -> None:
        self.outside: Callable[[], bool] | None = None  # the level the world puts on it
        self.history: list[tuple[str, int]] = []
        self.reset()

    def reset(self) -> None:
        self.mode = "in"
        self.pull_up = False
        self.out = 0
        self.handler: Callable[[Any], None] | None = None

    def level(self) -> int:
        if self.mode == "out":
            return self.out
        world = self.outside() if self.outside else None
        if self.mode == "open_drain" and not self.out:
            return 0
        return int(self.pull_up or self.mode == "open_drain") if world is None else int(world)


class Esp32:
    """One microcontroller with what is wired to it. `tick` is called with each millisecond that passes."""

    MAC = b"\x24\x6f\x28\x0a\x0b\x0c"

    def __init__(self, bus: SimBus, i2c_pins: tuple[int, int] | None) -> None:
        self.bus = bus
        self.i2c_pins = i2c_pins  # scl, sda
        self.mux_reset: int | None = None
        self.pins = {number: PinState() for number in range(40)}
        self.wires: dict[int, SimWire] = {}
        self.strips: dict[int, list[tuple[int, int, int]]] = {}
        self.pwm: dict[int, int] = {}
        self.received = bytearray()  # what the host sent
        self.sent = bytearray()
        self.timers: dict[int, tuple[int, Callable[[Any], None]]] = {}
        self.true_ms = 0.0  # since the world began
        self.tick: Callable[[], None] = lambda: None
        self.reset_cause = 1
        self.longest_gap_ms = 0.0  # between two feeds of the watchdog
        self._fed_at: float | None = None
        self._booted_at = 0.0

    def reset(self, cause: int) -> None:
        """Restart: pins float, RAM is gone, the world goes on."""
        self.reset_cause = cause
        self._fed_at = None
        self._booted_at = self.true_ms
        self.received.clear()
        self.timers.clear()
        for pin in self.pins.values():
            pin.reset()

    def ticks_ms(self) -> int:
        """Begins shortly before it wraps, so that every run goes over the wrap."""
        return int(self.true_ms - self._booted_at + TICKS_PERIOD - 3_000) % TICKS_PERIOD

    def spend(self, ms: float) -> None:
        """Let time pass."""
        whole = int(self.true_ms)
        self.true_ms += ms
        for now_ms in range(whole + 1, int(self.true_ms) + 1):
            self.tick()
            for period_ms, callback in list(self.timers.values()):
                if now_ms % period_ms == 0:
                    callback(None)

    def feed(self) -> None:
        now = self.true_ms
        if self._fed_at is not None:
            self.longest_gap_ms = max(self.longest_gap_ms, now - self._fed_at)
            if now - self._fed_at > 8_000:
                raise Restart
        self._fed_at = now

    def modules(self) -> dict[str, ModuleType]:
        """The modules by name, for sys.modules."""
        return {
            "machine": _machine(self),
            "neopixel": _module("neopixel", NeoPixel=_neopixel_class(self)),
            "onewire": _module("onewire", OneWire=lambda pin: self.wires[pin.number]),
        }


def _module(name: str, **content: object) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(content)
    return module


def _machine(esp32: Esp32) -> ModuleType:
    def reset() -> None:
        raise Restart

    return _module(
        "machine",
        Pin=type("Pin", (BasePin,), {"esp32": esp32}),
        I2C=_i2c_class(esp32),
        PWM=_pwm_class(esp32),
        UART=_uart_class(esp32),
        Timer=_timer_class(esp32),
        WDT=lambda timeout: _Watchdog(esp32, timeout),
        unique_id=lambda: esp32.MAC,
        reset_cause=lambda: esp32.reset_cause,
        reset=reset,
    )


def _timer_class(esp32: Esp32) -> type:
    class Timer:
        ONE_SHOT, PERIODIC = 0, 1

        def __init__(self, number: int) -> None:
            assert number in range(4)
            self._number = number

        def init(self, *, mode: int, period: int, callback: Callable[[Any], None]) -> None:
            assert mode == self.PERIODIC
            esp32.timers[self._number] = (period, callback)

        def deinit(self) -> None:
            esp32.timers.pop(self._number, None)

    return Timer


class _Watchdog:
    def __init__(self, esp32: Esp32, timeout_ms: int) -> None:
        assert timeout_ms == 8_000
        self._esp32 = esp32

    def feed(self) -> None:
        self._esp32.feed()


class BasePin:
    """machine.Pin of one ESP32; `esp32` is set by a subclass for each."""

    IN, OUT, OPEN_DRAIN, PULL_UP, IRQ_FALLING = "in", "out", "open_drain", "up", "falling"
    esp32: "Esp32"

    def __init__(
        self,
        number: int,
        mode: str | None = None,
        pull: str | None = None,
        value: int | None = None,
    ) -> None:
        self.number = number
        self.state = self.esp32.pins[number]
        if mode is not None:
            self.init(mode, pull, value)

    def init(self, mode: str, pull: str | None = None, value: int | None = None) -> None:
        if self.number >= 34 and (mode != "in" or pull is not None):
            raise ValueError(f"GPIO{self.number} is an input without pull-ups")
        if value is not None:
            self.state.out = value  # before the mode, as the esp32 port does
        self.state.mode = mode
        self.state.pull_up = pull == "up"
        self._note()

    def value(self, level: int | None = None) -> int | None:
        if level is None:
            return _level(self.esp32, self.number, self.state)
        was = self.state.out
        self.state.out = level
        self._note()
        _watch_lines(self.esp32, self.number, was, level)
        return None

    def irq(self, handler: Callable[[Any], None], trigger: str) -> None:
        assert trigger == "falling"
        self.state.handler = handler

    def _note(self) -> None:
        if self.state.mode != "in":
            self.state.history.append((self.state.mode, self.state.out))


def _level(esp32: Esp32, number: int, state: PinState) -> int:
    """The level a pin reads; the two of the I2C bus may be held by a chip."""
    if esp32.i2c_pins and number in esp32.i2c_pins:
        is_scl = number == esp32.i2c_pins[0]
        held = esp32.bus.clock_is_held if is_scl else esp32.bus.data_is_held
        return 0 if held or (state.mode == "open_drain" and not state.out) else 1
    return state.level()


def _watch_lines(esp32: Esp32, number: int, was: int, level: int) -> None:
    if number == esp32.mux_reset and not level:
        esp32.bus.reset_multiplexers()
    if not esp32.i2c_pins or was or not level:
        return
    if number == esp32.i2c_pins[0]:
        esp32.bus.clock()
    elif number == esp32.i2c_pins[1]:
        esp32.bus.stop_condition()


def _i2c_class(esp32: Esp32) -> type:
    class I2C:
        def __init__(self, number: int, *, scl: Any, sda: Any, freq: int, timeout: int) -> None:  # noqa: ANN401 - our Pin
            assert (scl.number, sda.number) == esp32.i2c_pins
            assert number in {0, 1}
            assert freq <= 400_000
            assert timeout > 0

        def readfrom(self, address: int, count: int) -> bytes:
            return _timed(esp32, count, lambda: esp32.bus.readfrom(address, count))

        def readfrom_mem(self, address: int, register: int, count: int) -> bytes:
            return _timed(esp32, count, lambda: esp32.bus.readfrom_mem(address, register, count))

        def writeto(self, address: int, data: bytes) -> None:
            _timed(esp32, len(data), lambda: esp32.bus.writeto(address, data))

        def writeto_mem(self, address: int, register: int, data: bytes) -> None:
            _timed(esp32, len(data) + 1, lambda: esp32.bus.writeto_mem(address, register, data))

    return I2C


def _timed(esp32: Esp32, count: int, transfer: Callable[[], _T]) -> _T:
    try:
        result = transfer()
    except OSError as error:
        is_held = error.errno == errno.ETIMEDOUT
        esp32.spend(100 * (1 + count) if is_held else TRANSFER_MS)
        raise OSError(error.errno) from None  # MicroPython gives the number alone
    esp32.spend(TRANSFER_MS)
    return result


def _pwm_class(esp32: Esp32) -> type:
    class PWM:
        def __init__(self, pin: Any, *, freq: int, duty_u16: int) -> None:  # noqa: ANN401 - our Pin
            assert freq == 25_000
            self._number = pin.number
            self.duty_u16(duty_u16)

        def duty_u16(self, duty: int) -> None:
            esp32.pwm[self._number] = duty

    return PWM


def _uart_class(esp32: Esp32) -> type:
    class UART:
        def __init__(
            self, number: int, baud: int, *, tx: int, rx: int, rxbuf: int, txbuf: int
        ) -> None:
            assert (number, baud) == (2, 921_600)
            assert rxbuf >= 4096
            assert txbuf >= 4096
            assert tx != rx

        def any(self) -> int:
            return len(esp32.received)

        def read(self) -> bytes | None:
            data = bytes(esp32.received)
            esp32.received.clear()
            return data or None

        def write(self, data: bytes) -> int:
            esp32.sent += data
            return len(data)

    return UART


def _neopixel_class(esp32: Esp32) -> type:
    class NeoPixel:
        def __init__(self, pin: Any, lamps: int) -> None:  # noqa: ANN401 - our Pin
            self._number = pin.number
            self._lamps = [(0, 0, 0)] * lamps

        def __setitem__(self, lamp: int, colour: tuple[int, int, int]) -> None:
            assert len(colour) == 3
            assert all(0 <= part <= 255 for part in colour)
            self._lamps[lamp] = colour

        def write(self) -> None:
            esp32.strips[self._number] = list(self._lamps)

    return NeoPixel
