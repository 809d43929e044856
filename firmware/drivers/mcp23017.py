"""MCP23017 expanders: 16 pins each, whose output latches outlive a reset of the ESP32."""

from ..compat import const

_IODIR = const(0x00)  # 1: input; all ones after power-on
_GPPU = const(0x0C)
_GPIO = const(0x12)
_OLAT = const(0x14)


class Expander:
    """One MCP23017. Reads and writes raise OSError when it does not answer; the board layer catches it."""

    def __init__(self, i2c, address: int) -> None:
        self._i2c = i2c
        self.address = address
        self.inputs = 0
        self.latch = 0
        self.directions = 0xFFFF

    def adopt(self) -> bool:
        """Read latches and directions as they are; True if they carry the power-on signature."""
        self.latch = self._read(_OLAT)
        self.directions = self._read(_IODIR)
        return self.directions == 0xFFFF and self.latch == 0

    def sample(self) -> None:
        """Read all pins, and the latch: what it holds is what is, whatever was written."""
        self.inputs = self._read(_GPIO)
        self.latch = self._read(_OLAT)

    def write(self, bit: int, on: bool) -> None:
        """Set one output latch."""
        self._write(_OLAT, (self.latch | 1 << bit) if on else (self.latch & ~(1 << bit)))
        self.latch = self._read(_OLAT)

    def drive(self, bit: int) -> None:
        """Make a pin an output. Its latch is set before: the pin must not blip."""
        # Read anew: a direction remembered wrongly would turn the switches beside it into inputs.
        self.directions = self._read(_IODIR)
        if self.directions & 1 << bit:
            self.directions &= ~(1 << bit)
            self._write(_IODIR, self.directions)

    def let_float(self, bit: int) -> None:
        """Make a pin an input again: open drain, released."""
        self.directions = self._read(_IODIR)
        if not self.directions & 1 << bit:
            self.directions |= 1 << bit
            self._write(_IODIR, self.directions)

    def pull_up(self, bits: int) -> None:
        """Switch the weak pull-ups of these input pins on."""
        self._write(_GPPU, bits)

    def _read(self, register: int) -> int:
        data = self._i2c.readfrom_mem(self.address, register, 2)
        return data[0] | data[1] << 8

    def _write(self, register: int, value: int) -> None:
        self._i2c.writeto_mem(self.address, register, bytes((value & 0xFF, value >> 8)))
