"""One run over every kind of wire: whatever the line does, each event and command counts once."""

from collections.abc import Callable

import pytest

from backplane.firmware_link.commands import OutgoingCommand, set_power
from backplane.firmware_link.messages import IF_EVENT_ANY, EventKind, ResultCode
from tests.support.link_bench import LinkBench
from tests.support.scripted_board import ScriptedBoard
from tests.support.transports import (
    ByteAtATimeWire,
    CutWire,
    LossyWire,
    PerfectWire,
    SlowWire,
    Wire,
)

WIRES = [
    pytest.param(PerfectWire, id="perfect"),
    pytest.param(ByteAtATimeWire, id="byte at a time"),
    pytest.param(lambda: LossyWire(seed=1), id="lossy 1"),
    pytest.param(lambda: LossyWire(seed=7), id="lossy 7"),
    pytest.param(SlowWire, id="slow"),
    pytest.param(CutWire, id="reset mid-frame"),
]


@pytest.mark.parametrize("wire", WIRES)
def test_every_event_is_committed_once_and_in_order(wire: Callable[[], Wire]) -> None:
    board = ScriptedBoard()
    bench = LinkBench(board).over(wire).start().up()
    for slot in range(100):
        board.happen(EventKind.INSERT, slot % 10 + 1)
        bench.run(0.02)
    assert bench.run_until(lambda: board.acked == 100, 120)
    assert bench.records.numbers == list(range(1, 101))
    assert bench.records.ended is None


@pytest.mark.parametrize("wire", WIRES)
def test_every_command_is_acted_on_once_and_answered_once(wire: Callable[[], Wire]) -> None:
    board = ScriptedBoard()
    bench = LinkBench(board).over(wire).start().up()
    for number in range(1, 31):
        order = set_power(number % 10 + 1, on=True)
        command = OutgoingCommand(number, order, board.boot, 30_000, IF_EVENT_ANY)
        bench.protocol.send_command(command, bench.now)
    assert bench.run_until(lambda: len(bench.records.results) == 30)
    assert sorted(cmd.id for cmd in board.acted) == list(range(1, 31))
    assert sorted(result.id for result in bench.records.results) == list(range(1, 31))
    assert {result.code for result in bench.records.results} == {ResultCode.OK}
    assert not bench.records.lost


@pytest.mark.parametrize("wire", WIRES)
def test_a_state_is_only_passed_on_at_the_event_it_was_taken_at(wire: Callable[[], Wire]) -> None:
    board = ScriptedBoard(slots=24)
    bench = LinkBench(board).over(wire).start().up()
    seen = len(bench.records.states)
    for _ in range(20):
        board.happen(EventKind.REMOVE)
        bench.protocol.request_state(bench.now)
        bench.run(0.1)
    bench.protocol.request_state(bench.now)
    assert bench.run_until(
        lambda: len(bench.records.states) > seen and bench.records.states[-1].as_of_event == 20
    )
    assert [reading.number for reading in bench.records.states[-1].readings] == list(range(1, 25))
