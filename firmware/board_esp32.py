"""A board of boards/*.toml on an ESP32: expanders, meters, carriers, lamps. Keeps no rule.

Switch latches are adopted at boot. A latch is written before its direction, so that no output blips.
"""

from time import ticks_diff, ticks_ms  # pyright: ignore[reportAttributeAccessIssue] - MicroPython's

import machine
import neopixel

from .board import UNKNOWN, UNKNOWN_CDEG, Board
from .board_spec import BoardSpec
from .compat import const
from .drivers import carrier_bus, ina3221, lamps
from .drivers.mcp23017 import Expander

_WATCHDOG_MS = const(8000)
_DRAW_EVERY_MS = const(50)
_INPUTS = ("presence", "handle", "power_good", "fault", "halted")


class Esp32Board(Board):
    """The board that its file describes; inputs it has no bit for are not wired and never read."""

    def __init__(self, spec: BoardSpec) -> None:
        super().__init__(spec)
        pins = spec.esp32
        bus = pins["i2c"]
        self._i2c = machine.I2C(
            bus["id"], scl=machine.Pin(bus["scl"]), sda=machine.Pin(bus["sda"]), freq=bus["hz"]
        )
        self.board_id = (machine.unique_id() + b"\0" * 8)[:8]
        self.reset_cause = machine.reset_cause()
        self._bits = pins["bits"]
        self._inputs = [name for name in _INPUTS if name in self._bits]
        self._inverted = pins["active_low"]
        self._expanders = {
            row["expander"]: Expander(self._i2c, row["expander"]) for row in spec.slots
        }
        self._unprepared = (
            set()
        )  # addresses of expanders that were silent, since boot or in between
        self._halted_armed = spec.slots_mask
        self._words = [0] * (spec.slot_count + 1)
        self._strip = neopixel.NeoPixel(machine.Pin(pins["lights"]["pin"]), spec.slot_count * 3)
        self._draw_at = 0
        self._supplies = [machine.Pin(pin, machine.Pin.IN) for pin in pins["supply_pins"]]
        self._fans = [machine.PWM(machine.Pin(pin), freq=25000) for pin in pins["fan_pins"]]
        self._adopt()
        self._watchdog = machine.WDT(timeout=_WATCHDOG_MS)

    # -- inputs ---------------------------------------------------------------------------------

    def sample(self, now_ms: int) -> None:
        """Read every expander once; pins of a silent one keep their last value."""
        answering = set()
        for address, expander in self._expanders.items():
            try:
                if address in self._unprepared:
                    self._prepare(address, expander)
                    self._unprepared.discard(address)
                expander.sample()
                answering.add(address)
            except OSError:
                self._unprepared.add(address)  # it may come back as fresh as after power-on
        self.answering = 1
        for row in self.spec.slots:
            if row["expander"] in answering:
                self.answering |= 1 << row["number"]
                self._take(row)
        self._take_supplies()
        if now_ms >= self._draw_at:
            self._draw_at = now_ms + _DRAW_EVERY_MS
            self._draw(now_ms)

    def _take(self, row: dict) -> None:
        mask = 1 << row["number"]
        values = {name: self._input(row, name) for name in self._inputs}
        self.present = _put(self.present, mask, values.get("presence"))
        self.handles_closed = _put(self.handles_closed, mask, values.get("handle"))
        self.power_good = _put(self.power_good, mask, values.get("power_good"))
        self.tripped = _put(self.tripped, mask, values.get("fault"))
        if values.get("halted") and self._halted_armed & mask:
            self._halted_armed &= ~mask
            self.halted |= mask

    def _input(self, row: dict, name: str) -> bool:
        level = bool(self._expanders[row["expander"]].inputs >> self._pin(row, name) & 1)
        return level != (name in self._inverted)

    def _take_supplies(self) -> None:
        if not self._supplies:
            return  # none has a line: they count as good
        self.supplies_good = 0
        for row, pin in zip(self.spec.supplies, self._supplies):  # noqa: B905 - not in MicroPython
            self.supplies_good |= pin.value() << row["number"]

    def meter(self, slot: int) -> tuple[int, int]:
        place = (
            self.spec.slots[slot - 1].get("meter_at")
            if slot
            else self.spec.esp32.get("chassis_meter_at")
        )
        if place is None:
            return UNKNOWN, UNKNOWN
        shunt_mohm = self.spec.esp32["shunt_mohm"]
        return ina3221.read_channel(self._i2c, place["address"], place["channel"], shunt_mohm)

    def temperature(self, slot: int) -> int:
        place = self.spec.slots[slot - 1].get("carrier_at")
        return carrier_bus.read_temperature(self._i2c, place) if place else UNKNOWN_CDEG

    def identity(self, slot: int) -> tuple[bytes, bytes, bytes] | None:
        place = self.spec.slots[slot - 1].get("carrier_at")
        return carrier_bus.read_identity(self._i2c, place) if place else None

    def device_address(self, slot: int) -> int:
        return self.spec.slots[slot - 1]["expander"] if slot else 0

    # -- outputs --------------------------------------------------------------------------------

    def rails(self) -> int:
        mask = 0
        for row in self.spec.slots:
            if self._expanders[row["expander"]].latch >> self._pin(row, "switch") & 1:
                mask |= 1 << row["number"]
        return mask

    def set_rail(self, slot: int, on: bool) -> None:
        row = self.spec.slots[slot - 1]
        try:
            self._expanders[row["expander"]].write(self._pin(row, "switch"), on)
        except OSError:
            return  # rails() shows that nothing happened

    def set_shutdown_line(self, slot: int, asserted: bool) -> None:
        row = self.spec.slots[slot - 1]
        expander, pin = self._expanders[row["expander"]], self._pin(row, "shutdown")
        try:
            if asserted:
                expander.drive(pin)
            else:
                expander.let_float(pin)
        except OSError:
            return  # the device is told as lost by answering

    def clear_trip(self, slot: int) -> None:
        self.set_rail(slot, False)  # the switch clears its latch when its enable goes low

    def rearm_halted(self, slot: int) -> None:
        self.halted &= ~(1 << slot)
        self._halted_armed |= 1 << slot

    def set_lights(self, slot: int, word: int) -> None:
        self._words[slot] = word

    def show_lights(self) -> None:
        self._draw(
            0
        )  # where every pattern is lit: an alarm is seen at once, also through a long write

    def set_fan(self, fan: int, duty: int) -> None:
        self._fans[fan - 1].duty_u16(duty * 257)

    def feed_watchdog(self) -> None:
        self._watchdog.feed()

    def reboot(self) -> None:
        machine.reset()

    # -- starting -------------------------------------------------------------------------------

    def _adopt(self) -> None:
        """Take the latches as they are. Only a fresh expander, still all inputs, tells that power was lost."""
        fresh = []
        for address, expander in self._expanders.items():
            try:
                if expander.adopt():
                    fresh.append(address)
                else:
                    self._prepare(address, expander)
                expander.sample()
            except OSError:
                self._unprepared.add(address)  # told as DEVICE_LOST; its rails stay as they are
        self.chassis_power_was_lost = len(fresh) == len(self._expanders)
        self._fresh = fresh
        if not self.chassis_power_was_lost:
            self.forget_power_loss()

    def forget_power_loss(self) -> None:
        """Set the fresh expanders up with the next sample, now that flash knows why they are fresh."""
        self._unprepared.update(self._fresh)
        self._fresh = []

    def _prepare(self, address: int, expander: Expander) -> None:
        pull_ups = 0
        for row in self.spec.slots:
            if row["expander"] != address:
                continue
            expander.drive(self._pin(row, "switch"))  # its latch holds what it held
            for name in self._inputs:
                pull_ups |= 1 << self._pin(row, name)
        expander.pull_up(pull_ups)

    def _pin(self, row: dict, name: str) -> int:
        return self._bits[name] + (8 if row["port"] == "B" else 0)

    def _draw(self, now_ms: int) -> None:
        for slot in range(1, self.spec.slot_count + 1):
            for lamp, colour in enumerate(lamps.lamps(self._words[slot], now_ms)):
                self._strip[(slot - 1) * 3 + lamp] = colour
        self._strip.write()


def _put(word: int, mask: int, is_set: bool | None) -> int:
    return word | mask if is_set else word & ~mask


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
