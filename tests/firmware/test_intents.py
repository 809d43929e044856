"""What goes on after a reset of the controller, and everything that makes sure it never comes late."""

import struct
from collections.abc import Callable

import pytest

from firmware import codes
from tests.support.bench import HOST_ID, Bench
from tests.support.fake_board import FakeBoard, board_data

POWER_ON, WATCHDOG, SOFT = 1, 3, 5
ALL = 0b11110


def lose_chassis_power(bench: Bench) -> None:
    bench.board.switches = 0
    bench.reboot(chassis_power_was_lost=True)


def reset(bench: Bench, cause: int = WATCHDOG) -> None:
    bench.board.reset_cause = cause
    bench.reboot()


def in_mid_restore() -> Bench:
    """Slots 1 to 4 are coming back after a loss of chassis power; two of them are on."""
    bench = Bench().powered(1, 2, 3, 4)
    lose_chassis_power(bench)
    bench.run(1200)
    assert bench.board.switches == 0b110
    return bench


def restored(bench: Bench, slot: int) -> int:
    return [value & 0xFF for value in bench.values(codes.RAIL_ON, slot)].count(
        codes.BY_RESTORE_POLICY
    )


class TestRestore:
    @pytest.mark.parametrize("cause", [2, WATCHDOG, SOFT])
    def test_goes_on_after_a_reset_in_the_middle(self, cause: int) -> None:
        bench = in_mid_restore()
        reset(bench, cause)
        bench.run(400)
        assert bench.board.switches == 0b110, "contacts settle first"
        bench.run(4000)
        assert bench.board.switches == ALL
        assert [restored(bench, slot) for slot in (1, 2, 3, 4)] == [1, 1, 1, 1]

    def test_goes_on_when_the_reset_comes_before_the_first_rail(self) -> None:
        bench = Bench().powered(1, 2, 3, 4)
        lose_chassis_power(bench)
        bench.run(100)
        reset(bench)
        bench.run(5000)
        assert bench.board.switches == ALL

    def test_leaves_a_slot_off_whose_handle_is_open(self) -> None:
        bench = Bench().powered(1, 2)
        bench.board.handles_closed = 1 << 1
        lose_chassis_power(bench)
        bench.greet()
        bench.run(5000)
        assert bench.board.switches == 0b10, "a hand is at slot 2"
        assert bench.ask(codes.SET_POWER, 2, 1)[0] == codes.OK

    def test_goes_on_with_the_host_of_this_board_listening(self) -> None:
        bench = in_mid_restore()
        bench.greet()
        reset(bench)
        bench.greet()
        bench.run(4000)
        assert bench.board.switches == ALL

    @pytest.mark.parametrize("cause", [0, POWER_ON, 4])
    def test_goes_on_after_a_brown_out_since_the_chassis_kept_its_power(self, cause: int) -> None:
        """The expanders still hold their switches: only the controller was down, however long."""
        bench = in_mid_restore()
        reset(bench, cause)
        bench.run(4000)
        assert bench.board.switches == ALL
        assert [restored(bench, slot) for slot in (1, 2, 3, 4)] == [1, 1, 1, 1]

    def test_a_dip_that_takes_the_chassis_too_begins_it_anew(self) -> None:
        bench = in_mid_restore()
        lose_chassis_power(bench)
        bench.run(5000)
        assert bench.board.switches == ALL

    def test_is_dropped_after_three_resets(self) -> None:
        bench = in_mid_restore()
        for _ in range(4):
            reset(bench)
            bench.run(100)
        bench.run(60_000)
        assert bench.board.switches == 0b110

    @pytest.mark.parametrize(
        "touch",
        [
            lambda bench: bench.ask(codes.SET_POWER, 4, 0),
            lambda bench: bench.ask(codes.RELEASE, 4, 1),
            lambda bench: (bench.ask(codes.RELEASE, 4, 1), bench.ask(codes.RELEASE, 4, 0)),
            lambda bench: (bench.change(lambda: bench.board.pull(4)), bench.run(50)),
        ],
        ids=["off", "release", "release and back", "pull"],
    )
    def test_is_dropped_for_a_slot_that_was_touched(self, touch: Callable[[Bench], object]) -> None:
        bench = Bench().powered(1, 2, 3, 4)
        lose_chassis_power(bench)
        bench.run(600)
        bench.greet()
        touch(bench)
        reset(bench)
        bench.greet()
        bench.seated(4)
        bench.run(60_000)
        assert bench.board.switches == 0b1110

    def test_is_dropped_when_another_host_took_the_board(self) -> None:
        bench = in_mid_restore()
        bench.greet(host_id=HOST_ID + 1, flags=codes.TAKE)
        reset(bench)
        bench.run(60_000)
        assert bench.board.switches == 0b110

    def test_is_dropped_for_a_carrier_that_came_while_nobody_looked(self) -> None:
        bench = in_mid_restore()
        bench.board.carriers[4] = b"stranger"
        reset(bench)
        bench.run(60_000)
        assert bench.board.switches == 0b1110
        assert bench.has(4, codes.F_HELD), "what was removed unseen was removed"

    def test_never_repeats_itself(self) -> None:
        bench = in_mid_restore()
        bench.run(5000)
        assert bench.board.switches == ALL
        bench.board.switches = 0b10
        for _ in range(3):
            reset(bench)
            bench.run(5000)
        assert bench.board.switches == 0b10

    def test_waits_for_its_supply_across_a_reset(self) -> None:
        bench = Bench().powered(1, 2)
        bench.change(lambda: setattr(bench.board, "supplies_good", 0))
        bench.run(200)
        lose_chassis_power(bench)
        bench.run(2000)
        reset(bench)
        bench.run(2000)
        assert bench.board.switches == 0
        bench.board.supplies_good = 2
        bench.run(3000)
        assert bench.board.switches == 0b110

    def test_of_a_returned_supply_goes_on_too(self) -> None:
        bench = Bench().powered(1, 2, 3, 4)
        bench.change(lambda: setattr(bench.board, "supplies_good", 0))
        bench.run(200)
        bench.board.supplies_good = 2
        bench.run(1300)
        assert 0 < bench.board.switches < ALL
        reset(bench)
        bench.run(5000)
        assert bench.board.switches == ALL

    def test_what_was_released_while_its_supply_was_out_does_not_come_back(self) -> None:
        bench = Bench().powered(1, 2)
        bench.change(lambda: setattr(bench.board, "supplies_good", 0))
        bench.run(200)
        assert bench.ask(codes.RELEASE, 1, 1)[0] == codes.OK
        assert bench.ask(codes.RELEASE, 1, 0)[0] == codes.OK
        bench.change(lambda: setattr(bench.board, "supplies_good", 2))
        bench.run(5000)
        assert bench.board.switches == 0b100


def line_is_pulled(bench: Bench) -> bool:
    return bench.board.lines[1]


def halts(bench: Bench) -> None:
    bench.change(lambda: setattr(bench.board, "halted", 1 << 1))
    bench.run(1500)


class TestThenOff:
    def stopping(self) -> tuple[Bench, int]:
        bench = Bench().powered(1)
        number = bench.command(codes.REQUEST_SHUTDOWN, 1, 1)
        bench.run(1000)
        return bench, number

    def test_goes_on_after_a_reset_and_names_its_command(self) -> None:
        bench, number = self.stopping()
        reset(bench)
        bench.run(2000)
        assert bench.board.switches == 0b10
        assert bench.lamps(1)[2] == codes.SHORT
        assert bench.values(codes.SHUTDOWN_LINE, 1) == [1, 0], "the Pi was told already"
        halts(bench)
        assert bench.board.switches == 0
        assert bench.values(codes.RAIL_OFF, 1) == [codes.BY_SHUTDOWN_DONE | number << 8]

    def test_goes_on_when_halted_was_told_just_before_the_reset(self) -> None:
        bench, _ = self.stopping()
        bench.core.chassis.slots[0].halted = True
        bench.core.chassis.emit(codes.HALTED, bench.core.chassis.slots[0])
        reset(bench)
        bench.run(100)
        assert bench.board.switches == 0

    def test_a_pulse_cut_short_is_given_again(self) -> None:
        bench = Bench().powered(1)
        bench.command(codes.REQUEST_SHUTDOWN, 1, 1)
        bench.run(50)
        reset(bench)
        assert line_is_pulled(bench)
        bench.run(300)
        assert not line_is_pulled(bench)
        assert bench.values(codes.SHUTDOWN_LINE, 1) == [1, 0, 1, 0]

    def test_without_then_off_a_reset_leaves_a_halted_pi_powered(self) -> None:
        bench, _ = self.stopping()
        assert bench.ask(codes.REQUEST_SHUTDOWN, 1, 0)[0] == codes.OK
        reset(bench)
        halts(bench)
        assert bench.board.switches == 0b10

    def test_is_dropped_after_the_notice(self) -> None:
        bench, _ = self.stopping()
        reset(bench)
        bench.greet()
        bench.run(95_000)
        assert bench.lamps(1)[2] == codes.DARK
        assert bench.bodies(codes.LOG)
        halts(bench)
        assert bench.board.switches == 0b10
        assert bench.has(1, codes.F_HALTED)

    def test_that_was_overdue_before_the_reset_is_dropped(self) -> None:
        bench, _ = self.stopping()
        bench.run(95_000)
        reset(bench)
        halts(bench)
        assert bench.board.switches == 0b10

    @pytest.mark.parametrize("cause", [POWER_ON, 0])
    def test_is_dropped_when_nobody_knows_how_long_the_controller_was_down(
        self, cause: int
    ) -> None:
        bench, _ = self.stopping()
        reset(bench, cause)
        halts(bench)
        assert bench.board.switches == 0b10

    def test_is_dropped_when_the_rail_went_off_in_between(self) -> None:
        bench, _ = self.stopping()
        assert bench.ask(codes.SET_POWER, 1, 0)[0] == codes.OK
        assert bench.ask(codes.SET_POWER, 1, 1)[0] == codes.OK
        reset(bench)
        halts(bench)
        assert bench.board.switches == 0b10

    def test_of_an_opened_handle_still_releases(self) -> None:
        bench = Bench().powered(1)
        bench.board.handles_closed = bench.board.spec.slots_mask
        bench.run(100)
        bench.heartbeats = False
        bench.run(7000)
        bench.change(lambda: setattr(bench.board, "handles_closed", 0))
        bench.run(1000)
        reset(bench)
        halts(bench)
        assert bench.board.switches == 0
        assert bench.lamps(1)[2] == codes.STEADY


class TestPowerCycle:
    def test_ends_off_when_the_handle_is_opened_in_its_hold(self) -> None:
        bench = Bench().powered(1)
        bench.command(codes.POWER_CYCLE, 1, *struct.pack("<H", 2000))
        bench.run(500)
        bench.change(lambda: setattr(bench.board, "handles_closed", 0))
        bench.run(5000)
        assert bench.board.switches == 0

    def test_comes_back_on_after_a_reset_with_its_hold_begun_anew(self) -> None:
        bench = Bench().powered(1)
        number = bench.command(codes.POWER_CYCLE, 1, *struct.pack("<H", 2000))
        bench.run(1500)
        reset(bench)
        bench.run(1900)
        assert bench.board.switches == 0
        bench.run(300)
        assert bench.board.switches == 0b10
        assert bench.values(codes.RAIL_ON, 1)[-1] == codes.BY_CYCLE | number << 8

    def test_stays_off_when_nobody_knows_how_long_the_controller_was_down(self) -> None:
        bench = Bench().powered(1)
        bench.command(codes.POWER_CYCLE, 1, *struct.pack("<H", 2000))
        reset(bench, POWER_ON)
        bench.run(60_000)
        assert bench.board.switches == 0


def test_an_intent_is_not_confused_by_a_slot_that_its_board_does_not_have() -> None:
    big = in_mid_restore()
    data = board_data()
    data["board"]["slots"] = 2
    small = Bench(FakeBoard(data), big.journal)
    small.run(5000)
    assert small.board.switches == 0
