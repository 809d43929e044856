"""Supplies: what is lost with one, what comes back, and what they may carry."""

import pytest

from firmware import codes
from tests.support.bench import Bench
from tests.support.fake_board import FakeBoard, board_data


class TestSupplies:
    def test_loss_of_the_only_supply_cuts_and_its_return_restores_in_sequence(self) -> None:
        bench = Bench().powered(1, 2)
        bench.change(lambda: setattr(bench.board, "supplies_good", 0))
        bench.run(100)
        assert bench.board.switches == 0
        assert bench.values(codes.SUPPLY_LOST, 0) == [1]
        assert bench.values(codes.RAIL_OFF, 1) == [codes.BY_SUPPLY_LOST]
        assert bench.ask(codes.SET_POWER, 1, 1)[0] == codes.E_STATE
        bench.change(lambda: setattr(bench.board, "supplies_good", 2))
        bench.run(3000)
        assert bench.values(codes.SUPPLY_BACK, 0) == [1]
        assert bench.values(codes.RAIL_ON, 2)[-1] == codes.BY_RESTORE_POLICY
        assert bench.board.switches == 0b110

    def test_one_of_two_is_only_told(self) -> None:
        data = board_data()
        data["supply"].append({"number": 2, "name": "PSU B"})
        bench = Bench(FakeBoard(data)).powered(1)
        bench.change(lambda: setattr(bench.board, "supplies_good", 0b010))
        bench.run(200)
        assert bench.values(codes.SUPPLY_LOST, 0) == [2]
        assert bench.board.switches == 0b10


def board_with_supplies(*supplies: dict[str, object], redundancy: str = "none") -> FakeBoard:
    data = board_data()
    data["supply"] = [{"number": n, **row} for n, row in enumerate(supplies, 1)]
    data["power"] = {"redundancy": redundancy}
    return FakeBoard(data)


LEFT: dict[str, object] = {"rating_mw": 24_000, "feeds": [1, 2, 3]}
RIGHT: dict[str, object] = {"rating_mw": 24_000, "feeds": [4, 5, 6, 7, 8, 9, 10]}
SHARED: dict[str, object] = {"rating_mw": 24_000}


class TestSuppliesThatFeedSome:
    def test_a_lost_one_cuts_its_own_slots_and_restores_only_those(self) -> None:
        bench = Bench(board_with_supplies(LEFT, RIGHT)).powered(1, 4)
        bench.seated(2, 5)
        bench.change(lambda: setattr(bench.board, "supplies_good", 0b010))
        bench.run(200)
        assert bench.board.switches == 0b00010
        assert bench.ask(codes.SET_POWER, 5, 1)[0] == codes.E_STATE
        assert bench.ask(codes.SET_POWER, 2, 1)[0] == codes.OK
        bench.change(lambda: setattr(bench.board, "supplies_good", 0b110))
        bench.run(3000)
        assert bench.board.switches == 0b10110
        assert bench.values(codes.RAIL_ON, 4)[-1] == codes.BY_RESTORE_POLICY

    def test_the_return_of_the_other_one_restores_nothing(self) -> None:
        bench = Bench(board_with_supplies(LEFT, RIGHT)).powered(1, 4)
        bench.change(lambda: setattr(bench.board, "supplies_good", 0))
        bench.run(200)
        bench.change(lambda: setattr(bench.board, "supplies_good", 0b010))
        bench.run(30_000)
        assert bench.board.switches == 0b00010

    def test_each_half_has_a_ceiling_of_its_own(self) -> None:
        bench = Bench(board_with_supplies(LEFT, RIGHT)).powered(1, 2)
        bench.seated(3, 4)
        assert bench.ask(codes.SET_POWER, 3, 1)[0] == codes.E_STATE
        assert bench.ask(codes.SET_POWER, 4, 1)[0] == codes.OK

    @pytest.mark.parametrize(("redundancy", "most"), [("none", 4), ("n+1", 2)])
    def test_a_redundant_chassis_keeps_the_spare_one_free(self, redundancy: str, most: int) -> None:
        bench = Bench(board_with_supplies(SHARED, SHARED, redundancy=redundancy))
        bench.powered(*range(1, most + 1))
        bench.seated(10)
        assert bench.ask(codes.SET_POWER, 10, 1)[0] == codes.E_STATE
        bench.change(lambda: setattr(bench.board, "supplies_good", 0b010))
        bench.run(500)
        assert bench.board.switches == (2 << most) - 2, "a lost one of two never cuts"
        assert bench.ask(codes.SET_POWER, 1, 0)[0] == codes.OK
        fits = most == 2
        code = codes.OK if fits else codes.E_STATE
        assert bench.ask(codes.SET_POWER, 1, 1)[0] == code
