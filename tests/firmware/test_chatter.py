"""Inputs that chatter: one FLAPPING, the truth when it is quiet, and never a flood of events."""

import pytest

from firmware import codes
from tests.support.bench import Bench

pytestmark = pytest.mark.long


def chatter(bench: Bench, slot: int, times: int) -> list[int]:
    """Let the presence contact open and close; kinds of that slot's events meanwhile and after."""
    before = bench.journal.next
    for _ in range(times):
        bench.change(lambda: bench.board.pull(slot))
        bench.run(40)
        bench.change(lambda: bench.board.insert(slot))
        bench.run(70)
    bench.run(3000)
    return [e.kind for e in bench.told() if e.number >= before and e.slot == slot]


@pytest.mark.parametrize("times", [20, 200])
def test_the_carrier_is_read_again_when_it_is_quiet(times: int) -> None:
    bench = Bench().seated(1)
    kinds = chatter(bench, 1, times)
    assert kinds.count(codes.FLAPPING) == 1
    assert kinds.count(codes.IDENTIFIED) <= 4
    assert kinds[-1] == codes.IDENTIFIED


@pytest.mark.parametrize("times", [20, 200])
def test_a_suspicious_contact_fills_no_ring(times: int) -> None:
    bench = Bench().powered(1)
    bench.board.ma[1] = 400
    kinds = chatter(bench, 1, times)
    assert kinds.count(codes.FLAPPING) == 1
    assert kinds.count(codes.SUSPICIOUS) <= 4
    assert bench.board.switches == 1 << 1
    assert not bench.has(1, codes.F_SUSPICIOUS)


def test_a_contact_that_ends_open_under_current_is_told_as_suspicious() -> None:
    bench = Bench().powered(1)
    bench.board.ma[1] = 400
    chatter(bench, 1, 20)
    for _ in range(10):
        bench.change(lambda: bench.board.insert(1))
        bench.run(70)
        bench.change(lambda: bench.board.pull(1))
        bench.run(40)
    bench.run(2000)
    assert bench.kinds(1)[-1] == codes.SUSPICIOUS
    assert bench.has(1, codes.F_SUSPICIOUS)
    assert bench.board.switches == 1 << 1


def test_a_wrong_pull_that_chatters_is_a_few_alarms() -> None:
    bench = Bench().seated(1, 2)
    assert bench.ask(codes.RELEASE, 2, 1)[0] == codes.OK
    kinds = chatter(bench, 1, 200)
    assert kinds.count(codes.WRONG_PULL) <= 4
    assert not bench.has(1, codes.F_ALARM), "the same carrier is back"


def test_power_good_that_chatters_is_told_lost_until_it_is_quiet() -> None:
    bench = Bench().powered(1)
    before = bench.journal.next
    for _ in range(100):
        bench.change(lambda: setattr(bench.board, "goes_good", 0))
        bench.run(50)
        bench.change(lambda: setattr(bench.board, "goes_good", 1 << 1))
        bench.run(50)
    assert bench.journal.next - before <= 6
    assert not bench.has(1, codes.F_GOOD)
    bench.run(2000)
    assert bench.has(1, codes.F_GOOD)
    assert bench.board.switches == 1 << 1
