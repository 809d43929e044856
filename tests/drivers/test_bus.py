"""The bus: bounded, freed by clocks, left alone while it cannot be freed."""

import errno

import pytest

from firmware.drivers.bus import BusDown, I2cBus
from tests.support.chips.bus import SimBus
from tests.support.chips.expanders import Mcp23017Chip
from tests.support.esp32.chip import Esp32


class Lines:
    """A bus on an ESP32's pins; counts how often the controller was opened."""

    def __init__(self) -> None:
        self.sim = SimBus(Mcp23017Chip(0x20))
        self.esp32 = Esp32(self.sim, (22, 21))
        self.machine = self.esp32.modules()["machine"]
        self.esp32.mux_reset = 32
        self.opened = 0

    def mux_reset(self) -> object:
        pin = self.machine.Pin
        return pin(32, pin.OPEN_DRAIN, pin.PULL_UP, value=1)

    def open(self) -> SimBus:
        self.opened += 1
        return self.sim

    def pins(self) -> tuple[object, object]:
        pin = self.machine.Pin
        return tuple(pin(number, pin.OPEN_DRAIN, pin.PULL_UP, value=1) for number in (22, 21))


@pytest.fixture
def lines() -> Lines:
    return Lines()


def test_a_quiet_bus_is_opened_once_and_not_clocked(lines: Lines) -> None:
    bus = I2cBus(lines.open, lines.pins)
    bus.readfrom_mem(0x20, 0, 2)
    assert (lines.opened, bus.recoveries) == (1, 0)


def test_a_missing_acknowledge_is_no_fault_of_the_bus(lines: Lines) -> None:
    bus = I2cBus(lines.open, lines.pins)
    with pytest.raises(OSError, match=str(errno.ENODEV)):
        bus.readfrom_mem(0x21, 0, 2)
    bus.readfrom_mem(0x20, 0, 2)
    assert lines.opened == 1


@pytest.mark.parametrize("clocks", range(1, 10))
def test_up_to_nine_clocks_free_a_held_line(lines: Lines, clocks: int) -> None:
    lines.sim.held_clocks = clocks
    bus = I2cBus(lines.open, lines.pins)
    assert bus.recoveries == clocks
    assert bus.readfrom_mem(0x20, 0, 2) == b"\xff\xff"


def test_a_stop_ends_a_read_that_was_cut_short(lines: Lines) -> None:
    lines.sim.held_clocks, lines.sim.holds_until_stop = 3, True
    bus = I2cBus(lines.open, lines.pins)
    assert bus.readfrom_mem(0x20, 0, 2) == b"\xff\xff"


def test_a_line_held_in_a_transfer_is_freed_with_the_next(lines: Lines) -> None:
    bus = I2cBus(lines.open, lines.pins)
    lines.sim.writes_until_stuck = 0
    with pytest.raises(OSError, match=str(errno.ETIMEDOUT)):
        bus.readfrom_mem(0x20, 0, 2)
    assert bus.readfrom_mem(0x20, 0, 2) == b"\xff\xff"
    assert lines.opened == 2


def test_a_bus_that_cannot_be_freed_is_tried_once_a_second(lines: Lines) -> None:
    bus = I2cBus(lines.open, lines.pins)
    lines.sim.clock_is_held = True
    with pytest.raises(OSError, match=str(errno.ETIMEDOUT)):
        bus.readfrom_mem(0x20, 0, 2)
    before = lines.sim.transfers
    for now_ms in range(0, 1000, 5):
        bus.now_ms = now_ms
        with pytest.raises(BusDown):
            bus.readfrom_mem(0x20, 0, 2)
    assert lines.sim.transfers == before
    lines.sim.clock_is_held = False
    bus.now_ms = 1000
    assert bus.readfrom_mem(0x20, 0, 2) == b"\xff\xff"


def test_a_carrier_that_holds_its_branch_is_cut_off_by_the_multiplexers_reset(lines: Lines) -> None:
    lines.sim.branch_is_held = True
    bus = I2cBus(lines.open, lines.pins)
    with pytest.raises(BusDown):
        bus.readfrom_mem(0x20, 0, 2)
    bus = I2cBus(lines.open, lines.pins, lines.mux_reset())
    assert bus.readfrom_mem(0x20, 0, 2) == b"\xff\xff"
