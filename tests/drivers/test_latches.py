"""Several chips together: what a loss of power is, what a reset of one is, and who waits for whom."""

import pytest

from firmware.drivers.mcp23017 import Mcp23017
from firmware.drivers.port import Plan, Port
from firmware.latches import Latches
from tests.support.chips.bus import SimBus
from tests.support.chips.expanders import Mcp23017Chip


class Trio:
    """Three expanders with a switch and an input each."""

    def __init__(self) -> None:
        self.chips = [Mcp23017Chip(0x20 + number) for number in range(3)]
        self.bus = SimBus(*self.chips)
        self.now_ms = 0
        self.start()

    def start(self) -> None:
        """The controller starts; chips stay as they are."""
        ports: dict[str, Port] = {}
        for chip in self.chips:
            plan = Plan()
            plan.add_output(0, False)
            plan.inputs = 0b100
            ports[f"x{chip.address & 7}"] = Mcp23017(self.bus, chip.address, plan)
        self.latches = Latches(ports)
        self.run(5)

    def run(self, ms: int) -> None:
        for _ in range(0, ms, 5):
            self.now_ms += 5
            self.latches.sample(self.now_ms)

    def used(self) -> "Trio":
        """Chips that have been set up, with one rail on each."""
        self.latches.forget_power_loss()
        self.run(10)
        for port in self.latches.ports.values():
            port.write(0, True)
        return self


ALL = {"x0", "x1", "x2"}


def test_all_fresh_at_boot_is_a_loss_of_power_and_nothing_is_written_until_it_is_kept() -> None:
    trio = Trio()
    trio.run(5000)
    assert trio.latches.power_was_lost
    assert trio.latches.answering == ALL
    assert trio.latches.ready == set()
    assert trio.bus.log == []
    trio.latches.forget_power_loss()
    trio.run(5)
    assert trio.latches.ready == ALL
    assert not trio.latches.power_was_lost


def test_a_restart_of_the_controller_is_none() -> None:
    trio = Trio().used()
    before = [list(chip.changes) for chip in trio.chips]
    trio.start()
    assert not trio.latches.power_was_lost
    assert trio.latches.ready == ALL
    assert [list(chip.changes) for chip in trio.chips] == before


def test_one_reset_among_three_is_none_and_is_set_up_at_once() -> None:
    trio = Trio().used()
    trio.chips[1].power_on()
    trio.run(20)
    assert not trio.latches.power_was_lost
    assert trio.latches.ready == ALL
    assert not trio.latches.ports["x1"].holds(0, True)
    assert trio.latches.ports["x0"].holds(0, True)


def test_all_reset_while_the_controller_runs_is_a_loss_of_power() -> None:
    trio = Trio().used()
    for chip in trio.chips:
        chip.power_on()
    trio.run(10)
    assert trio.latches.power_was_lost
    assert trio.latches.answering == ALL


def test_chips_that_get_power_one_after_the_other_wait_for_each_other() -> None:
    trio = Trio().used()
    for chip in trio.chips:
        chip.is_silent = True
    trio.run(100)
    for chip in trio.chips:
        chip.power_on()
        chip.is_silent = False
        trio.run(200)
        is_last = chip is trio.chips[-1]
        assert trio.latches.power_was_lost == is_last
        assert (trio.latches.answering == ALL) == is_last


@pytest.mark.parametrize("silent", [0, 2])
def test_a_chip_that_stays_silent_holds_the_others_back_for_a_second_at_most(silent: int) -> None:
    trio = Trio().used()
    for chip in trio.chips:
        chip.power_on()
    trio.chips[silent].is_silent = True
    trio.run(900)
    assert trio.latches.answering == set()
    trio.run(200)
    assert not trio.latches.power_was_lost
    assert trio.latches.ready == ALL - {f"x{silent}"}


def test_a_silent_chip_keeps_its_latches_as_last_seen_and_returns_untouched() -> None:
    trio = Trio().used()
    before = list(trio.chips[0].changes)
    trio.chips[0].is_silent = True
    trio.run(500)
    assert trio.latches.answering == ALL - {"x0"}
    assert trio.latches.ports["x0"].holds(0, True)
    trio.chips[0].is_silent = False
    trio.run(30)
    assert trio.latches.ready == ALL
    assert trio.chips[0].changes == before


def test_inputs_of_a_chip_that_was_just_reset_never_count() -> None:
    trio = Trio().used()
    trio.chips[0].outside[2] = lambda: None  # an open contact: high by the pull-up alone
    trio.run(10)
    assert trio.latches.ports["x0"].levels & 0b100
    for _ in range(40):
        trio.chips[0].power_on()
        trio.run(5)
        assert "x0" not in trio.latches.ready or trio.latches.ports["x0"].levels & 0b100
