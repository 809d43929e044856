"""Meters: what a register means, in both directions of the current, and what is refused."""

import pytest

from firmware.drivers.ina226 import Ina226
from firmware.drivers.ina3221 import Ina3221
from tests.support.chips.bus import SimBus
from tests.support.chips.meters import Ina226Chip, Ina3221Chip


def ina3221(readings: dict[int, tuple[int, int]]) -> tuple[Ina3221, Ina3221Chip]:
    chip = Ina3221Chip(0x40, 50)
    chip.has_converted = True
    chip.measures = lambda channel: readings.get(channel, (0, 0))
    return Ina3221(SimBus(chip), 0x40, 50), chip


def ina226(mv: int, ma: int, shunt_mohm: int = 10) -> tuple[Ina226, Ina226Chip]:
    chip = Ina226Chip(0x40, shunt_mohm)
    chip.has_converted = True
    chip.measures = lambda _: (mv, ma)
    return Ina226(SimBus(chip), 0x40, shunt_mohm), chip


def test_an_ina3221_has_three_channels_of_its_own() -> None:
    meter, _ = ina3221({1: (12000, 400), 2: (5000, 1200), 3: (3304, 0)})
    assert [meter.read(channel) for channel in (1, 2, 3)] == [(12000, 400), (5000, 1200), (3304, 0)]


def test_registers_of_the_data_sheet_s_examples() -> None:
    meter, chip = ina3221({})
    words = {0x01: 0xC180, 0x02: 0x2EE0, 0xFF: 0x3220}  # -80 mV as in section 8.6.2.2; 12000 mV
    chip.word = lambda register: words[register]  # type: ignore[method-assign]  # raw words
    assert meter.read(1) == (12000, 0)
    other, chip226 = ina226(0, 0)
    words = {0x01: 0x1F40, 0x02: 0x2570, 0xFF: 0x2260}  # 20 mV over 10 mOhm; 11.98 V, table 8-1
    chip226.word = lambda register: words[register]  # type: ignore[method-assign]  # raw words
    assert other.read(1) == (11980, 2000)


def test_channels_may_have_shunts_of_their_own() -> None:
    _, chip = ina3221({1: (12000, 400), 2: (12000, 12_000)})
    chip.shunt_mohm = [50, 5, 50]
    meter = Ina3221(SimBus(chip), 0x40, [50, 5, 50])
    assert [meter.read(1), meter.read(2)] == [(12000, 400), (12000, 12_000)]


def test_an_ina226_reads_volts_and_amperes() -> None:
    meter, _ = ina226(5000, 3000)
    assert meter.read(1) == (5000, 3000)


def test_a_current_that_flows_back_counts_as_none() -> None:
    assert ina3221({1: (12000, -400)})[0].read(1) == (12000, 0)
    assert ina226(5000, -400)[0].read(1) == (5000, 0)


def test_a_current_beyond_the_wire_s_range_is_not_taken_for_not_known() -> None:
    assert ina226(5000, 81_000, 1)[0].read(1)[1] == 0xFFFE


def test_another_chip_at_the_address_gives_no_numbers() -> None:
    for meter in (
        Ina3221(SimBus(Ina226Chip(0x40)), 0x40, 50),
        Ina226(SimBus(Ina3221Chip(0x40)), 0x40, 10),
    ):
        with pytest.raises(OSError, match="19"):
            meter.read(1)


def test_a_later_revision_of_an_ina226_is_one_too() -> None:
    meter, chip = ina226(5000, 1000)
    chip.words[0xFF] = 0x2261
    assert meter.read(1) == (5000, 1000)


def test_a_silent_meter_raises_and_is_asked_who_it_is_when_it_is_back() -> None:
    meter, chip = ina3221({1: (12000, 400)})
    meter.read(1)
    chip.is_silent = True
    with pytest.raises(OSError, match="0x40"):
        meter.read(1)
    chip.is_silent = False
    chip.words[0xFF] = 0x2260
    with pytest.raises(OSError, match="19"):
        meter.read(1)
