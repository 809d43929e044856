"""PCF8574 and PCF8574A: 8 quasi-bidirectional pins, one byte each way, no registers (NXP PCF8574 rev. 5, section 8).

A 1 is a weak pull-up and also the input; only a 0 is driven. So switches are active low, and after power-on all are off.
The latch cannot be read: an output's pin level stands for it. A spare pin held low, the marker, tells a reset.
"""

from .port import Plan, Port


class Pcf8574(Port):
    """Eight pins. Without a marker a loss of power cannot be told from all switches off, and is not told."""

    def __init__(self, bus, address: int, plan: Plan) -> None:
        super().__init__(address, plan)
        self._bus = bus
        self.tells_power_loss = bool(plan.marker)

    def adopt(self) -> bool:
        self.sample()
        return bool(self.levels & self.plan.marker)

    def prepare(self) -> None:
        self.sample()
        self._write(self.latch & ~self.plan.marker)
        self.sample()

    def sample(self) -> None:
        self.levels = self._bus.readfrom(self.address, 1)[0]
        held = self.plan.outputs | self.plan.open_drain | self.plan.marker
        self.latch = self.levels | ~held & 0xFF  # inputs stay 1, whatever they read
        self.driven = 0xFF

    def verify(self) -> bool:
        return not self.levels & self.plan.marker

    def write(self, bit: int, level: bool) -> None:
        self.sample()
        self._write((self.latch | 1 << bit) if level else (self.latch & ~(1 << bit)))
        self.sample()

    def pull_low(self, bit: int) -> None:
        self.write(bit, False)

    def let_float(self, bit: int) -> None:
        self.write(bit, True)

    def _write(self, value: int) -> None:
        self._bus.writeto(self.address, bytes((value,)))
