"""Chips on a carrier: identity and temperature, behind a multiplexer and on one wire."""

from pathlib import Path

import pytest

from firmware.drivers.at24c02 import At24c02, pack_identity, parse_identity
from firmware.drivers.one_wire import Ds18b20, Ds2401
from firmware.drivers.tca9548a import NoMux, Tca9548a
from firmware.drivers.tmp102 import Tmp102
from firmware.tools import carrier_eeprom
from tests.support.chips.bus import SimBus
from tests.support.chips.carriers import Eeprom24c02, Tca9548aChip, Tmp102Chip
from tests.support.chips.one_wire import Ds18b20Chip, Ds2401Chip, SimWire
from tests.support.esp32.rack import eeprom_content

PARTS = (b"uid", b"serial", b"model")


def carrier(channel: int) -> tuple[SimBus, Tca9548aChip, Eeprom24c02, Tmp102Chip]:
    mux = Tca9548aChip(0x70)
    eeprom, thermometer = Eeprom24c02(0x50, eeprom_content(*PARTS)), Tmp102Chip(0x48)
    mux.branches[channel] += [eeprom, thermometer]
    return SimBus(mux), mux, eeprom, thermometer


def test_an_identity_is_read_through_its_branch_alone() -> None:
    bus, mux, _, _ = carrier(3)
    assert At24c02(bus, Tca9548a(bus, 0x70, 3), 0x50).read() == PARTS
    assert mux.control == 0
    with pytest.raises(OSError, match="0x50"):
        At24c02(bus, Tca9548a(bus, 0x70, 2), 0x50).read()
    assert mux.control == 0


def test_the_branch_is_closed_after_a_refusal_too() -> None:
    bus, mux, eeprom, _ = carrier(3)
    eeprom.is_writing = True  # it acknowledges nothing for 5 ms
    with pytest.raises(OSError, match="0x50"):
        At24c02(bus, Tca9548a(bus, 0x70, 3), 0x50).read()
    assert mux.control == 0


def test_a_silent_multiplexer_makes_both_unreadable() -> None:
    bus, mux, _, _ = carrier(3)
    mux.is_silent = True
    for chip in (
        At24c02(bus, Tca9548a(bus, 0x70, 3), 0x50),
        Tmp102(bus, Tca9548a(bus, 0x70, 3), 0x48),
    ):
        with pytest.raises(OSError, match="0x70"):
            chip.read()


def test_an_identity_without_a_multiplexer() -> None:
    bus = SimBus(Eeprom24c02(0x50, eeprom_content(*PARTS)))
    assert At24c02(bus, NoMux(), 0x50).read() == PARTS


def test_an_identity_is_taken_only_whole() -> None:
    data = pack_identity(*PARTS)
    assert data == eeprom_content(*PARTS)
    assert parse_identity(data.ljust(128, b"\xff")) == PARTS
    for length in range(len(data)):
        assert parse_identity(data[:length]) is None
    for at in range(len(data)):
        assert parse_identity(data[:at] + bytes((data[at] ^ 4,)) + data[at + 1 :]) is None


def test_an_identity_is_read_in_pieces_since_a_held_bus_waits_for_each_byte() -> None:
    bus, _, _, _ = carrier(3)
    At24c02(bus, Tca9548a(bus, 0x70, 3), 0x50).read()
    assert bus.longest_read <= 16
    blank = SimBus(Eeprom24c02(0x50))
    assert At24c02(blank, NoMux(), 0x50).read() is None
    assert blank.transfers == 1


def test_the_tool_writes_what_the_driver_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "eeprom.bin"
    monkeypatch.setattr("sys.argv", ["carrier_eeprom", "uid", "serial", "model", str(out)])
    carrier_eeprom.main()
    assert out.stat().st_size == 256
    assert At24c02(SimBus(Eeprom24c02(0x50, out.read_bytes())), NoMux(), 0x50).read() == PARTS
    monkeypatch.setattr("sys.argv", ["carrier_eeprom", "u" * 40, "serial", "model", str(out)])
    with pytest.raises(SystemExit, match="does not fit"):
        carrier_eeprom.main()


@pytest.mark.parametrize("fill", [b"\xff", b"\0"])
def test_a_blank_eeprom_is_no_identity(fill: bytes) -> None:
    assert parse_identity(fill * 128) is None


@pytest.mark.parametrize(
    "parts", [(b"", b"", b""), (b"u" * 33, b"", b""), (b"u", b"s" * 90, b"m" * 40)]
)
def test_an_identity_that_does_not_fit_is_refused(parts: tuple[bytes, bytes, bytes]) -> None:
    with pytest.raises(ValueError, match="bytes"):
        pack_identity(*parts)


@pytest.mark.parametrize(
    ("cdeg", "read"), [(4500, 4500), (-1000, -1000), (7, 6), (-25, -25), (12800, 12793)]
)
def test_temperature_above_and_below_zero(cdeg: int, read: int) -> None:
    bus, _, _, chip = carrier(0)
    chip.has_converted = True
    chip.cdeg = lambda: min(cdeg, 12793)  # 12 bits end at 127.94
    found = Tmp102(bus, Tca9548a(bus, 0x70, 0), 0x48).read()
    assert found is not None
    assert abs(found - read) <= 7


def test_zero_before_the_first_conversion_is_not_a_temperature() -> None:
    bus, _, _, chip = carrier(0)
    thermometer = Tmp102(bus, Tca9548a(bus, 0x70, 0), 0x48)
    assert thermometer.read() is None
    chip.has_converted = True
    assert thermometer.read() == 2500
    chip.cdeg = lambda: 0  # a cold room
    assert thermometer.read() == 0


def test_a_serial_number_is_an_identity() -> None:
    wire = SimWire(Ds2401Chip(0x0123456789AB))
    assert Ds2401(wire).read() == (b"0123456789ab", b"0123456789ab", b"DS2401")


def test_no_serial_number_two_or_a_garbled_one_is_no_identity() -> None:
    assert Ds2401(SimWire()).read() is None
    assert Ds2401(SimWire(Ds2401Chip(1), Ds2401Chip(2))).read() is None
    wire = SimWire(Ds2401Chip(1))
    wire.flips = [0, 0x10]
    assert Ds2401(wire).read() is None
    assert Ds2401(wire).read() is not None


class Probe:
    """A DS18B20 on a wire, with or without a serial number beside it, and its driver."""

    def __init__(self, *, rom: bool = False) -> None:
        self.now_ms = 0
        self.chip = Ds18b20Chip(7, lambda: self.now_ms)
        self.wire = SimWire(Ds2401Chip(1), self.chip)
        self.driver = Ds18b20(self.wire, self.chip.rom if rom else None)

    def run(self, ms: int) -> int | None:
        for _ in range(ms // 5):
            self.now_ms += 5
            self.driver.step(self.now_ms)
        cdeg: int | None = self.driver.read(self.now_ms)
        return cdeg


@pytest.mark.parametrize("rom", [True, False])
@pytest.mark.parametrize("cdeg", [4500, -1050, 12500])
def test_a_thermometer_on_one_wire(cdeg: int, *, rom: bool) -> None:
    probe = Probe(rom=rom)
    probe.chip.cdeg = cdeg
    assert probe.run(700) is None
    assert probe.run(200) == cdeg


def test_85_degrees_after_a_loss_of_power_are_not_believed() -> None:
    probe = Probe()
    probe.run(900)
    probe.chip.cdeg = 3000
    probe.run(1200)  # the next conversion has begun
    probe.chip.power_on()
    assert probe.run(1000) == 2500  # the last that was measured, still young
    assert probe.run(3000) == 3000


def test_85_degrees_are_believed_on_the_way_up() -> None:
    probe = Probe()
    probe.chip.cdeg = 8000
    probe.run(900)
    probe.chip.cdeg = 8500
    assert probe.run(4000) == 8500


def test_a_garbled_temperature_is_not_taken_and_an_old_one_not_told() -> None:
    probe = Probe(rom=True)
    assert probe.run(900) == 2500
    probe.wire.flips = [1] * 4000
    assert probe.run(4000) == 2500
    assert probe.run(3000) is None


def test_a_thermometer_that_went_with_its_carrier_is_not_known_and_the_next_one_is_found() -> None:
    probe = Probe()
    probe.run(900)
    probe.wire.chips = []
    assert probe.run(9000) is None
    probe.wire.chips = [Ds18b20Chip(99, lambda: probe.now_ms)]
    assert probe.run(5000) == 2500


def test_two_thermometers_on_one_wire_are_not_mixed() -> None:
    probe = Probe()
    probe.wire.chips.append(Ds18b20Chip(8, lambda: probe.now_ms))
    assert probe.run(5000) is None


def test_a_wire_that_a_broken_carrier_holds_low_is_not_searched_for_seconds() -> None:
    probe = Probe()
    probe.wire.is_held_low = True
    assert Ds2401(probe.wire).read() is None
    assert probe.run(10_000) is None
    assert probe.wire.searches == 0
    probe.wire.is_held_low = False
    assert Ds2401(probe.wire).read() is not None
    assert probe.run(4_000) is not None
