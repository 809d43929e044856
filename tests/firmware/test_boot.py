"""Boot: adoption instead of assumption, the restore policy, and the board with no host."""

import struct

import pytest

from firmware import codes
from tests.support.bench import Bench
from tests.support.fake_board import FakeBoard


def set_config(bench: Bench, key: int, slot: int, value: int) -> None:
    assert bench.ask(codes.SET_CONFIG, key, slot, *struct.pack("<i", value))[0] == codes.OK


def since_boot(bench: Bench) -> list[tuple[int, int]]:
    boot = bench.journal.boot
    return [(event.kind, event.slot) for event in bench.told() if event.boot == boot]


def lose_chassis_power(bench: Bench) -> None:
    bench.board.switches = 0
    bench.reboot(chassis_power_was_lost=True)


class TestReset:
    def test_changes_nothing_and_tells_only_that_it_booted(self) -> None:
        bench = Bench().powered(1, 2, 3)
        bench.board.reset_cause = 3
        bench.reboot()
        bench.run(5000)
        assert bench.board.switches == 0b1110
        assert since_boot(bench) == [(codes.BOOT, 0), (codes.HOST_LOST, 0)]
        assert bench.values(codes.BOOT, 0)[-1] == 3

    def test_numbers_go_on(self) -> None:
        bench = Bench().powered(1)
        last = bench.told()[-1].number
        bench.reboot()
        assert bench.told()[-1].number == last + 1
        assert bench.journal.boot == 2

    def test_tells_what_changed_while_it_was_down(self) -> None:
        bench = Bench().powered(1)
        bench.seated(2)
        bench.board.pull(2)
        bench.board.insert(3)
        bench.board.handles_closed = 1 << 3
        bench.reboot()
        bench.run(200)
        assert set(since_boot(bench)) >= {
            (codes.REMOVE, 2),
            (codes.INSERT, 3),
            (codes.HANDLE_OPEN, 1),
            (codes.HANDLE_CLOSED, 3),
        }
        assert bench.board.switches == 0b10

    def test_a_carrier_pulled_meanwhile_loses_its_rail(self) -> None:
        bench = Bench().powered(1)
        bench.board.pull(1)
        bench.reboot()
        bench.run(100)
        assert bench.board.switches == 0
        assert (codes.RAIL_OFF, 1) in since_boot(bench)

    def test_a_device_that_is_back_after_a_reset_is_told(self) -> None:
        bench = Bench().seated(1)
        bench.change(lambda: setattr(bench.board, "answering", 0x7FF & ~(1 << 3)))
        bench.run(500)
        bench.reboot()
        bench.run(500)
        assert bench.kinds(3) == [codes.DEVICE_LOST], "told once, not at each boot"
        bench.reboot()
        bench.board.answering = 0x7FF
        bench.run(500)
        assert bench.kinds(3) == [codes.DEVICE_LOST, codes.DEVICE_BACK]

    def test_rails_that_are_on_are_adopted_on_blank_flash(self) -> None:
        board = FakeBoard()
        board.present = 0b110
        board.switches = 0b110
        bench = Bench(board)
        bench.run(1000)
        assert board.switches == 0b110
        assert bench.values(codes.RAIL_ON, 1) == [codes.BY_COMMAND]
        assert bench.has(2, codes.F_RAIL | codes.F_GOOD)

    def test_a_latched_trip_and_a_hold_stay(self) -> None:
        bench = Bench().powered(1, 2)
        bench.change(lambda: setattr(bench.board, "tripped", 1 << 1))
        bench.change(lambda: bench.board.pull(2))
        bench.run(100)
        bench.board.tripped = 0
        bench.reboot()
        assert bench.has(1, codes.F_TRIPPED)
        assert bench.has(2, codes.F_HELD)


class TestRestore:
    def test_what_was_commanded_on_returns_in_sequence(self) -> None:
        bench = Bench().powered(1, 2, 3)
        bench.ask(codes.SET_POWER, 2, 0)
        lose_chassis_power(bench)
        bench.run(200)
        assert bench.board.switches == 0
        bench.run(3000)
        assert bench.board.switches == 0b1010
        assert (codes.CHASSIS_POWER_RESTORED, 0) in since_boot(bench)
        on = [e for e in bench.told() if e.kind == codes.RAIL_ON and e.boot == 2]
        assert [event.value for event in on] == [codes.BY_RESTORE_POLICY] * 2
        assert on[1].uptime_ms - on[0].uptime_ms >= 500

    @pytest.mark.parametrize(("policy", "wanted"), [(0, 0b010), (1, 0b110), (2, 0)])
    def test_policy(self, policy: int, wanted: int) -> None:
        bench = Bench().powered(1)
        bench.seated(2)
        set_config(bench, codes.RESTORE_POLICY, 0, policy)
        lose_chassis_power(bench)
        bench.run(5000)
        assert bench.board.switches == wanted

    def test_policy_per_slot(self) -> None:
        bench = Bench().powered(1, 2)
        set_config(bench, codes.RESTORE_POLICY, 2, 2)
        lose_chassis_power(bench)
        bench.run(5000)
        assert bench.board.switches == 0b010

    def test_stays_within_the_budget(self) -> None:
        bench = Bench().powered(1, 2, 3)
        set_config(bench, codes.BUDGET_MW, 0, 25_000)
        lose_chassis_power(bench)
        bench.run(5000)
        assert bench.board.switches == 0b0110

    def test_held_released_and_empty_slots_stay_off(self) -> None:
        bench = Bench().powered(1, 2)
        bench.change(lambda: bench.board.pull(1))
        bench.run(100)
        bench.seated(1)
        bench.seated(3)
        bench.ask(codes.RELEASE, 3, 1)
        set_config(bench, codes.RESTORE_POLICY, 0, 1)
        lose_chassis_power(bench)
        bench.run(8000)
        assert bench.board.switches == 0b0100

    def test_a_reset_of_the_microcontroller_restores_nothing(self) -> None:
        bench = Bench().powered(1)
        bench.ask(codes.SET_POWER, 1, 0)
        set_config(bench, codes.RESTORE_POLICY, 0, 1)
        bench.board.reset_cause = 1  # its button reads as power-on
        bench.reboot()
        bench.run(10_000)
        assert bench.board.switches == 0


class TestAlone:
    def open_handle(self, bench: Bench, slot: int) -> None:
        bench.change(lambda: setattr(bench.board, "handles_closed", 0))
        bench.run(50)

    def alone(self, bench: Bench) -> Bench:
        bench.board.handles_closed = bench.board.spec.slots_mask
        bench.run(100)
        bench.heartbeats = False
        bench.run(7000)
        return bench

    def test_an_opened_handle_releases_a_slot_that_is_off(self) -> None:
        bench = self.alone(Bench().seated(1))
        self.open_handle(bench, 1)
        assert bench.has(1, codes.F_RELEASED)
        assert bench.lamps(1)[2] == codes.STEADY
        bench.change(lambda: setattr(bench.board, "handles_closed", 2))
        bench.run(50)
        assert not bench.has(1, codes.F_RELEASED)

    def test_an_opened_handle_shuts_down_before_it_releases(self) -> None:
        bench = self.alone(Bench().powered(1))
        self.open_handle(bench, 1)
        assert bench.board.lines[1]
        bench.run(5000)
        assert bench.board.switches == 0b10
        bench.change(lambda: setattr(bench.board, "halted", 1 << 1))
        bench.run(1500)
        assert bench.board.switches == 0
        assert bench.has(1, codes.F_RELEASED)

    def test_a_handle_closed_again_keeps_the_slot(self) -> None:
        bench = self.alone(Bench().powered(1))
        self.open_handle(bench, 1)
        bench.change(lambda: setattr(bench.board, "handles_closed", 2))
        bench.change(lambda: setattr(bench.board, "halted", 1 << 1))
        bench.run(2000)
        assert not bench.has(1, codes.F_RELEASED)

    def test_with_a_host_a_handle_only_tells(self) -> None:
        bench = Bench().seated(1)
        bench.change(lambda: setattr(bench.board, "handles_closed", 1 << 1))
        bench.run(100)
        self.open_handle(bench, 1)
        bench.run(1000)
        assert not bench.has(1, codes.F_RELEASED)
        assert bench.kinds(1)[-1] == codes.HANDLE_OPEN

    @pytest.mark.parametrize("wanted", [0, 1])
    def test_an_arriving_carrier_starts_only_where_the_owner_wants_it(self, wanted: int) -> None:
        bench = Bench().seated(1)
        set_config(bench, codes.ON_INSERT_WITHOUT_HOST, 0, wanted)
        bench = self.alone(bench)
        bench.change(lambda: bench.board.insert(4))
        bench.run(2000)
        assert bench.board.switches == wanted << 4

    def test_a_carrier_after_a_removal_is_held(self) -> None:
        bench = Bench().seated(4)
        set_config(bench, codes.ON_INSERT_WITHOUT_HOST, 0, 1)
        bench = self.alone(bench)
        bench.change(lambda: bench.board.pull(4))
        bench.run(100)
        bench.change(lambda: bench.board.insert(4))
        bench.run(2000)
        assert bench.board.switches == 0
