"""Simulated chips of a carrier, and the multiplexer that gives each carrier a bus of its own."""

from collections.abc import Callable

from tests.support.chips.bus import Chip
from tests.support.chips.meters import WordChip


class Eeprom24c02(Chip):
    """Microchip 24LC02B, DS20001709.

    Section 7: a word address, then a sequential read that rolls over after 255. Section 6.2: page writes of 8 bytes
    wrap within the page. Section 6.1 and 7: no acknowledge during the 5 ms of a write.
    """

    def __init__(self, address: int, content: bytes = b"") -> None:
        self.memory = bytearray(content.ljust(256, b"\xff"))
        self.is_writing = False
        super().__init__(address)

    def power_on(self) -> None:
        self._pointer = 0
        self._is_first = True
        self._page: dict[int, int] = {}

    def answers(self, address: int) -> bool:
        return super().answers(address) and not self.is_writing

    def start(self) -> None:
        self._is_first = True

    def put(self, byte: int) -> bool:
        if self._is_first:
            self._is_first = False
            self._pointer = byte
        else:
            self._page[self._pointer] = byte
            self._pointer = self._pointer & 0xF8 | (self._pointer + 1) & 7
        return True

    def get(self) -> int:
        byte = self.memory[self._pointer]
        self._pointer = (self._pointer + 1) & 0xFF
        return byte

    def stop(self) -> None:
        if self._page:
            for at, byte in self._page.items():
                self.memory[at] = byte
            self._page = {}
            self.is_writing = True  # until the test says that 5 ms are over


class Tmp102Chip(WordChip):
    """TI SBOS397.

    Table 1 and sections 6.5.1 to 6.5.4: pointer; temperature 12 bits left-aligned, 0.0625 degrees a step, two's
    complement; configuration 0x60A0; limits 75 and 80 degrees. Reads 0 degrees until the first conversion, 26 ms
    after power-on.
    """

    power_on_words = {0x01: 0x60A0, 0x02: 0x4B00, 0x03: 0x5000}
    writable = frozenset({1, 2, 3})

    def __init__(self, address: int) -> None:
        self.cdeg: Callable[[], int] = lambda: 2500  # the world's temperature, in centi-degrees
        super().__init__(address)

    def power_on(self) -> None:
        super().power_on()
        self.has_converted = False

    def word(self, register: int) -> int:
        if register & 3:
            return super().word(register & 3)
        return self.cdeg() * 4 // 25 << 4 if self.has_converted else 0


class Tca9548aChip(Chip):
    """TI SCPS207.

    Section 8.5: one control byte, a bit a channel; several may be on; 0 after power-on. It takes effect with the
    STOP. Its own address is seen on every branch.
    """

    hears_more = True

    def __init__(self, address: int) -> None:
        self.branches: list[list[Chip]] = [[] for _ in range(8)]
        super().__init__(address)

    def power_on(self) -> None:
        self.control = self._pending = 0

    def at(self, address: int) -> list[Chip]:
        if self.is_silent:
            return []
        found: list[Chip] = [self] if address == self.address else []
        for number, branch in enumerate(self.branches):
            if self.control >> number & 1:
                found += [chip for each in branch for chip in each.at(address)]
        return found

    def reset_branches(self) -> None:
        self.power_on()

    def put(self, byte: int) -> bool:
        self._pending = byte
        return True

    def get(self) -> int:
        return self.control

    def stop(self) -> None:
        self.control = self._pending
        for branch in self.branches:
            for chip in branch:
                chip.stop()
