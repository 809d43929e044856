"""PCF8574 and PCF8574A: 8 quasi-bidirectional pins, one byte each way, no registers (NXP PCF8574 rev. 5, section 8).

A 1 is a weak pull-up and also the input; only a 0 is driven. So switches are active low, and after power-on all are off.
The latch cannot be read: an output's pin level stands for it. A spare pin held low, the marker, tells a reset.
"""

from .port import Plan, Port, read_alike


class Pcf8574(Port):
    """Eight pins. Without a marker a loss of power cannot be told from all switches off, and is not told."""

    def __init__(self, bus, address: int, plan: Plan) -> None:
        super().__init__(address, plan)
        self._bus = bus
        self._held = plan.outputs | plan.open_drain | plan.marker
        self.tells_power_loss = bool(plan.marker)

    def adopt(self) -> bool:
        self._take(read_alike(self._read, self._held))
        return bool(self.levels & self.plan.marker)

    def prepare(self) -> None:
        self.adopt()
        self._write(self.latch & ~self.plan.marker)
        self.adopt()

    def sample(self) -> None:
        self._take(self._read())

    def verify(self) -> bool:
        return not self.levels & self.plan.marker

    def write(self, bit: int, level: bool) -> None:
        self.adopt()
        self._write((self.latch | 1 << bit) if level else (self.latch & ~(1 << bit)))
        self.adopt()

    def pull_low(self, bit: int) -> None:
        self.write(bit, False)

    def let_float(self, bit: int) -> None:
        self.write(bit, True)

    def _read(self) -> int:
        return self._bus.readfrom(self.address, 1)[0]

    def _take(self, levels: int) -> None:
        self.levels = levels
        self.latch = levels | ~self._held & 0xFF  # inputs stay 1, whatever they read
        self.driven = 0xFF

    def _write(self, value: int) -> None:
        self._bus.writeto(self.address, bytes((value,)))
