"""Graceful shutdown: the pulse, halted by line and by current, and that nobody is cut who runs."""

import pytest

from firmware import codes
from tests.support.bench import Bench
from tests.support.fake_board import FakeBoard, board_data


def without_halted_line() -> Bench:
    data = board_data()
    data["slot"][0]["halted_line"] = False
    return Bench(FakeBoard(data)).powered(1)


def line_is_pulled(bench: Bench) -> bool:
    return bench.board.lines[1]


def pulse_halted(bench: Bench) -> None:
    bench.change(lambda: setattr(bench.board, "halted", 1 << 1))


def test_line_is_pulled_for_200_ms() -> None:
    bench = Bench().powered(1)
    assert bench.ask(codes.REQUEST_SHUTDOWN, 1, 0)[0] == codes.OK
    assert line_is_pulled(bench)
    assert bench.has(1, codes.F_LINE)
    bench.run(195)
    assert line_is_pulled(bench)
    bench.run(10)
    assert not line_is_pulled(bench)
    assert bench.values(codes.SHUTDOWN_LINE, 1) == [1, 0]


def test_halted_is_the_first_edge_and_one_second() -> None:
    bench = Bench().powered(1)
    bench.command(codes.REQUEST_SHUTDOWN, 1, 0)
    bench.run(3000)
    pulse_halted(bench)
    bench.change(lambda: setattr(bench.board, "halted", 0))
    bench.run(950)
    assert codes.HALTED not in bench.kinds(1)
    bench.run(100)
    assert bench.kinds(1)[-1] == codes.HALTED
    assert bench.has(1, codes.F_HALTED | codes.F_RAIL)
    assert bench.board.switches


def test_then_off_cuts_only_after_halted_and_names_the_command() -> None:
    bench = Bench().powered(1)
    number = bench.command(codes.REQUEST_SHUTDOWN, 1, 1)
    bench.run(5000)
    assert bench.board.switches
    pulse_halted(bench)
    bench.run(1100)
    assert bench.board.switches == 0
    assert bench.values(codes.RAIL_OFF, 1) == [codes.BY_SHUTDOWN_DONE | number << 8]
    assert not bench.has(1, codes.F_HALTED)


def test_without_a_halted_line_low_current_for_two_seconds_is_halted() -> None:
    bench = without_halted_line()
    bench.command(codes.REQUEST_SHUTDOWN, 1, 1)
    bench.run(2000)
    bench.board.ma[1] = 110
    bench.run(1900)
    assert bench.board.switches
    bench.run(300)
    assert codes.HALTED in bench.kinds(1)
    assert bench.board.switches == 0


def test_a_dip_of_the_current_is_not_halted() -> None:
    bench = without_halted_line()
    for _ in range(5):
        bench.board.ma[1] = 110
        bench.run(1500)
        bench.board.ma[1] = 400
        bench.run(300)
    assert codes.HALTED not in bench.kinds(1)


def test_halted_current_is_configured_per_slot() -> None:
    bench = without_halted_line()
    assert bench.ask(codes.SET_CONFIG, codes.HALTED_MA, 1, 50, 0, 0, 0)[0] == codes.OK
    bench.board.ma[1] = 110
    bench.run(4000)
    assert codes.HALTED not in bench.kinds(1)


def test_a_current_that_cannot_be_read_is_not_low() -> None:
    bench = without_halted_line()
    bench.command(codes.REQUEST_SHUTDOWN, 1, 1)
    bench.board.ma[1] = codes.UNKNOWN
    bench.run(10_000)
    assert bench.board.switches


def test_a_pi_that_halts_by_itself_is_shown_halted_and_keeps_its_rail() -> None:
    bench = Bench().powered(1)
    pulse_halted(bench)
    bench.run(1100)
    assert bench.has(1, codes.F_HALTED)
    assert bench.lamps(1)[:2] == (codes.AMBER, codes.SLOW)
    assert bench.board.switches


def test_a_halted_pi_that_was_woken_is_running_again() -> None:
    bench = Bench().powered(1)
    bench.board.ma[1] = 120
    pulse_halted(bench)
    bench.run(1100)
    assert bench.has(1, codes.F_HALTED)
    bench.board.ma[1] = 420
    bench.run(2500)
    assert not bench.has(1, codes.F_HALTED)
    assert bench.lamps(1)[:2] == (codes.GREEN, codes.STEADY)


def test_asking_a_halted_pi_with_then_off_cuts_at_once() -> None:
    bench = Bench().powered(1)
    pulse_halted(bench)
    bench.run(1100)
    bench.ask(codes.REQUEST_SHUTDOWN, 1, 1)
    bench.run(10)
    assert bench.board.switches == 0


def test_overdue_shutdown_is_reported_once_and_never_cut() -> None:
    bench = Bench().powered(1)
    bench.command(codes.REQUEST_SHUTDOWN, 1, 1)
    bench.run(89_000)
    assert not bench.bodies(codes.LOG)
    bench.run(120_000)
    texts = [body[2:].decode() for body in bench.bodies(codes.LOG)]
    assert texts == ["slot 1 has not halted for 90 s"]
    assert bench.board.switches


def test_power_on_waits_for_a_shutdown_in_progress() -> None:
    bench = Bench().powered(1)
    bench.command(codes.REQUEST_SHUTDOWN, 1, 1)
    assert bench.ask(codes.SET_POWER, 1, 1)[0] == codes.E_BUSY


def test_cutting_during_a_shutdown_lets_the_line_go() -> None:
    bench = Bench().powered(1)
    bench.command(codes.REQUEST_SHUTDOWN, 1, 1)
    assert bench.ask(codes.SET_POWER, 1, 0)[0] == codes.OK
    bench.run(10)
    assert not bench.board.switches
    assert not line_is_pulled(bench)
    assert not bench.has(1, codes.F_LINE)
    assert bench.ask(codes.SET_POWER, 1, 1)[0] == codes.OK


def test_a_reset_in_mid_pulse_lets_the_line_go() -> None:
    bench = Bench().powered(1)
    bench.command(codes.REQUEST_SHUTDOWN, 1, 0)
    assert line_is_pulled(bench)
    bench.reboot()
    assert not line_is_pulled(bench)
    assert bench.values(codes.SHUTDOWN_LINE, 1) == [1, 0]
    assert bench.board.switches


@pytest.mark.parametrize("slot", [1, 2])
def test_shutdown_needs_a_rail_and_a_line(slot: int) -> None:
    data = board_data()
    data["slot"][1]["shutdown_line"] = False
    bench = Bench(FakeBoard(data)).seated(1).powered(2)
    assert bench.ask(codes.REQUEST_SHUTDOWN, slot, 1)[0] == codes.E_STATE


def test_asking_again_changes_what_follows_without_a_second_pulse() -> None:
    bench = Bench().powered(1)
    bench.command(codes.REQUEST_SHUTDOWN, 1, 1)
    bench.run(1000)
    assert bench.ask(codes.REQUEST_SHUTDOWN, 1, 0)[0] == codes.OK
    assert bench.values(codes.SHUTDOWN_LINE, 1) == [1, 0]
    pulse_halted(bench)
    bench.run(1500)
    assert bench.has(1, codes.F_HALTED)
    assert bench.board.switches
