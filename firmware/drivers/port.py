"""What every chip with pins can do; and the two whose latches and directions can be read back.

All methods that speak to a chip raise OSError when it does not answer. I2C has no checksum: what is read in order to
be written back must read alike twice, or one garbled transfer would switch the slots beside the one that was meant.
"""

from ..compat import const

_LOOKS = const(4)
_EIO = const(5)


class Plan:
    """What the pins of one chip are for, as masks."""

    def __init__(self) -> None:
        self.outputs = 0  # push-pull: switches, lamps
        self.idle = 0  # levels of these outputs while nothing is asked of them
        self.open_drain = 0  # shutdown lines: low or let go
        self.inputs = 0
        self.marker = 0  # a spare output that tells a reset of the chip, where its registers cannot

    def add_output(self, bit: int, idle_level: bool) -> None:
        """A push-pull output and its level at rest."""
        self.outputs |= 1 << bit
        if idle_level:
            self.idle |= 1 << bit


def read_alike(read, mask: int = 0xFFFF) -> int:
    """What two reads in a row agree on, within a mask. Raises OSError for a bus that garbles all of them."""
    last = read()
    for _ in range(_LOOKS):
        found = read()
        if not (found ^ last) & mask:
            return found
        last = found
    raise OSError(_EIO)


class Port:
    """Pins of one chip. levels, latch and driven are what the last sample(), adopt() or write() saw."""

    tells_power_loss = True  # adopt() can tell a chip that has just got power

    def __init__(self, address: int, plan: Plan) -> None:
        self.address = address
        self.plan = plan
        self.levels = 0
        self.latch = 0
        self.driven = 0
        self.is_set_up = True  # as far as sample() can tell: else its inputs are not to be believed

    def adopt(self) -> bool:
        """Read latches and directions as they are, write nothing. Whether they carry the power-on signature."""
        return False

    def prepare(self) -> None:
        """Make outputs and inputs what the plan says. What is driven stays as it is; nothing blips."""

    def sample(self) -> None:
        """Read pins and latches."""

    def verify(self) -> bool:
        """Whether the chip is still set up, so was not reset behind our back."""
        return True

    def write(self, bit: int, level: bool) -> None:
        """Set one output latch, and read back what it holds."""

    def pull_low(self, bit: int) -> None:
        """Open drain: pull."""

    def let_float(self, bit: int) -> None:
        """Open drain: let go."""

    def holds(self, bit: int, level: bool) -> bool:
        """Whether a pin is driven to this level, as last seen."""
        return bool(self.driven >> bit & 1) and bool(self.latch >> bit & 1) == level


class RegisterPort(Port):
    """16 pins with registers for level, latch and direction, in pairs, low byte first."""

    IN = OUT = DIRECTION = 0
    PULL_UP = -1
    FRESH_LATCH = 0

    def __init__(self, bus, address: int, plan: Plan) -> None:
        super().__init__(address, plan)
        self._bus = bus

    def adopt(self) -> bool:
        self.latch = self._sure(self.OUT)
        self.driven = ~self._sure(self.DIRECTION) & 0xFFFF
        return not self.driven and self.latch == self.FRESH_LATCH

    def prepare(self) -> None:
        self.adopt()
        plan = self.plan
        rising = plan.outputs & ~self.driven
        latch = (self.latch & ~rising) | (plan.idle & rising)
        latch &= ~(plan.open_drain & ~self.driven)
        if self.PULL_UP >= 0:
            self._write(self.PULL_UP, plan.inputs)
        if latch != self.latch:
            self._write(self.OUT, latch)  # before the direction: the pin must not blip
        driven = (self.driven & ~plan.inputs) | plan.outputs
        if driven != self.driven:
            self._write(self.DIRECTION, ~driven & 0xFFFF)
        self.adopt()

    def sample(self) -> None:
        self.levels = self._read(self.IN)
        self.latch = self._read(self.OUT)

    def verify(self) -> bool:
        self.driven = ~self._read(self.DIRECTION) & 0xFFFF
        return self.driven & ~self.plan.open_drain == self.plan.outputs

    def write(self, bit: int, level: bool) -> None:
        latch = self._sure(self.OUT)
        self._write(self.OUT, (latch | 1 << bit) if level else (latch & ~(1 << bit)))
        self.adopt()

    def pull_low(self, bit: int) -> None:
        self.write(bit, False)
        self._point(bit, True)

    def let_float(self, bit: int) -> None:
        self._point(bit, False)

    def _point(self, bit: int, out: bool) -> None:
        # Read anew: a direction remembered wrongly would turn the switches beside it into inputs.
        driven = ~self._sure(self.DIRECTION) & 0xFFFF
        wanted = (driven | 1 << bit) if out else (driven & ~(1 << bit))
        if wanted != driven:
            self._write(self.DIRECTION, ~wanted & 0xFFFF)
        self.driven = wanted

    def _sure(self, register: int) -> int:
        return read_alike(lambda: self._read(register))

    def _read(self, register: int) -> int:
        data = self._bus.readfrom_mem(self.address, register, 2)
        return data[0] | data[1] << 8

    def _write(self, register: int, value: int) -> None:
        self._bus.writeto_mem(self.address, register, bytes((value & 0xFF, value >> 8)))
