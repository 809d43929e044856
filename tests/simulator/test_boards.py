"""The firmware on every board there is, over a simulated rack, and what each board's gaps and supplies mean."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backplane.firmware_link import commands
from backplane.firmware_link.codes import ResultCode, SlotFlags
from backplane.firmware_link.messages import EventKind
from backplane.slots.boards import load_profile
from firmware.board_spec import BoardSpec
from firmware.tools.compile_board import compile_board
from tests.support.sim_bench import SimBench

BOARDS = Path(__file__).parents[2] / "firmware" / "boards"
NAMES = sorted(path.stem for path in BOARDS.glob("*.toml"))
OK = ResultCode.OK

Begin = Callable[[str], SimBench]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    made: list[SimBench] = []

    def make(board: str) -> SimBench:
        bench = SimBench(tmp_path, board=board)
        made.append(bench)
        bench.greet()
        bench.greet()  # the record of events begins after those of the first boot
        return bench

    yield make
    for bench in made:
        bench.machine.stop()


def is_on(bench: SimBench, *slots: int) -> list[bool]:
    return [bench.bay(slot).rail_is_commanded for slot in slots]


def causes(bench: SimBench, kind: EventKind) -> dict[int, int]:
    return {event.slot: event.value & 0xFF for event in bench.events() if event.kind == kind}


@pytest.mark.parametrize("name", NAMES)
class TestEveryBoard:
    def test_is_the_same_for_firmware_server_and_esp32(self, name: str, tmp_path: Path) -> None:
        out = tmp_path / "board.json"
        compile_board(BOARDS / f"{name}.toml", out)
        spec = BoardSpec(json.loads(out.read_text()))
        profile = load_profile(name, spec.slot_count)
        assert profile.is_known
        assert profile.redundancy == spec.redundancy
        assert [supply.number for supply in profile.supplies] == [
            supply["number"] for supply in spec.supplies
        ]
        for slot in range(1, spec.slot_count + 1):
            senses = profile.senses_of(slot)
            for sense in ("presence", "handle", "identity", "halted_line", "shutdown_line"):
                assert getattr(senses, sense) == spec.has(slot, sense)
        geometry = profile.geometry
        span_mm = (spec.slot_count - 1) * geometry.pitch_mm + geometry.slot_width_mm
        assert geometry.first_slot_mm + span_mm <= geometry.width_mm - geometry.ear_mm
        assert geometry.slot_top_mm + geometry.slot_height_mm <= geometry.height_mm

    def test_goes_through_a_day(self, name: str, begin: Begin) -> None:
        bench = begin(name)
        assert is_on(bench, 1, 2) == [True, True]
        if load_profile(name, len(bench.machine.rig.world.bays)).senses_of(1).shutdown_line:
            assert bench.order(commands.request_shutdown(1, then_off=True)).code == OK
            bench.run_until(lambda: not bench.bay(1).rail_is_commanded, 20.0)
            assert causes(bench, EventKind.RAIL_OFF) == {1: 6}
        else:  # nobody can be asked to shut down: a person did it
            asked = bench.order(commands.request_shutdown(1, then_off=True)).code
            assert asked == ResultCode.E_STATE
            assert bench.order(commands.set_power(1, on=False)).code == OK
        bench.run(0.5)
        assert bench.order(commands.release(1, on=True)).code == OK
        bench.run(0.2)
        assert bench.bay(1).lights >> 6 & 7 == 1
        assert bench.order(commands.set_power(1, on=True)).code == ResultCode.E_STATE
        bench.do("pull 1")
        bench.run(1.0)
        bench.do("insert 1")
        bench.run(1.0)
        bench.order(commands.release(1, on=False))
        assert bench.order(commands.set_power(1, on=True)).code == OK
        bench.run_until(lambda: bool(bench.reading(1).flags & SlotFlags.POWER_GOOD), 3.0)
        assert bench.order(commands.power_cycle(2, 2_000)).code == OK
        bench.run_until(lambda: causes(bench, EventKind.RAIL_ON).get(2) == 9, 4.0)
        bench.do("reboot")
        bench.run(2.0)
        assert is_on(bench, 1, 2) == [True, True]
        bench.do("power-loss")
        bench.run(12.0)
        assert is_on(bench, 1, 2) == [True, True]


class TestBare:
    def test_says_not_known_for_all_it_cannot_see(self, begin: Begin) -> None:
        bench = begin("bare-4")
        reading = bench.reading(1)
        for flag in (
            "CAN_SENSE_PRESENCE",
            "HAS_HANDLE",
            "HAS_HALTED_LINE",
            "IDENTIFIED",
            "PRESENT",
        ):
            assert not reading.flags & SlotFlags[flag]
        assert reading.cdeg is None
        bench.do("pull 1")
        bench.run(5.0)
        assert EventKind.REMOVE not in bench.kinds()
        assert not bench.reading(1).flags & SlotFlags.HELD

    def test_a_shutdown_ends_by_the_current(self, begin: Begin) -> None:
        bench = begin("bare-4")
        assert bench.order(commands.request_shutdown(1, then_off=False)).code == OK
        bench.run_until(lambda: EventKind.HALTED in bench.kinds(1), 15.0)
        assert is_on(bench, 1) == [True]

    def test_is_not_released_while_something_feeds_back(self, begin: Begin) -> None:
        bench = begin("bare-4")
        bench.order(commands.set_power(1, on=False))
        bench.do("backfeed 1 on")
        bench.run(1.0)
        assert bench.order(commands.release(1, on=True)).code == ResultCode.E_STATE
        bench.do("backfeed 1 off")
        bench.run(1.0)
        assert bench.order(commands.release(1, on=True)).code == OK


class TestTwin:
    def test_a_lost_supply_darkens_its_half_and_brings_back_only_that(self, begin: Begin) -> None:
        bench = begin("twin-6")
        bench.run(1.0)
        on_before = is_on(bench, 1, 2, 3, 4, 5, 6)
        assert on_before == [True, True, True, True, False, False]
        bench.order(commands.set_power(2, on=False))
        bench.do("supply 2 off")
        bench.run(1.0)
        assert is_on(bench, 1, 3, 4) == [True, True, False]
        assert causes(bench, EventKind.RAIL_OFF) == {2: 0, 4: 7}
        bench.do("insert 5")
        bench.run(1.0)
        assert bench.order(commands.set_power(5, on=True)).code == ResultCode.E_STATE
        bench.do("supply 2 on")
        bench.run(3.0)
        assert is_on(bench, 1, 2, 3, 4, 5) == [True, False, True, True, False]
        assert causes(bench, EventKind.RAIL_ON) == {4: 5}


class TestRedundant:
    def test_one_of_two_lost_cuts_nothing_and_restores_nothing(self, begin: Begin) -> None:
        bench = begin("redundant-10")
        before = is_on(bench, *range(1, 11))
        bench.do("supply 1 off")
        bench.run(2.0)
        assert bench.kinds() == [EventKind.SUPPLY_LOST]
        assert bench.order(commands.set_power(8, on=True)).code == OK
        bench.do("supply 1 on")
        bench.run(3.0)
        assert bench.kinds()[-1] == EventKind.SUPPLY_BACK
        assert is_on(bench, 1, 2, 3, 4, 6, 7, 9) == [True] * 7
        assert sum(before) == 7

    def test_both_lost_cut_all_and_either_brings_them_back(self, begin: Begin) -> None:
        bench = begin("redundant-10")
        bench.do("supply 1 off")
        bench.do("supply 2 off")
        bench.run(1.0)
        assert not any(is_on(bench, *range(1, 11)))
        bench.do("supply 2 on")
        bench.run(6.0)
        assert sum(is_on(bench, *range(1, 11))) == 7
