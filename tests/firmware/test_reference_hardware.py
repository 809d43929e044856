"""The reference board's chips: what is written in which order, and what a reading means."""

import struct
from binascii import crc32

import pytest

from firmware import codes
from firmware.board import UNKNOWN, UNKNOWN_CDEG
from firmware.drivers import lamps
from firmware.drivers.carrier_bus import parse_identity, read_identity, read_temperature
from firmware.drivers.ina3221 import read_channel
from firmware.drivers.mcp23017 import Expander

IODIR, OLAT = 0x00, 0x14


class FakeBus:
    """Registers by (address, register); silent addresses raise OSError like the real bus."""

    def __init__(self) -> None:
        self.memory: dict[tuple[int, int], bytes] = {}
        self.writes: list[tuple[int, bytes]] = []
        self.silent = False

    def readfrom_mem(self, address: int, register: int, count: int) -> bytes:
        if self.silent:
            raise OSError
        return self.memory.get((address, register), b"")[:count].ljust(count, b"\0")

    def writeto_mem(self, address: int, register: int, data: bytes) -> None:
        if self.silent:
            raise OSError
        self.memory[address, register] = data
        self.writes.append((register, data))

    def writeto(self, address: int, data: bytes) -> None:
        if self.silent:
            raise OSError
        self.writes.append((address, data))


def expander(directions: int, latch: int) -> tuple[Expander, FakeBus]:
    bus = FakeBus()
    bus.memory[0x20, IODIR] = struct.pack("<H", directions)
    bus.memory[0x20, OLAT] = struct.pack("<H", latch)
    return Expander(bus, 0x20), bus


def test_fresh_expander_tells_that_power_was_lost() -> None:
    chip, bus = expander(0xFFFF, 0)
    assert chip.adopt()
    assert not bus.writes


@pytest.mark.parametrize(("directions", "latch"), [(0xFEFE, 0x0001), (0xFEFE, 0), (0xFFFF, 1)])
def test_expander_in_use_is_adopted_untouched(directions: int, latch: int) -> None:
    chip, bus = expander(directions, latch)
    assert not chip.adopt()
    assert (chip.directions, chip.latch) == (directions, latch)
    assert not bus.writes


def test_latch_is_written_before_the_direction() -> None:
    chip, bus = expander(0xFFFF, 0)
    chip.adopt()
    chip.write(0, True)
    chip.drive(0)
    assert [register for register, _ in bus.writes] == [OLAT, IODIR]
    assert bus.memory[0x20, IODIR] == b"\xfe\xff"


def test_driving_what_is_driven_writes_nothing() -> None:
    chip, bus = expander(0xFEFE, 0x0101)
    chip.adopt()
    chip.drive(0)
    assert not bus.writes


def test_a_chip_that_was_silent_at_boot_keeps_its_other_pins_driven() -> None:
    chip, bus = expander(0xFEFE, 0x0101)  # never adopted: it did not answer
    chip.drive(1)
    assert bus.memory[0x20, IODIR] == b"\xfc\xfe"
    chip.let_float(1)
    assert bus.memory[0x20, IODIR] == b"\xfe\xfe"


def test_a_line_is_let_go_by_floating() -> None:
    chip, bus = expander(0xFFFF, 0)
    chip.adopt()
    chip.drive(1)
    chip.let_float(1)
    assert bus.memory[0x20, IODIR] == b"\xff\xff"
    assert chip.latch == 0


def test_meter_reading() -> None:
    bus = FakeBus()
    bus.memory[0x40, 3] = struct.pack(">h", 500 << 3)  # 20 mV over 50 mOhm
    bus.memory[0x40, 4] = struct.pack(">h", 1500 << 3)
    assert read_channel(bus, 0x40, 2, 50) == (12000, 400)
    bus.silent = True
    assert read_channel(bus, 0x40, 2, 50) == (UNKNOWN, UNKNOWN)


PLACE = {"mux": 0x70, "channel": 3, "eeprom": 0x50, "thermometer": 0x48}


def test_temperature_below_zero_and_unknown() -> None:
    bus = FakeBus()
    bus.memory[0x48, 0] = struct.pack(">h", -10 * 16 << 4)
    assert read_temperature(bus, PLACE) == -1000
    assert bus.writes == [(0x70, b"\x08"), (0x70, b"\0")]
    bus.silent = True
    assert read_temperature(bus, PLACE) == UNKNOWN_CDEG


def eeprom(*parts: bytes) -> bytes:
    data = b"BP\x01" + b"".join(bytes((len(part),)) + part for part in parts)
    return data + struct.pack("<I", crc32(data))


def test_identity_is_read_only_whole() -> None:
    data = eeprom(b"uid", b"serial", b"model")
    bus = FakeBus()
    bus.memory[0x50, 0] = data
    assert read_identity(bus, PLACE) == (b"uid", b"serial", b"model")
    for length in range(len(data)):
        assert parse_identity(data[:length]) is None
    bus.silent = True
    assert read_identity(bus, PLACE) is None


@pytest.mark.parametrize("fill", [b"\xff", b"\0"])
def test_blank_eeprom_is_no_identity(fill: bytes) -> None:
    assert parse_identity(fill * 128) is None


@pytest.mark.parametrize(
    ("pattern", "lit_ms"),
    [
        (codes.DARK, 0),
        (codes.STEADY, 1000),
        (codes.SLOW, 500),
        (codes.FAST, 500),
        (codes.SHORT, 100),
        (codes.LONG, 900),
        (codes.PFA, 500),
        (codes.AS_LOCAL, 0),
    ],
)
def test_patterns_are_lit_for_their_share_of_a_second(pattern: int, lit_ms: int) -> None:
    assert sum(lamps.is_lit(pattern, now) for now in range(1000)) == lit_ms


def test_lamps_of_a_word() -> None:
    word = codes.RED | codes.STEADY << 3 | codes.STEADY << 6
    status, blue, white = lamps.lamps(word, 0)
    assert status[0] > 0
    assert status[1:] == (0, 0)
    assert blue[:2] == (0, 0)
    assert blue[2] > 0
    assert white == (0, 0, 0)
