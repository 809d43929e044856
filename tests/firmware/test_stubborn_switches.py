"""Switches that do not obey and devices that fall silent at the wrong moment: what must be cut is cut."""

from collections.abc import Callable

import pytest

from firmware import codes
from tests.support.bench import Bench
from tests.support.fake_board import FakeBoard, board_data

SLOT = 1


def pull(bench: Bench) -> None:
    bench.change(lambda: bench.board.pull(SLOT))


def overheat(bench: Bench) -> None:
    bench.change(lambda: bench.board.cdeg.update({SLOT: 9000}))


def overload(bench: Bench) -> None:
    bench.change(lambda: bench.board.ma.update({SLOT: 3000}))


def halt(bench: Bench) -> None:
    assert bench.ask(codes.REQUEST_SHUTDOWN, SLOT, 1)[0] == codes.OK
    bench.change(lambda: setattr(bench.board, "halted", 1 << SLOT))


@pytest.mark.parametrize(
    ("happens", "cause"),
    [
        (pull, codes.BY_REMOVAL),
        (overheat, codes.BY_OVER_TEMP),
        (overload, codes.BY_TRIP),
        (halt, codes.BY_SHUTDOWN_DONE),
    ],
)
def test_a_cut_that_did_not_work_is_tried_until_it_does(
    happens: Callable[[Bench], None], cause: int
) -> None:
    bench = Bench().powered(SLOT)
    bench.board.stuck = 1 << SLOT
    happens(bench)
    bench.run(3000)
    assert bench.board.switches == 1 << SLOT
    assert bench.has(SLOT, codes.F_RAIL), "the rail is told as it is"
    bench.board.stuck = 0
    bench.run(200)
    assert bench.board.switches == 0
    assert [value & 0xFF for value in bench.values(codes.RAIL_OFF, SLOT)] == [cause]
    assert len(bench.values(codes.TRIP, SLOT)) == (cause == codes.BY_TRIP)


def test_the_next_carrier_does_not_mate_with_a_stuck_rail_for_long() -> None:
    bench = Bench().powered(SLOT)
    bench.board.stuck = 1 << SLOT
    pull(bench)
    bench.run(1000)
    bench.board.stuck = 0
    bench.run(20)
    bench.change(lambda: bench.board.insert(SLOT))
    bench.run(1000)
    assert bench.board.switches == 0


def test_a_rail_without_power_good_goes_off_also_when_the_first_cut_fails() -> None:
    bench = Bench().seated(SLOT)
    bench.board.goes_good = 0
    bench.command(codes.SET_POWER, SLOT, 1)
    bench.board.stuck = 1 << SLOT
    bench.run(300)
    bench.board.stuck = 0
    bench.run(60_000)
    assert bench.values(codes.POWER_GOOD_FAILED, SLOT) == [1, 2, 3, 4]
    assert bench.board.switches == 0


def test_a_cut_that_a_person_asked_for_is_not_done_behind_his_back() -> None:
    bench = Bench().powered(SLOT)
    bench.board.stuck = 1 << SLOT
    assert bench.ask(codes.SET_POWER, SLOT, 0)[0] == codes.E_HARDWARE
    bench.board.stuck = 0
    bench.run(1000)
    assert bench.board.switches == 1 << SLOT


@pytest.mark.parametrize("good", [True, False])
def test_a_device_that_falls_silent_while_its_rail_rises_holds_no_other_back(good: bool) -> None:
    bench = Bench().seated(1, 2)
    bench.board.goes_good = 1 << 2
    bench.command(codes.SET_POWER, 1, 1)
    bench.run(20)
    bench.change(lambda: setattr(bench.board, "answering", 0x7FF & ~(1 << 1)))
    assert bench.ask(codes.SET_POWER, 2, 1)[0] == codes.OK
    bench.run(1000)
    assert bench.board.switches == 0b110, "a silent device keeps its rail"
    bench.board.goes_good |= good << 1
    bench.change(lambda: setattr(bench.board, "answering", 0x7FF))
    bench.run(200)
    assert bench.has(1, codes.F_RAIL) is good
    assert bench.has(1, codes.F_GOOD) is good
    assert bench.has(2, codes.F_GOOD)


def test_a_released_slot_whose_rail_is_found_on_is_released_no_more() -> None:
    data = board_data()
    data["senses"]["meter"] = False
    bench = Bench(FakeBoard(data)).seated(SLOT)
    assert bench.ask(codes.RELEASE, SLOT, 1)[0] == codes.OK
    bench.change(lambda: setattr(bench.board, "switches", 1 << SLOT))
    bench.run(500)
    assert bench.values(codes.RELEASED, SLOT) == [1, 0]
    assert bench.ask(codes.SET_POWER, SLOT, 0)[0] == codes.OK
    bench.run(500)
    assert bench.lamps(SLOT)[2] == codes.DARK
