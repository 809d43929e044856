"""A simulated LED driver."""

from tests.support.chips.bus import Chip


class Pca9685Chip(Chip):
    """NXP PCA9685 rev. 4.

    Table 5: MODE1 0x11 (asleep, answers the all-call address 0x70), MODE2 0x04 and every output full off (bit 4 of
    LEDn_OFF_H) after power-on. Section 7.3.1: the pointer counts up only with AI. Section 7.3.3: full off wins over
    full on. Asleep, no output is on (7.3.1.1).
    """

    ALL_CALL = 0x70
    hears_more = True

    def power_on(self) -> None:
        self.registers = bytearray(256)
        self.registers[0x00], self.registers[0x01], self.registers[0x05] = 0x11, 0x04, 0xE0
        for led in range(16):
            self.registers[0x09 + 4 * led] = 0x10
        self._pointer = 0
        self._is_first = True

    def answers(self, address: int) -> bool:
        if self.is_silent:
            return False
        is_all_call = bool(self.registers[0] & 1) and address == self.ALL_CALL
        return address == self.address or is_all_call

    def start(self) -> None:
        self._is_first = True

    def put(self, byte: int) -> bool:
        if self._is_first:
            self._is_first = False
            self._pointer = byte
            return True
        self.registers[self._pointer] = byte
        self._count()
        return True

    def get(self) -> int:
        byte = self.registers[self._pointer]
        self._count()
        return byte

    def duty(self, led: int) -> int:
        """How much of its time an output is on, of 4096."""
        on_l, on_h, off_l, off_h = self.registers[0x06 + 4 * led : 0x0A + 4 * led]
        if self.registers[0] & 0x10 or off_h & 0x10:
            return 0
        if on_h & 0x10:
            return 4096
        return ((off_h & 15) << 8 | off_l) - ((on_h & 15) << 8 | on_l) & 0xFFF

    def _count(self) -> None:
        if self.registers[0] & 0x20:
            self._pointer = 0 if self._pointer == 0x45 else self._pointer + 1
