"""Exactly once in effect: sequence, duplicates, holes, replay, overwritten events, new journals."""

import pytest

from backplane.firmware_link.happenings import Admission, Cursor, EventsReceived, JournalReason
from backplane.firmware_link.messages import Cmd, Event, EventKind, Op, Result, ResultCode
from backplane.firmware_link.protocol import LinkProtocol
from tests.support.link_bench import HOST_ID, LinkBench, Records
from tests.support.scripted_board import RING, ScriptedBoard
from tests.support.transports import LossyWire


def owned_bench(board: ScriptedBoard) -> LinkBench:
    return LinkBench(board).start().up()


def test_events_that_were_never_acknowledged_come_again_without_a_second_row() -> None:
    board = ScriptedBoard()
    bench = owned_bench(board)
    board.happen(EventKind.INSERT)
    bench.run_until(lambda: board.acked == 1)
    board.acked = board.sent = 0  # as if the ACK was lost
    assert bench.run_until(lambda: board.acked == 1)
    assert bench.records.numbers == [1]
    assert bench.protocol.counters.duplicates == 1


def test_nothing_is_acknowledged_before_it_is_committed() -> None:
    board = ScriptedBoard()
    bench = owned_bench(board)
    bench.is_disk_full = True
    board.happen(EventKind.INSERT)
    bench.run(10)
    assert board.acked == 0
    assert bench.records.ended is None
    assert bench.records.numbers == []


def test_a_hole_is_replayed_from_where_it_begins() -> None:
    board = ScriptedBoard()
    bench = owned_bench(board)
    for _ in range(5):
        board.happen(EventKind.INSERT)
    board.sent = 3  # the first three got lost on the way, and the board is slow to notice
    board.resend_at = board.now_ms + 60_000
    assert bench.run_until(lambda: board.acked == 5)
    assert bench.records.numbers == [1, 2, 3, 4, 5]
    assert bench.protocol.counters.replays == 1


def test_a_restored_backup_gets_the_acknowledged_events_again() -> None:
    board = ScriptedBoard()
    bench = owned_bench(board)
    for _ in range(20):
        board.happen(EventKind.INSERT)
    bench.run_until(lambda: board.acked == 20)
    bench.records.cursor = Cursor(board.journal, 12)
    del bench.records.events[12:]
    again = LinkBench(board, bench.records, epoch=2).start(bench.now)
    board.reboot()
    assert again.run_until(lambda: board.acked == 21)
    assert again.records.numbers == list(range(1, 22))


def test_what_the_ring_overwrote_is_recorded_as_a_gap() -> None:
    board = ScriptedBoard()
    bench = owned_bench(board)
    board.reboot()
    board.acked = 1
    for _ in range(RING + 40):
        board.happen(EventKind.INSERT)
    bench.records.cursor = Cursor(board.journal, 1)
    again = LinkBench(board, bench.records, epoch=2).start(bench.now)
    assert again.run_until(lambda: board.acked == len(board.events))
    assert again.records.gaps == [(board.journal, 2, len(board.events) - RING + 1)]
    assert again.records.numbers[-1] == len(board.events)
    assert len(again.records.numbers) == RING


class SlowToNoteGaps(LinkBench):
    """Its database takes a quarter of a second for a gap, and what comes behind it waits."""

    answer: tuple[float, Cursor] | None = None

    def _reset(self, cursor: Cursor) -> None:
        self.is_disk_full = True
        self.answer = (self.now + 0.25, cursor)

    def answer_if_due(self) -> None:
        if self.answer is not None and self.answer[0] <= self.now:
            self.records.cursor = self.answer[1]
            self.protocol.cursor_reset(self.answer[1], self.now)
            self.answer, self.is_disk_full = None, False


def test_a_ring_that_turns_on_while_the_gap_is_committed_costs_no_second_gap() -> None:
    board = ScriptedBoard()
    bench = owned_bench(board)
    for _ in range(RING + 40):
        board.happen(EventKind.INSERT)
    board.reboot()
    slow = SlowToNoteGaps(board, bench.records, epoch=2)
    slow.start(bench.now)
    for _ in range(75):  # an event each 40 ms, for three seconds
        board.happen(EventKind.INSERT)
        slow.run(0.04)
        slow.answer_if_due()
    assert slow.run_until(lambda: board.acked == len(board.events))
    ((_, missing_from, first_held),) = slow.records.gaps
    assert missing_from == 1
    assert slow.records.numbers == list(range(first_held, len(board.events) + 1))


def test_a_replay_answered_by_gone_is_a_gap_too() -> None:
    board = ScriptedBoard()
    bench = owned_bench(board)
    bench.is_disk_full = True
    for _ in range(3):
        board.happen(EventKind.INSERT)
    bench.run(0.5)
    bench.is_disk_full = False
    for _ in range(RING + 5):
        board.happen(EventKind.INSERT)
    board.acked = board.sent = board.first - 1
    assert bench.run_until(lambda: board.acked == len(board.events))
    assert bench.records.gaps == [(board.journal, 4, 9)]
    assert bench.records.numbers == [1, 2, 3, *range(9, RING + 9)]


def test_a_new_journal_of_the_board_is_taken_up_from_its_start() -> None:
    board = ScriptedBoard()
    bench = owned_bench(board)
    board.happen(EventKind.INSERT)
    bench.run(0.5)
    board.forget_journal(0x2000)
    board.reboot()
    assert bench.run_until(lambda: bench.records.cursor == Cursor(0x2000, 1))
    assert bench.records.journals[-1] is JournalReason.BOARD_BEGAN_ANEW


def test_a_board_behind_our_cursor_is_told_to_begin_a_new_journal() -> None:
    board = ScriptedBoard()
    bench = owned_bench(board)
    bench.records.cursor = Cursor(board.journal, 50)
    again = LinkBench(board, bench.records, epoch=2).start(bench.now)
    assert again.run_until(lambda: board.journal == 0x1001)
    board.happen(EventKind.INSERT)
    assert again.run_until(lambda: again.records.cursor == Cursor(0x1001, 1))
    assert again.records.journals[-1] is JournalReason.BEHIND_CURSOR


def test_a_duplicate_that_differs_ends_the_journal() -> None:
    board = ScriptedBoard()
    bench = owned_bench(board)
    board.happen(EventKind.INSERT)
    bench.run_until(lambda: board.acked == 1)
    old = board.events[0]
    board.events[0] = Event(old.journal, 1, old.boot, 5, EventKind.REMOVE, 3, 0)
    board.acked = board.sent = 0
    assert bench.run_until(lambda: JournalReason.DUPLICATE_DIFFERS in bench.records.journals)
    board.happen(EventKind.INSERT)
    assert bench.run_until(lambda: board.acked == 1)
    assert bench.records.cursor == Cursor(0x1001, 1)


def test_the_last_recorded_event_is_compared_over_sessions_too() -> None:
    board = ScriptedBoard()
    board.happen(EventKind.INSERT)
    protocol = LinkProtocol()
    protocol.send_hello(0.0)
    board.receive(protocol.data_to_send(), 0)
    protocol.receive_data(board.step(0), 0.0)
    cursor = Cursor(board.journal, 1)
    protocol.own(Admission(HOST_ID, 1, cursor, cursor_raw=b"another event"), 0.0)
    board.receive(protocol.data_to_send(), 1)
    protocol.receive_data(board.step(1), 0.001)
    board.receive(protocol.data_to_send(), 2)
    assert board.journal == 0x1001


def lose_the_end_of_its_flash(board: ScriptedBoard, count: int, acked: int) -> None:
    """Forget its last events in a reset, and give their numbers again."""
    del board.events[-count:]
    board.acked = acked
    board.reboot()
    while count > 1:
        board.happen(EventKind.REMOVE, 4)
        count -= 1


@pytest.mark.parametrize("is_new_session", [False, True])
@pytest.mark.parametrize(("count", "acked"), [(1, 29), (1, 0), (4, 3)])
def test_numbers_given_again_after_a_reset_are_found_before_they_are_acknowledged(
    count: int, acked: int, *, is_new_session: bool
) -> None:
    board = ScriptedBoard()
    bench = owned_bench(board)
    for _ in range(30):
        board.happen(EventKind.INSERT)
    bench.run_until(lambda: board.acked == 30)
    bench.run(1)
    lose_the_end_of_its_flash(board, count, acked)
    if is_new_session:
        bench = LinkBench(board, bench.records, epoch=2).start(bench.now)
    assert bench.run_until(lambda: board.journal == 0x1001)
    assert bench.run_until(lambda: JournalReason.DUPLICATE_DIFFERS in bench.records.journals)
    assert bench.records.numbers[-30:] == list(range(1, 31))


@pytest.mark.parametrize("acked", [0, 20, 29])
def test_a_host_that_died_before_its_ack_is_not_made_to_take_an_event_twice(acked: int) -> None:
    board = ScriptedBoard()
    bench = owned_bench(board)
    for _ in range(30):
        board.happen(EventKind.INSERT)
    bench.run_until(lambda: board.acked == 30)
    board.acked = board.sent = acked
    again = LinkBench(board, bench.records, epoch=2).over(lambda: LossyWire(acked))
    again.start(bench.now)
    assert again.run_until(lambda: board.acked == 30)
    board.happen(EventKind.REMOVE)
    assert again.run_until(lambda: board.acked == 31)
    assert again.records.numbers == list(range(1, 32))
    assert board.journal == 0x1000


def test_a_board_that_will_not_begin_a_new_journal_ends_the_session() -> None:
    class Stubborn(ScriptedBoard):
        def _act(self, cmd: Cmd) -> Result:
            if cmd.op == Op.NEW_JOURNAL:
                return Result(cmd.epoch, cmd.id, ResultCode.E_HARDWARE)
            return super()._act(cmd)

    board = Stubborn()
    bench = LinkBench(board, Records(cursor=Cursor(board.journal, 9))).start()
    assert bench.run_until(lambda: bench.records.ended is not None)
    assert bench.records.ended is not None
    assert "E_HARDWARE" in bench.records.ended.message


def test_an_unknown_kind_is_handed_on_like_any_other() -> None:
    board = ScriptedBoard()
    bench = owned_bench(board)
    board.events.append(Event(board.journal, 1, 1, 0, 222, 3, -7))
    assert bench.run_until(lambda: board.acked == 1)
    (event,) = bench.records.events
    assert (event.kind, event.value) == (222, -7)
    assert event.raw == event.to_body()


def test_a_state_waits_for_the_commit_of_its_event() -> None:
    board = ScriptedBoard()
    bench = owned_bench(board)
    bench.is_disk_full = True
    board.happen(EventKind.REMOVE)
    bench.run(0.2)
    bench.protocol.request_state(bench.now)
    seen = len(bench.records.states)
    bench.run(0.5)
    assert len(bench.records.states) == seen
    bench.is_disk_full = False
    bench.run(0.01)
    assert bench.records.states[seen].as_of_event == 1


def test_a_state_is_asked_for_once_and_not_for_ever() -> None:
    board = ScriptedBoard()
    bench = owned_bench(board)
    asked = bench.protocol.counters.good
    bench.run(10)
    states = len(bench.records.states)
    assert states <= 2
    assert bench.protocol.counters.good - asked <= 25  # PONG and TELEMETRY each second, no more


def test_a_state_that_got_lost_is_asked_for_again() -> None:
    board = ScriptedBoard()
    bench = owned_bench(board)
    bench.run(1)
    seen = len(bench.records.states)
    board.loses_states = 3
    bench.protocol.request_state(bench.now)
    assert bench.run_until(lambda: len(bench.records.states) > seen)
    assert board.loses_states == 0


def test_events_are_split_where_a_state_lies_between_them() -> None:
    board = ScriptedBoard()
    bench = owned_bench(board)
    board.happen(EventKind.REMOVE)
    data = board.step(int(bench.now * 1000))
    for report in board.state():
        board.outbox.put(report)
    board.happen(EventKind.REMOVE)
    data += board.step(int(bench.now * 1000))
    bench.protocol.receive_data(data, bench.now)
    happened = bench.protocol.events_received()
    batches = [len(some.events) for some in happened if isinstance(some, EventsReceived)]
    assert batches == [1, 1]


@pytest.mark.parametrize("slots", [1, 10, 19, 20, 24])
def test_a_state_is_whole_whatever_the_size_of_the_board(slots: int) -> None:
    bench = owned_bench(ScriptedBoard(slots=slots))
    assert len(bench.records.states[0].readings) == slots
