"""Expanders against chips that behave as their data sheets say: adoption, set-up without a blip, and garbled states."""

from collections.abc import Callable

import pytest

from firmware.drivers.mcp23017 import Mcp23017
from firmware.drivers.pcf8574 import Pcf8574
from firmware.drivers.port import Plan, Port
from firmware.drivers.tca9555 import Tca9555
from tests.support.chips.bus import SimBus
from tests.support.chips.expanders import Mcp23017Chip, Pcf8574Chip, PinChip, Tca9555Chip

Kind = tuple[Callable[[int], PinChip], Callable[[SimBus, int, Plan], Port]]
REGISTERED: list[Kind] = [(Mcp23017Chip, Mcp23017), (Tca9555Chip, Tca9555)]
EVERY: list[Kind] = [*REGISTERED, (Pcf8574Chip, Pcf8574)]


def plan(*, active_low: bool = False, marker: bool = True) -> Plan:
    """Pin 0 a switch, 1 a shutdown line, 2 an input, and 7 the marker where it is wanted."""
    made = Plan()
    made.add_output(0, active_low)
    made.open_drain = 0b010
    made.inputs = 0b100
    made.marker = 0x80 if marker else 0
    return made


def pair(kind: Kind, made: Plan | None = None) -> tuple[PinChip, Port, SimBus]:
    chip = kind[0](0x20)
    bus = SimBus(chip)
    active_low = kind[0] is Pcf8574Chip
    return chip, kind[1](bus, 0x20, made or plan(active_low=active_low)), bus


def off_level(chip: PinChip) -> bool:
    return isinstance(chip, Pcf8574Chip)


@pytest.mark.parametrize("kind", EVERY)
class TestEveryExpander:
    def test_a_fresh_chip_shows_its_signature_until_it_is_set_up(self, kind: Kind) -> None:
        _, port, _ = pair(kind)
        assert port.adopt()
        assert port.adopt()
        port.prepare()
        assert not port.adopt()

    def test_setting_up_a_fresh_chip_never_drives_a_switch_on(self, kind: Kind) -> None:
        chip, port, _ = pair(kind)
        port.adopt()
        port.prepare()
        on = not off_level(chip)
        assert on not in [level for bit, level in chip.changes if bit == 0]
        assert not port.holds(0, on)

    def test_a_rail_that_is_on_is_adopted_without_a_blip(self, kind: Kind) -> None:
        chip, port, bus = pair(kind)
        on = not off_level(chip)
        port.prepare()
        port.write(0, on)
        chip.changes.clear()
        after = kind[1](bus, 0x20, port.plan)  # the ESP32 has restarted
        assert not after.adopt()
        after.prepare()
        after.sample()
        assert chip.changes == []
        assert after.holds(0, on)

    def test_a_shutdown_line_is_pulled_low_and_let_go(self, kind: Kind) -> None:
        chip, port, _ = pair(kind)
        port.prepare()
        assert chip.driven(1) is None
        port.pull_low(1)
        assert chip.driven(1) is False
        port.let_float(1)
        assert chip.driven(1) is None
        assert True not in [level for bit, level in chip.changes if bit == 1]  # never pushed high

    def test_a_pulse_leaves_switches_beside_it_alone(self, kind: Kind) -> None:
        chip, port, _ = pair(kind)
        on = not off_level(chip)
        port.prepare()
        port.write(0, on)
        chip.changes.clear()
        port.pull_low(1)
        port.let_float(1)
        assert [bit for bit, _ in chip.changes] == [1, 1]

    def test_inputs_rest_high_and_read_what_the_world_says(self, kind: Kind) -> None:
        chip, port, _ = pair(kind)
        port.prepare()
        port.sample()
        assert port.levels & 0b100
        chip.outside[2] = lambda: False
        port.sample()
        assert not port.levels & 0b100

    def test_a_chip_that_was_reset_in_between_is_noticed_and_not_believed(self, kind: Kind) -> None:
        chip, port, _ = pair(kind)
        on = not off_level(chip)
        port.prepare()
        port.write(0, on)
        assert port.verify()
        chip.power_on()
        port.sample()
        assert not port.verify()
        assert not port.holds(0, on)
        chip.changes.clear()
        port.prepare()
        assert on not in [level for bit, level in chip.changes if bit == 0]
        assert port.verify()

    def test_a_silent_chip_raises_and_keeps_what_was_seen(self, kind: Kind) -> None:
        chip, port, _ = pair(kind)
        on = not off_level(chip)
        port.prepare()
        port.write(0, on)
        chip.is_silent = True
        for call in (port.sample, port.prepare, port.adopt, lambda: port.write(0, not on)):
            with pytest.raises(OSError, match="0x20"):
                call()
        assert port.holds(0, on)


@pytest.mark.parametrize("kind", REGISTERED)
def test_latch_is_written_before_the_direction(kind: Kind) -> None:
    made = plan(active_low=True)
    chip, port, bus = pair(kind, made)
    port.prepare()
    assert [level for bit, level in chip.changes if bit == 0] == [True]
    written = [data[0] for _, data in bus.log]
    assert (
        written.index(port.OUT) < written.index(port.DIRECTION) if kind[0] is Mcp23017Chip else True
    )


def test_active_high_switch_on_a_tca9555_is_low_before_it_is_an_output() -> None:
    chip, port, bus = pair((Tca9555Chip, Tca9555))  # its latches begin as 1
    port.prepare()
    assert [data[0] for _, data in bus.log] == [0x02, 0x06]
    assert [level for bit, level in chip.changes if bit == 0] == [False]


def test_both_ports_of_a_chip_are_reached() -> None:
    made = Plan()
    made.add_output(8, False)
    made.add_output(15, False)
    for kind in REGISTERED:
        chip, port, _ = pair(kind, made)
        port.prepare()
        port.write(15, True)
        assert chip.driven(15) is True
        assert chip.driven(8) is False
        chip.outside[9] = lambda: False
        port.sample()
        assert not port.levels >> 9 & 1


def test_an_mcp23017_reads_levels_and_latches_in_one_transfer() -> None:
    chip, port, bus = pair((Mcp23017Chip, Mcp23017))
    port.prepare()
    port.write(0, True)
    chip.outside[2] = lambda: False
    before = bus.transfers
    port.sample()
    assert bus.transfers - before == 1
    assert port.is_set_up
    assert (port.levels & 0b100, port.latch & 1) == (0, 1)


def test_a_pcf8574_without_a_marker_never_tells_a_loss_of_power() -> None:
    _, port, _ = pair((Pcf8574Chip, Pcf8574), plan(active_low=True, marker=False))
    assert not port.tells_power_loss
    assert not port.adopt()


def test_a_pcf8574_never_pulls_an_input_low() -> None:
    chip, port, _ = pair((Pcf8574Chip, Pcf8574))
    chip.outside[2] = lambda: False
    port.prepare()
    port.write(0, False)
    assert chip.driven(2) is None
