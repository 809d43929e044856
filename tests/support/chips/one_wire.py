"""A simulated 1-wire bus with the face of MicroPython's onewire.OneWire, and the two chips that may be on it.

Analog Devices DS2401 (19-5860) and DS18B20 (19-7487): ROM commands 0x33, 0x55, 0xCC, 0xF0; the ROM is family, six bytes
of serial number, CRC-8 (x^8 + x^5 + x^4 + 1), low bytes first. What several chips send at once is the AND of all.
"""

from collections.abc import Callable, Iterable


def crc8(data: Iterable[int]) -> int:
    """Application note 27."""
    crc = 0
    for byte in data:
        for bit in range(8):
            mix = (crc ^ byte >> bit) & 1
            crc = crc >> 1 ^ (0x8C if mix else 0)
    return crc


class WireChip:
    """Listens after a reset until a ROM command selects it or another."""

    family = 0

    def __init__(self, serial: int) -> None:
        body = bytes((self.family,)) + serial.to_bytes(6, "little")
        self.rom = body + bytes((crc8(body),))
        self.is_selected = False
        self.out: list[int] = []

    def command(self, byte: int) -> None:
        """A function command after the ROM command."""


class Ds2401Chip(WireChip):
    """A serial number and nothing else: no function command."""

    family = 0x01


class Ds18b20Chip(WireChip):
    """Figure 9: scratchpad of 9 bytes with CRC; 0x0550 (85 degrees) until the first conversion.

    Table 3: 0x44 converts in 750 ms at 12 bits, 0xBE reads; 0.0625 degrees a step, two's complement, low byte
    first.
    """

    family = 0x28
    CONVERSION_MS = 750

    def __init__(self, serial: int, clock: Callable[[], int]) -> None:
        super().__init__(serial)
        self._clock = clock
        self.cdeg = 2500
        self.power_on()

    def power_on(self) -> None:
        """Forget the last conversion and one that runs."""
        self.raw = 0x0550
        self._ready_ms: int | None = None

    def command(self, byte: int) -> None:
        now_ms = self._clock()
        if self._ready_ms is not None and now_ms >= self._ready_ms:
            self.raw = self.cdeg * 4 // 25 & 0xFFFF
            self._ready_ms = None
        if byte == 0x44:
            self._ready_ms = now_ms + self.CONVERSION_MS
        elif byte == 0xBE:
            body = [self.raw & 0xFF, self.raw >> 8, 0x4B, 0x46, 0x7F, 0xFF, 0x0C, 0x10]
            self.out = [*body, crc8(body)]


class SimWire:
    """One wire. `flips` hurts the next bytes read, one mask a byte."""

    def __init__(self, *chips: WireChip) -> None:
        self.chips = list(chips)
        self.flips: list[int] = []
        self.bytes_used = 0
        self.is_held_low = (
            False  # by a broken carrier: every bit reads 0, also that of a presence pulse
        )
        self.searches = 0  # of 192 bits each, some 15 ms
        self._rom: list[int] | None = None  # bytes of a MATCH ROM so far
        self._listens = False

    crc8 = staticmethod(crc8)

    def reset(self, required: bool = False) -> bool:
        self._rom, self._listens = None, True
        for chip in self.chips:
            chip.is_selected, chip.out = False, []
        return bool(self.chips) or self.is_held_low

    def readbit(self) -> int:
        """A read slot; before a ROM command no chip answers in it."""
        return 0 if self.is_held_low else 1

    def scan(self) -> list[bytearray]:
        """SEARCH ROM, over and over: every chip's ROM, as far as the wire does not hurt it."""
        if self.is_held_low:  # each bit is a collision, until MicroPython stops after 255 chips
            self.searches += 255
            return [bytearray(n.to_bytes(8, "big")) for n in range(255, 0, -1)]
        self.searches += len(self.chips) or 1
        return [bytearray(self._hurt(byte) for byte in chip.rom) for chip in self.chips]

    def writebyte(self, byte: int) -> None:
        self.bytes_used += 1
        if self._rom is not None:
            self._rom.append(byte)
            if len(self._rom) == 8:
                for chip in self.chips:
                    chip.is_selected = chip.rom == bytes(self._rom)
                self._rom = None
        elif self._listens:
            self._listens = False
            self._take_rom_command(byte)
        else:
            for chip in self.chips:
                if chip.is_selected:
                    chip.command(byte)

    def readbyte(self) -> int:
        self.bytes_used += 1
        byte = 0 if self.is_held_low else 0xFF
        for chip in self.chips:
            if chip.is_selected and chip.out:
                byte &= chip.out.pop(0)
        return self._hurt(byte)

    def readinto(self, buf: bytearray) -> None:
        for at in range(len(buf)):
            buf[at] = self.readbyte()

    def write(self, buf: bytes) -> None:
        for byte in buf:
            self.writebyte(byte)

    def select_rom(self, rom: bytes) -> None:
        self.reset()
        self.writebyte(0x55)
        self.write(rom)

    def _take_rom_command(self, byte: int) -> None:
        if byte == 0x55:
            self._rom = []
        elif byte in {0xCC, 0x33}:
            for chip in self.chips:
                chip.is_selected = True
                chip.out = list(chip.rom) if byte == 0x33 else []

    def _hurt(self, byte: int) -> int:
        return byte ^ self.flips.pop(0) if self.flips else byte
