"""Pins of the ESP32 itself. They float through a reset, so a switch on one goes off with it."""

from .port import Plan, Port


class GpioPort(Port):
    """open_pin(number) gives a machine.Pin, still as the reset left it."""

    tells_power_loss = False

    def __init__(self, open_pin, plan: Plan) -> None:
        super().__init__(0, plan)
        used = plan.inputs | plan.outputs | plan.open_drain
        self._bits = [bit for bit in range(40) if used >> bit & 1]
        self._pins = {bit: open_pin(bit) for bit in self._bits}

    def prepare(self) -> None:
        for bit in self._bits:
            mask, pin = 1 << bit, self._pins[bit]
            if self.plan.inputs & mask:
                self._listen(bit, pin)
            elif not self.driven & mask:
                idle = 1 if self.plan.open_drain & mask or self.plan.idle & mask else 0
                pin.init(pin.OPEN_DRAIN if self.plan.open_drain & mask else pin.OUT, value=idle)
                self._note(bit, bool(idle))
        self.driven |= self.plan.outputs

    def sample(self) -> None:
        self.levels = 0
        for bit in self._bits:
            if self._pins[bit].value():
                self.levels |= 1 << bit

    def write(self, bit: int, level: bool) -> None:
        self._pins[bit].value(1 if level else 0)
        self._note(bit, level)

    def pull_low(self, bit: int) -> None:
        self.write(bit, False)

    def let_float(self, bit: int) -> None:
        self.write(bit, True)

    def _listen(self, bit: int, pin) -> None:
        if bit < 34:
            pin.init(pin.IN, pin.PULL_UP)
        else:
            pin.init(pin.IN)  # GPIO34 to 39 have no pull-ups

    def _note(self, bit: int, level: bool) -> None:
        self.latch = (self.latch | 1 << bit) if level else (self.latch & ~(1 << bit))
