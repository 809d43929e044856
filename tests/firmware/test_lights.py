"""Lights: three layers, and that steady blue means released and safe, whoever asks for what."""

import pytest

from firmware import codes
from tests.support.bench import Bench

LOCATE = (1, 0, codes.AS_LOCAL, codes.AS_LOCAL, codes.FAST)


def test_local_truth_needs_no_host() -> None:
    bench = Bench().powered(1)
    bench.heartbeats = False
    bench.run(10_000)
    assert bench.lamps(1) == (codes.GREEN, codes.STEADY, codes.DARK, codes.DARK, codes.LOCAL)


def test_waiting_for_its_turn_is_a_long_blue_blink() -> None:
    bench = Bench().seated(1, 2)
    bench.command(codes.SET_POWER, 1, 1)
    bench.command(codes.SET_POWER, 2, 1)
    assert bench.lamps(2)[2] == codes.LONG
    bench.run(1000)
    assert bench.lamps(2)[2] == codes.DARK


def test_shutting_down_is_a_short_blue_blink() -> None:
    bench = Bench().powered(1)
    bench.command(codes.REQUEST_SHUTDOWN, 1, 1)
    assert bench.lamps(1)[2] == codes.SHORT


def test_locate_leaves_status_and_blue_as_they_are() -> None:
    bench = Bench().powered(1)
    assert bench.ask(codes.SET_LED, 1, *LOCATE)[0] == codes.OK
    assert bench.lamps(1) == (codes.GREEN, codes.STEADY, codes.DARK, codes.FAST, codes.OVERRIDE)
    assert bench.ask(codes.SET_LED, 1, 0, 0, 0, 0, 0)[0] == codes.OK
    assert bench.lamps(1)[3:] == (codes.DARK, codes.LOCAL)


def test_locate_shows_also_on_a_faulty_slot() -> None:
    bench = Bench().powered(1)
    bench.change(lambda: setattr(bench.board, "tripped", 1 << 1))
    bench.ask(codes.SET_LED, 1, *LOCATE)
    assert bench.lamps(1)[0] == codes.RED
    assert bench.lamps(1)[3] == codes.FAST


def test_override_ends_by_itself_after_ten_minutes() -> None:
    bench = Bench().seated(1)
    bench.ask(codes.SET_LED, 1, *LOCATE)
    bench.run(599_000)
    assert bench.lamps(1)[3] == codes.FAST
    bench.run(1500)
    assert bench.lamps(1)[3] == codes.DARK


def test_override_ends_with_the_host() -> None:
    bench = Bench().seated(1)
    bench.ask(codes.SET_LED, 1, *LOCATE)
    bench.heartbeats = False
    bench.run(6500)
    assert bench.lamps(1)[4] == codes.LOCAL
    bench.heartbeats = True
    bench.run(3000)
    assert bench.lamps(1)[4] == codes.LOCAL


def test_lamp_test_beats_override_blinks_blue_and_ends_after_5_s() -> None:
    bench = Bench().seated(1)
    bench.ask(codes.RELEASE, 1, 1)
    bench.ask(codes.SET_LED, 1, *LOCATE)
    bench.ask(codes.LAMP_TEST, 1)
    seen = set()
    for _ in range(49):
        colour, status, blue, white, layer = bench.lamps(1)
        seen.add(colour)
        assert (status, blue, white, layer) == (codes.STEADY, codes.FAST, codes.STEADY, codes.LAMPS)
        bench.run(100)
    assert seen == {codes.RED, codes.AMBER, codes.GREEN}
    bench.run(200)
    assert bench.lamps(1)[4] == codes.OVERRIDE


def test_lamp_test_can_be_stopped() -> None:
    bench = Bench().seated(1)
    bench.ask(codes.LAMP_TEST, 1)
    bench.ask(codes.LAMP_TEST, 0)
    assert bench.lamps(1)[4] == codes.LOCAL


class TestReleased:
    def test_is_steady_blue(self) -> None:
        bench = Bench().seated(1)
        assert bench.ask(codes.RELEASE, 1, 1)[0] == codes.OK
        assert bench.values(codes.RELEASED, 1) == [1]
        assert bench.lamps(1)[2] == codes.STEADY

    def test_is_refused_while_the_rail_is_on(self) -> None:
        bench = Bench().powered(1)
        assert bench.ask(codes.RELEASE, 1, 1)[0] == codes.E_STATE

    @pytest.mark.parametrize(("mv", "ma"), [(500, 0), (5000, 0), (0, 20)])
    def test_is_refused_while_something_feeds_back(self, mv: int, ma: int) -> None:
        bench = Bench().seated(1)
        bench.board.mv[1], bench.board.ma[1] = mv, ma
        assert bench.ask(codes.RELEASE, 1, 1)[0] == codes.E_STATE

    def test_is_refused_while_the_meter_cannot_be_read(self) -> None:
        bench = Bench().seated(1)
        bench.board.mv[1] = codes.UNKNOWN
        assert bench.ask(codes.RELEASE, 1, 1)[0] == codes.E_HARDWARE

    def test_is_refused_on_an_empty_slot(self) -> None:
        assert Bench().seated(1).ask(codes.RELEASE, 2, 1)[0] == codes.E_STATE

    def test_ends_when_voltage_appears(self) -> None:
        bench = Bench().seated(1)
        bench.ask(codes.RELEASE, 1, 1)
        bench.board.mv[1] = 4800
        bench.run(100)
        assert bench.lamps(1)[2] == codes.DARK
        bench.run(200)
        assert bench.values(codes.RELEASED, 1) == [1, 0]
        bench.board.mv[1] = 0
        bench.run(500)
        assert bench.lamps(1)[2] == codes.DARK

    def test_outlives_reboot_and_silence(self) -> None:
        bench = Bench().seated(1)
        bench.ask(codes.RELEASE, 1, 1)
        bench.heartbeats = False
        bench.run(20_000)
        assert bench.lamps(1)[2] == codes.STEADY
        bench.reboot()
        bench.run(100)
        assert bench.lamps(1)[2] == codes.STEADY

    def test_steady_blue_cannot_be_laid_over_another_slot(self) -> None:
        bench = Bench().powered(1)
        steady = (1, 7, 7, codes.STEADY, 7)
        assert bench.ask(codes.SET_LED, 1, *steady)[0] == codes.E_STATE
        bench.seated(2)
        bench.ask(codes.RELEASE, 2, 1)
        assert bench.ask(codes.SET_LED, 2, *steady)[0] == codes.OK
        bench.ask(codes.RELEASE, 2, 0)
        assert bench.lamps(2)[2] == codes.DARK


@pytest.mark.parametrize(
    "lamps",
    [(2, 0, 0, 0, 0), (3, 0, 0, 0, 0), (1, 4, 0, 0, 0), (1, 0, 8, 0, 0), (1, 0, 0, 0, 9)],
)
def test_lamps_that_do_not_exist_are_refused(lamps: tuple[int, ...]) -> None:
    assert Bench().seated(1).ask(codes.SET_LED, 1, *lamps)[0] == codes.E_ARGS
