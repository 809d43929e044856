"""Rails: one at a time, power good, trips, heat, cycles, and nothing else ever switches one."""

import struct
from itertools import pairwise

from firmware import codes
from tests.support.bench import Bench
from tests.support.fake_board import FakeBoard, board_data


def switched_on(bench: Bench) -> list[int]:
    return [event.uptime_ms for event in bench.told() if event.kind == codes.RAIL_ON]


def set_config(bench: Bench, key: int, slot: int, value: int) -> int:
    return bench.ask(codes.SET_CONFIG, key, slot, *struct.pack("<i", value))[0]


def test_a_command_switches_on_and_power_good_follows() -> None:
    bench = Bench().seated(1)
    number = bench.command(codes.SET_POWER, 1, 1)
    bench.run(20)
    assert bench.results()[number] == (codes.OK, b"")
    assert bench.kinds(1)[-2:] == [codes.RAIL_ON, codes.POWER_GOOD]
    assert bench.values(codes.RAIL_ON, 1) == [codes.BY_COMMAND | number << 8]
    assert bench.ask(codes.SET_POWER, 1, 0)[0] == codes.OK
    assert bench.kinds(1)[-1] == codes.RAIL_OFF


def test_command_id_of_24_bits_fits_the_value() -> None:
    bench = Bench().seated(1)
    bench.command(codes.SET_POWER, 1, 1, id=0xFEDCBA)
    bench.run(20)
    assert bench.values(codes.RAIL_ON, 1) == [0xFEDCBA00]


def test_ten_at_once_come_up_one_by_one_500_ms_apart() -> None:
    bench = Bench().seated(*range(1, 11))
    numbers = [bench.command(codes.SET_POWER, slot, 1) for slot in range(1, 11)]
    bench.run(6000)
    times = switched_on(bench)
    assert len(times) == 10
    assert all(b - a >= 500 for a, b in pairwise(times))
    assert all(bench.results()[number][0] == codes.OK for number in numbers)


def test_a_rail_that_rises_slowly_holds_the_next_one_back() -> None:
    bench = Bench().seated(1, 2)
    assert set_config(bench, codes.STAGGER_MS, 0, 100) == codes.OK
    bench.board.goes_good = 0
    bench.command(codes.SET_POWER, 1, 1)
    bench.command(codes.SET_POWER, 2, 1)
    bench.run(150)
    assert bench.board.switches == 1 << 1


def test_power_good_must_come_within_200_ms_with_three_retries_then_latched() -> None:
    bench = Bench().seated(3)
    bench.board.goes_good = 0
    start = bench.now_ms
    bench.command(codes.SET_POWER, 3, 1)
    bench.run(190)
    assert bench.board.switches
    bench.run(15)
    assert bench.board.switches == 0
    bench.run(60_000)
    assert bench.values(codes.POWER_GOOD_FAILED, 3) == [1, 2, 3, 4]
    offsets = [at - start for at in switched_on(bench)]
    for seen, wanted in zip(offsets, [0, 1200, 6400, 36600], strict=True):
        assert abs(seen - wanted) <= 20
    assert bench.board.switches == 0
    assert bench.lamps(3)[:2] == (codes.RED, codes.STEADY)


def test_a_person_may_try_again_after_the_latch() -> None:
    bench = Bench().seated(3)
    bench.board.goes_good = 0
    bench.command(codes.SET_POWER, 3, 1)
    bench.run(60_000)
    bench.board.goes_good = bench.board.spec.slots_mask
    assert bench.ask(codes.SET_POWER, 3, 1)[0] == codes.OK
    bench.run(100)
    assert bench.has(3, codes.F_GOOD)
    assert bench.lamps(3)[:2] == (codes.GREEN, codes.STEADY)


def test_switching_off_ends_the_retries() -> None:
    bench = Bench().seated(3)
    bench.board.goes_good = 0
    bench.command(codes.SET_POWER, 3, 1)
    bench.run(500)
    assert bench.ask(codes.SET_POWER, 3, 0)[0] == codes.OK
    bench.run(60_000)
    assert len(switched_on(bench)) == 1


def test_power_lost_is_told_and_changes_no_rail() -> None:
    bench = Bench().powered(2)
    bench.board.mv[2] = 7000
    bench.run(150)
    bench.change(lambda: setattr(bench.board, "goes_good", 0))
    bench.run(100)
    assert bench.values(codes.POWER_LOST, 2) == [7000]
    assert bench.has(2, codes.F_RAIL)
    bench.change(lambda: setattr(bench.board, "goes_good", 1 << 2))
    bench.run(100)
    assert bench.kinds(2)[-1] == codes.POWER_GOOD


def test_hardware_trip_is_latched_until_cleared() -> None:
    bench = Bench().powered(2)
    bench.board.ma[2] = 1500
    bench.run(100)
    bench.change(lambda: setattr(bench.board, "tripped", 1 << 2))
    assert bench.kinds(2)[-2:] == [codes.TRIP, codes.RAIL_OFF]
    assert bench.values(codes.TRIP, 2) == [1500]
    assert bench.values(codes.RAIL_OFF, 2) == [codes.BY_TRIP]
    assert bench.lamps(2)[:2] == (codes.RED, codes.STEADY)
    bench.board.ma[2] = 0
    assert bench.ask(codes.SET_POWER, 2, 1)[0] == codes.E_STATE
    assert bench.ask(codes.CLEAR_TRIP, 2)[0] == codes.OK
    assert bench.kinds(2)[-1] == codes.TRIP_CLEARED
    del bench.board.ma[2]
    assert bench.ask(codes.SET_POWER, 2, 1)[0] == codes.OK


class SwitchWithLatch(FakeBoard):
    """Its trip latch clears when the switch's enable goes low, as on the reference board."""

    def clear_trip(self, slot: int) -> None:
        super().clear_trip(slot)
        self.set_rail(slot, False)


def test_clear_trip_of_a_slot_that_did_not_trip_leaves_its_rail_alone() -> None:
    bench = Bench(SwitchWithLatch()).powered(2)
    assert bench.ask(codes.CLEAR_TRIP, 2)[0] == codes.OK
    bench.run(1000)
    assert bench.board.switches == 1 << 2
    assert bench.kinds(2)[-1] == codes.POWER_GOOD


def test_clear_trip_needs_a_switch_that_answers() -> None:
    bench = Bench(SwitchWithLatch()).powered(2)
    bench.change(lambda: setattr(bench.board, "tripped", 1 << 2))
    bench.change(lambda: setattr(bench.board, "answering", 0x7FF & ~(1 << 2)))
    assert bench.ask(codes.CLEAR_TRIP, 2)[0] == codes.E_HARDWARE
    assert bench.has(2, codes.F_TRIPPED)
    bench.change(lambda: setattr(bench.board, "answering", 0x7FF))
    assert bench.ask(codes.CLEAR_TRIP, 2)[0] == codes.OK
    assert not bench.board.tripped


def test_clear_trip_between_retries_gives_no_further_ones() -> None:
    bench = Bench().seated(3)
    bench.board.goes_good = 0
    bench.command(codes.SET_POWER, 3, 1)
    bench.run(3000)
    assert bench.ask(codes.CLEAR_TRIP, 3)[0] == codes.OK
    bench.run(60_000)
    assert bench.values(codes.POWER_GOOD_FAILED, 3) == [1, 2, 3, 4]


def test_current_over_the_configured_limit_trips_after_two_readings() -> None:
    bench = Bench().powered(2)
    assert set_config(bench, codes.LIMIT_MA, 2, 900) == codes.OK
    bench.board.ma[2] = 901
    bench.run(250)
    assert bench.values(codes.TRIP, 2) == [901]
    assert bench.board.switches == 0


def test_heat_cuts_the_rail_and_refuses_it_until_cooler() -> None:
    bench = Bench().powered(2)
    bench.board.cdeg[2] = 8100
    bench.run(1200)
    assert bench.values(codes.OVER_TEMP, 2) == [8100]
    assert bench.values(codes.RAIL_OFF, 2) == [codes.BY_OVER_TEMP]
    assert bench.has(2, codes.F_OVER_TEMP)
    assert bench.ask(codes.SET_POWER, 2, 1)[0] == codes.E_STATE
    bench.board.cdeg[2] = 7600
    bench.run(1200)
    assert bench.has(2, codes.F_OVER_TEMP)
    bench.board.cdeg[2] = 7400
    bench.run(1200)
    assert not bench.has(2, codes.F_OVER_TEMP)
    assert bench.board.switches == 0


class TestRefusals:
    def test_not_present(self) -> None:
        assert Bench().seated(1).ask(codes.SET_POWER, 2, 1)[0] == codes.E_STATE

    def test_within_250_ms_of_insert(self) -> None:
        bench = Bench().seated(1)
        bench.change(lambda: bench.board.insert(2))
        bench.run(50)
        assert bench.ask(codes.SET_POWER, 2, 1)[0] == codes.E_STATE
        bench.run(250)
        assert bench.ask(codes.SET_POWER, 2, 1)[0] == codes.OK

    def test_released(self) -> None:
        bench = Bench().seated(1)
        assert bench.ask(codes.RELEASE, 1, 1)[0] == codes.OK
        assert bench.ask(codes.SET_POWER, 1, 1)[0] == codes.E_STATE
        assert bench.ask(codes.RELEASE, 1, 0)[0] == codes.OK
        assert bench.ask(codes.SET_POWER, 1, 1)[0] == codes.OK

    def test_over_the_budget(self) -> None:
        bench = Bench().seated(1, 2)
        assert set_config(bench, codes.BUDGET_MW, 0, 23_999) == codes.OK
        assert bench.ask(codes.SET_POWER, 1, 1)[0] == codes.OK
        assert bench.ask(codes.SET_POWER, 2, 1)[0] == codes.E_STATE

    def test_a_switch_that_does_not_obey(self) -> None:
        bench = Bench().seated(1)
        bench.board.stuck = 1 << 1
        assert bench.ask(codes.SET_POWER, 1, 1)[0] == codes.E_HARDWARE
        assert codes.RAIL_ON not in bench.kinds(1)

    def test_a_second_command_while_one_waits(self) -> None:
        bench = Bench().seated(1, 2)
        bench.command(codes.SET_POWER, 1, 1)
        first = bench.command(codes.SET_POWER, 2, 1)
        assert bench.ask(codes.SET_POWER, 2, 1)[0] == codes.E_BUSY
        assert bench.ask(codes.SET_POWER, 2, 0)[0] == codes.OK
        assert bench.results()[first][0] == codes.E_STATE

    def test_where_presence_cannot_be_sensed_it_is_not_asked(self) -> None:
        data = board_data()
        data["senses"]["presence"] = False
        bench = Bench(FakeBoard(data))
        bench.greet()
        assert bench.ask(codes.SET_POWER, 4, 1)[0] == codes.OK
        assert not bench.has(4, codes.F_HAS_PRESENCE)


def test_power_cycle_holds_at_least_two_seconds() -> None:
    bench = Bench().powered(1)
    start = bench.now_ms
    number = bench.command(codes.POWER_CYCLE, 1, *struct.pack("<H", 500))
    assert bench.board.switches == 0
    bench.run_until(lambda: bench.board.switches != 0, 5000)
    assert bench.now_ms - start >= 2000
    assert bench.values(codes.RAIL_OFF, 1) == [codes.BY_CYCLE | number << 8]
    assert bench.values(codes.RAIL_ON, 1)[-1] == codes.BY_CYCLE | number << 8
    assert bench.results()[number][0] == codes.OK


def test_power_on_waits_for_a_power_cycle_and_off_ends_it() -> None:
    bench = Bench().powered(1)
    bench.command(codes.POWER_CYCLE, 1, *struct.pack("<H", 2000))
    assert bench.ask(codes.SET_POWER, 1, 1)[0] == codes.E_BUSY
    assert bench.ask(codes.SET_POWER, 1, 0)[0] == codes.OK
    bench.run(10_000)
    assert bench.board.switches == 0


def test_power_cycle_of_a_rail_that_is_off_is_refused() -> None:
    bench = Bench().seated(1)
    assert bench.ask(codes.POWER_CYCLE, 1, 0xB8, 0x0B)[0] == codes.E_STATE


def test_pulling_during_a_cycle_leaves_the_rail_off() -> None:
    bench = Bench().powered(1)
    bench.command(codes.POWER_CYCLE, 1, 0, 0)
    bench.change(lambda: bench.board.pull(1))
    bench.run(100)
    bench.seated(1)
    bench.run(5000)
    assert bench.board.switches == 0
