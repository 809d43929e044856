"""Simulated expanders: pins that the world outside reads and drives."""

from collections.abc import Callable

from tests.support.chips.bus import Chip


class PinChip(Chip):
    """`outside` gives the level that the world puts on a pin, None where nothing does.

    `changes` keeps every (bit, level) that an output showed, so that a blip is seen.
    """

    width = 16

    def __init__(self, address: int) -> None:
        self.outside: dict[int, Callable[[], bool | None]] = {}
        self.changes: list[tuple[int, bool | None]] = []
        self._shown: dict[int, bool | None] = {}
        super().__init__(address)

    def driven(self, bit: int) -> bool | None:
        """The level this chip drives a pin to, or None."""
        raise NotImplementedError

    def rests_high(self, bit: int) -> bool:
        """Whether a pin that nobody drives reads high, by a pull-up."""
        raise NotImplementedError

    def level(self, bit: int) -> bool:
        """The level on the pin: the chip's own, else the world's, else the pull-up's."""
        own = self.driven(bit)
        world = self.outside[bit]() if bit in self.outside else None
        if own is not None:
            return own
        return self.rests_high(bit) if world is None else world

    def levels(self, first: int = 0) -> int:
        """Eight pins as a byte."""
        return sum(1 << bit for bit in range(8) if self.level(first + bit))

    def _note(self) -> None:
        for bit in range(self.width):
            level = self.driven(bit)
            if self._shown.get(bit) != level:
                self._shown[bit] = level
                self.changes.append((bit, level))


class Mcp23017Chip(PinChip):
    """Microchip DS20001952C.

    Table 3-1: registers with BANK = 0. Section 3.5.1: IODIR is 1 after power-on, all else 0. Section 3.2.1: with
    SEQOP = 0 the pointer counts up and rolls over after 0x15; with 1 it toggles A and B. A write to GPIO goes to
    OLAT (3.5.10). Section 1.0 of revision D: GPA7 and GPB7 are outputs only.
    """

    IODIR, IPOL, IOCON, GPPU, GPIO, OLAT, LAST = 0x00, 0x02, 0x0A, 0x0C, 0x12, 0x14, 0x15

    def power_on(self) -> None:
        self.registers = [0xFF, 0xFF] + [0] * 20
        self._pointer = 0
        self._is_first = True
        self._note()

    def driven(self, bit: int) -> bool | None:
        port, mask = bit // 8, 1 << bit % 8
        if self.registers[self.IODIR + port] & mask:
            return None
        return bool(self.registers[self.OLAT + port] & mask)

    def rests_high(self, bit: int) -> bool:
        return bool(self.registers[self.GPPU + bit // 8] & 1 << bit % 8)

    def start(self) -> None:
        self._is_first = True

    def put(self, byte: int) -> bool:
        if self._is_first:
            self._is_first = False
            self._pointer = byte
            return True
        register = self._pointer
        if register > self.LAST:
            return False
        if register & ~1 == self.IOCON:
            self.registers[self.IOCON] = self.registers[self.IOCON + 1] = byte & 0xFE
        elif register & ~1 == self.GPIO:
            self.registers[register + 2] = byte
        elif register < 0x0E or register >= self.OLAT:  # INTF and INTCAP cannot be written
            self.registers[register] = byte
        self._count()
        self._note()
        return True

    def get(self) -> int:
        register = self._pointer
        self._count()
        if register & ~1 == self.GPIO:
            port = register & 1
            return self.levels(8 * port) ^ self.registers[self.IPOL + port]
        return self.registers[register] if register <= self.LAST else 0

    def _count(self) -> None:
        if self.registers[self.IOCON] & 0x20:
            self._pointer ^= 1
        else:
            self._pointer = 0 if self._pointer >= self.LAST else self._pointer + 1


class Tca9555Chip(PinChip):
    """TI SCPS200.

    Table 4: command byte and registers; after power-on outputs 1, polarity 0, configuration 1 (inputs). Section
    8.6.1: after a byte the pointer goes to the other register of the pair and stays in it. 100 kOhm pull-ups are
    always there (section 8.2).
    """

    def power_on(self) -> None:
        self.registers = [0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF]
        self._pointer = 0
        self._is_first = True
        self._note()

    def driven(self, bit: int) -> bool | None:
        port, mask = bit // 8, 1 << bit % 8
        if self.registers[6 + port] & mask:
            return None
        return bool(self.registers[2 + port] & mask)

    def rests_high(self, bit: int) -> bool:
        return True

    def start(self) -> None:
        self._is_first = True

    def put(self, byte: int) -> bool:
        if self._is_first:
            self._is_first = False
            self._pointer = byte & 7
            return byte < 8
        if self._pointer >= 2:  # input registers cannot be written
            self.registers[self._pointer] = byte
        self._pointer ^= 1
        self._note()
        return True

    def get(self) -> int:
        register = self._pointer
        self._pointer ^= 1
        if register < 2:
            return self.levels(8 * register) ^ self.registers[4 + register]
        return self.registers[register]


class Pcf8574Chip(PinChip):
    """NXP PCF8574/74A rev. 5.

    Section 7: 0100 A2 A1 A0 or 0111 A2 A1 A0. Section 8.1: quasi-bidirectional, a 1 is a weak pull-up that the
    world may pull low; high after power-on. Section 8.2: each written byte shows at its acknowledge; 8.3: a read
    gives the pins.
    """

    width = 8

    def power_on(self) -> None:
        self.latch = 0xFF
        self._note()

    def driven(self, bit: int) -> bool | None:
        return None if self.latch & 1 << bit else False

    def rests_high(self, bit: int) -> bool:
        return True

    def put(self, byte: int) -> bool:
        self.latch = byte
        self._note()
        return True

    def get(self) -> int:
        return self.levels()
