"""Devices that fall silent, and readings and latches that cannot be: not known, and no rail switched by it."""

import pytest

from firmware import codes
from tests.support.bench import Bench
from tests.support.fake_board import FakeBoard, board_data


class TestDevices:
    def test_a_silent_device_makes_not_known_and_keeps_the_rail(self) -> None:
        bench = Bench().powered(3)
        bench.change(lambda: setattr(bench.board, "answering", 0x7FF & ~(1 << 3)))
        bench.board.pull(3)
        bench.run(1000)
        assert bench.values(codes.DEVICE_LOST, 3) == [0x21]
        assert bench.has(3, codes.F_NO_ANSWER)
        assert bench.has(3, codes.F_RAIL)
        assert not bench.has(3, codes.F_METER_WORKS)
        assert bench.ask(codes.SET_POWER, 3, 0)[0] == codes.E_HARDWARE
        assert bench.board.switches == 1 << 3

    def test_what_happened_meanwhile_is_told_when_it_is_back(self) -> None:
        bench = Bench().powered(3)
        bench.change(lambda: setattr(bench.board, "answering", 0x7FF & ~(1 << 3)))
        bench.board.pull(3)
        bench.run(1000)
        bench.change(lambda: setattr(bench.board, "answering", 0x7FF))
        bench.run(500)
        assert codes.DEVICE_BACK in bench.kinds(3)
        assert codes.REMOVE in bench.kinds(3)
        assert bench.board.switches == 0

    def test_one_garbled_transfer_is_no_loss(self) -> None:
        bench = Bench().powered(3)
        bench.change(lambda: setattr(bench.board, "answering", 0))
        bench.run(50)
        bench.change(lambda: setattr(bench.board, "answering", 0x7FF))
        bench.run(500)
        assert codes.DEVICE_LOST not in bench.kinds(3)

    def test_a_latch_that_reads_otherwise_is_believed_after_20_ms(self) -> None:
        bench = Bench().powered(3)
        bench.change(lambda: setattr(bench.board, "switches", 0))
        bench.run(10)
        assert bench.has(3, codes.F_RAIL)
        bench.run(20)
        assert not bench.has(3, codes.F_RAIL)
        assert bench.values(codes.RAIL_OFF, 3) == [codes.BY_SUPPLY_LOST]


@pytest.mark.parametrize("noise", [-5, 70000, 1 << 40])
def test_impossible_readings_are_not_known(noise: int) -> None:
    bench = Bench().powered(3)
    bench.board.ma[3] = noise
    bench.board.cdeg[3] = noise
    bench.run(6000)
    assert bench.has(3, codes.F_RAIL)
    assert bench.core.chassis.slots[2].ma == codes.UNKNOWN


@pytest.mark.parametrize(
    ("meter", "mv", "good"), [(True, 12000, True), (True, 9000, False), (False, 0, True)]
)
def test_without_a_power_good_line_the_voltage_tells(meter: bool, mv: int, good: bool) -> None:
    data = board_data()
    data["senses"].update(power_good=False, meter=meter)
    bench = Bench(FakeBoard(data)).seated(1)
    bench.board.mv[1] = mv
    bench.command(codes.SET_POWER, 1, 1)
    bench.run(400)
    assert bench.has(1, codes.F_GOOD) == good
    assert (codes.POWER_GOOD_FAILED in bench.kinds(1)) != good


def test_a_trip_is_told_and_cut_though_a_damaged_journal_says_it_had_tripped_before() -> None:
    bench = Bench().powered(3)
    slot = bench.core.chassis.slots[2]
    slot.tripped = True
    bench.core.chassis.save(slot)
    bench.reboot()
    bench.run(200)
    assert bench.board.switches >> 3 & 1, "a reset switches nothing"
    bench.change(lambda: setattr(bench.board, "tripped", 1 << 3))
    bench.run(200)
    assert bench.kinds(3)[-2:] == [codes.TRIP, codes.RAIL_OFF]
    assert not bench.board.switches >> 3 & 1
