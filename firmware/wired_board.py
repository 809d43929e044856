"""A board as its file wires it: which pin of which chip means what. Keeps no rule and knows no `machine`.

What touches the ESP32 itself (fans' pins, watchdog, reset) is added by board_esp32.py.
"""

from .board import UNKNOWN, Board
from .board_spec import BoardSpec
from .compat import const
from .gauges import Gauges
from .latches import Latches
from .wiring import GPIO, parse_wire

_DRAW_EVERY_MS = const(50)
# input in the board file: mask of the board layer
_INPUTS = (
    ("presence", "present"),
    ("handle", "handles_closed"),
    ("power_good", "power_good"),
    ("fault", "tripped"),
)


class WiredBoard(Board):
    """Slots on ports; inputs that the file does not wire are never read."""

    has_slow_bus = True

    def __init__(self, spec: BoardSpec, latches: Latches, gauges: Gauges, lights: list) -> None:
        super().__init__(spec)
        self._latches = latches
        self._ports = latches.ports
        self._gauges = gauges
        self._lights = lights
        self._wires = [_wires_of(row.get("pins", {})) for row in spec.slots]
        self._chips = [_chips_of(wires) for wires in self._wires]
        self._supplies = [
            (row["number"], parse_wire(row["good"])) for row in spec.supplies if "good" in row
        ]
        self._halted_armed = spec.slots_mask
        self._words = [0] * (spec.slot_count + 1)
        self._draw_at = 0
        self.fans: list = []

    # -- inputs ---------------------------------------------------------------------------------

    def sample(self, now_ms: int) -> None:
        """Read every chip once; pins of a silent one keep their last value."""
        self._latches.sample(now_ms)
        self.chassis_power_was_lost = self._latches.power_was_lost
        answering = 0 if self._gauges.silent_address() else 1
        for number, chips in enumerate(self._chips, 1):
            if chips.issubset(self._latches.answering):
                answering |= 1 << number
            if chips.issubset(self._latches.ready):
                self._take(number, self._wires[number - 1])
        self.answering = answering
        self._take_supplies()
        self._gauges.step(now_ms)
        for fan in self.fans:
            fan.step(now_ms)
        if now_ms >= self._draw_at:
            self._draw_at = now_ms + _DRAW_EVERY_MS
            self._draw(now_ms)

    def _take(self, number: int, wires: dict) -> None:
        mask = 1 << number
        for name, attribute in _INPUTS:
            if name in wires:
                word = getattr(self, attribute)
                is_set = self._reads(wires[name])
                setattr(self, attribute, word | mask if is_set else word & ~mask)
        if "halted" in wires and self._halted_armed & mask and self._reads(wires["halted"]):
            self._halted_armed &= ~mask
            self.halted |= mask

    def _reads(self, wire) -> bool:
        return bool(self._ports[wire.chip].levels >> wire.bit & 1) != wire.is_inverted

    def _take_supplies(self) -> None:
        for number, wire in self._supplies:  # one without a line counts as good
            if wire.chip in self._latches.ready:
                mask = 1 << number
                good = self.supplies_good
                self.supplies_good = good | mask if self._reads(wire) else good & ~mask

    def meter(self, slot: int) -> tuple[int, int]:
        return self._gauges.meter(slot)

    def temperature(self, slot: int) -> int:
        return self._gauges.temperature(slot)

    def identity(self, slot: int) -> tuple[bytes, bytes, bytes] | None:
        return self._gauges.identity(slot)

    def device_address(self, slot: int) -> int:
        if not slot:
            return self._gauges.silent_address()
        for chip in sorted(self._chips[slot - 1]):
            if chip not in self._latches.answering:
                return self._ports[chip].address
        return 0

    # -- outputs --------------------------------------------------------------------------------

    def rails(self) -> int:
        mask = 0
        for number, wires in enumerate(self._wires, 1):
            switch = wires["switch"]
            if self._ports[switch.chip].holds(switch.bit, not switch.is_inverted):
                mask |= 1 << number
        return mask

    def set_rail(self, slot: int, on: bool) -> None:
        switch = self._wires[slot - 1]["switch"]
        try:
            self._ports[switch.chip].write(switch.bit, on != switch.is_inverted)
        except OSError:
            return  # rails() shows that nothing happened

    def set_shutdown_line(self, slot: int, asserted: bool) -> None:
        line = self._wires[slot - 1].get("shutdown")
        if line is None:
            return
        port = self._ports[line.chip]
        try:
            if not line.is_inverted:
                port.write(line.bit, asserted)
            elif asserted:
                port.pull_low(line.bit)
            else:
                port.let_float(line.bit)
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

    def _draw(self, now_ms: int) -> None:
        for lights in self._lights:
            lights.draw(self._words, now_ms)

    def set_fan(self, fan: int, duty: int) -> None:
        if fan <= len(self.fans):
            self.fans[fan - 1].set_duty(duty)

    def fan_rpm(self, fan: int) -> int:
        if fan > len(self.fans) or not self.fans[fan - 1].duty:
            return UNKNOWN
        return self.fans[fan - 1].rpm

    def forget_power_loss(self) -> None:
        super().forget_power_loss()
        self._latches.forget_power_loss()


def _wires_of(pins: dict) -> dict:
    return {name: parse_wire(text) for name, text in pins.items()}


def _chips_of(wires: dict) -> set:
    """Chips that a slot is nothing without; the ESP32's own pins always answer."""
    return {wire.chip for wire in wires.values() if wire.chip != GPIO}
