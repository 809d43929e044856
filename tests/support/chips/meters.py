"""Simulated meters: 16-bit registers behind a pointer, high byte first."""

from collections.abc import Callable

from tests.support.chips.bus import Chip


class WordChip(Chip):
    """A pointer byte, then words.

    The pointer stays where it was for the next read. A word is written whole: only after its second byte.
    """

    power_on_words: dict[int, int] = {}
    writable: frozenset[int] = frozenset()

    def power_on(self) -> None:
        self.words = dict(self.power_on_words)
        self._pointer = 0
        self._taken: list[int] = []
        self._given = 0

    def word(self, register: int) -> int:
        """What a register reads."""
        return self.words.get(register, 0)

    def start(self) -> None:
        self._taken = []
        self._given = 0

    def put(self, byte: int) -> bool:
        self._taken.append(byte)
        if len(self._taken) == 1:
            self._pointer = byte
        elif len(self._taken) == 3 and self._pointer in self.writable:
            self.words[self._pointer] = self._taken[1] << 8 | byte
        return True

    def get(self) -> int:
        word = self.word(self._pointer) & 0xFFFF
        byte = word & 0xFF if self._given else word >> 8
        self._given ^= 1
        return byte


class Ina3221Chip(WordChip):
    """TI SBOS576A.

    Table 3: registers and power-on values (configuration 0x7127: three channels, continuous). Section 8.6.2.2:
    shunt 40 uV a step in bits 15 to 3, two's complement; 8.6.2.3: bus 8 mV a step in bits 15 to 3. Manufacturer
    0x5449, die 0x3220. Readings are 0 before the first conversion.
    """

    power_on_words = {0x00: 0x7127, 0x0F: 0x0002, 0xFE: 0x5449, 0xFF: 0x3220}
    writable = frozenset({0x00, *range(0x07, 0x13)})

    def __init__(self, address: int, shunt_mohm: int | list[int] = 50) -> None:
        self.shunt_mohm = shunt_mohm
        self.measures: Callable[[int], tuple[int, int]] = lambda _: (0, 0)  # the world: mV, mA
        super().__init__(address)

    def power_on(self) -> None:
        super().power_on()
        self.has_converted = False

    def word(self, register: int) -> int:
        if not 1 <= register <= 6:
            return super().word(register)
        channel = (register + 1) // 2
        is_enabled = self.words[0] >> (15 - channel) & 1
        if not is_enabled or not self.words[0] & 7 or not self.has_converted:
            return 0
        mv, ma = self.measures(channel)
        shunts = self.shunt_mohm
        shunt_mohm = shunts[channel - 1] if isinstance(shunts, list) else shunts
        steps = ma * shunt_mohm // 40 if register % 2 else mv // 8
        return max(-4096, min(4095, steps)) << 3


class Ina226Chip(WordChip):
    """TI SBOS547B.

    Table 7-1: registers and power-on values (configuration 0x4127). Shunt 2.5 uV a step, two's complement; bus 1.25
    mV a step, bit 15 always 0. Manufacturer 0x5449, die 0x2260. Readings are 0 before the first conversion.
    """

    power_on_words = {0x00: 0x4127, 0xFE: 0x5449, 0xFF: 0x2260}
    writable = frozenset({0x00, 0x05, 0x06, 0x07})

    def __init__(self, address: int, shunt_mohm: int = 10) -> None:
        self.shunt_mohm = shunt_mohm
        self.measures: Callable[[int], tuple[int, int]] = lambda _: (0, 0)  # the world: mV, mA
        super().__init__(address)

    def power_on(self) -> None:
        super().power_on()
        self.has_converted = False

    def word(self, register: int) -> int:
        if register not in {1, 2}:
            return super().word(register)
        if not self.words[0] & 7 or not self.has_converted:
            return 0
        mv, ma = self.measures(1)
        if register == 1:
            return max(-32768, min(32767, ma * self.shunt_mohm * 2 // 5))
        return min(0x7FFF, mv * 4 // 5)
