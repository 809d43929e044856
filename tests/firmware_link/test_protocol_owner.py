"""Who may speak: greeting, ownership, leases, versions, silence."""

from backplane.firmware_link.commands import OutgoingCommand, set_power
from backplane.firmware_link.framing import FrameDecoder
from backplane.firmware_link.happenings import CommandLost, Ended
from backplane.firmware_link.messages import (
    IF_EVENT_ANY,
    Bye,
    ByeReason,
    Cmd,
    ErrorCode,
    ErrorMessage,
    EventKind,
    HelloReq,
    MessageType,
    Op,
    Ping,
    Pong,
    Result,
    ResultCode,
    Telemetry,
    decode,
)
from backplane.firmware_link.outbox import Outbox
from backplane.firmware_link.protocol import LinkProtocol, Phase
from backplane.firmware_link.status import LinkState
from tests.support.link_bench import HOST_ID, LinkBench
from tests.support.scripted_board import ScriptedBoard


def test_a_session_listens_before_it_owns() -> None:
    board = ScriptedBoard(owner_host=99, owner_epoch=5)
    protocol = LinkProtocol()
    protocol.send_hello(0.0)
    board.receive(protocol.data_to_send(), 0)
    assert not board.is_greeted
    assert board.owner_host == 99


def test_a_free_board_is_owned_and_its_state_is_asked_for() -> None:
    board = ScriptedBoard()
    bench = LinkBench(board).start().up()
    assert (board.owner_host, board.owner_epoch) == (HOST_ID, 1)
    assert bench.protocol.phase is Phase.OWNER
    assert len(bench.records.owned) == 1
    assert len(bench.records.states[0].readings) == 10


def test_a_board_of_another_installation_is_left_alone() -> None:
    board = ScriptedBoard(owner_host=99, owner_epoch=5)
    bench = LinkBench(board).start()
    assert bench.run_until(lambda: bench.records.ended is not None)
    assert bench.records.ended is not None
    assert bench.records.ended.kind is LinkState.OTHER_OWNER
    assert board.owner_host == 99


def test_a_board_that_never_takes_an_owner_ends_the_session() -> None:
    class Aloof(ScriptedBoard):
        def _on_hello_req(self, request: HelloReq) -> None:
            self._say_hello()

    bench = LinkBench(Aloof()).start()
    assert bench.run_until(lambda: bench.records.ended is not None)
    assert bench.records.ended is not None
    assert bench.records.ended.kind is LinkState.LOST
    assert "does not take this host" in bench.records.ended.message


def test_telemetry_for_an_earlier_session_is_not_reported() -> None:
    protocol = LinkProtocol()
    protocol.send_hello(0.0)
    left_over = Outbox()
    left_over.put(Telemetry(5, {}))
    protocol.receive_data(left_over.take(), 0.1)
    assert protocol.events_received() == []


def test_a_confirmed_take_over_takes_the_board() -> None:
    board = ScriptedBoard(owner_host=99, owner_epoch=5)
    bench = LinkBench(board)
    bench.take = True
    bench.start().up()
    assert board.owner_host == HOST_ID


def test_a_stale_lease_is_superseded_and_sends_nothing_more() -> None:
    board = ScriptedBoard()
    bench = LinkBench(board, epoch=3).start().up()
    board.owner_epoch = 4
    board.reboot()
    assert bench.run_until(lambda: bench.records.ended is not None)
    assert bench.records.ended is not None
    assert bench.records.ended.kind is LinkState.SUPERSEDED
    assert bench.protocol.next_deadline() is None
    assert bench.protocol.data_to_send() == b""


def test_a_board_of_another_version_is_named_as_such() -> None:
    bench = LinkBench(ScriptedBoard(proto=2)).start()
    assert bench.run_until(lambda: bench.records.ended is not None)
    assert bench.records.ended is not None
    assert bench.records.ended.kind is LinkState.WRONG_VERSION
    assert "versions 2 to 2" in bench.records.ended.message


def test_a_port_without_an_answer_ends_after_three_seconds() -> None:
    board = ScriptedBoard(is_dumb=True)
    bench = LinkBench(board).start()
    assert bench.run_until(lambda: bench.records.ended is not None)
    assert bench.records.ended is not None
    assert bench.records.ended.kind is LinkState.SILENT
    assert 2.9 < bench.now < 3.2


def test_noise_without_a_frame_says_so() -> None:
    protocol = LinkProtocol()
    protocol.send_hello(0.0)
    protocol.receive_data(b"rst:0x1 (POWERON_RESET)\0boot:0x13\0", 1.0)
    protocol.handle_timeout(3.1)
    (ended,) = protocol.events_received()
    assert isinstance(ended, Ended)
    assert ended.kind is LinkState.SILENT
    assert "no frame" in ended.message


def test_hearing_only_ourselves_is_silence() -> None:
    protocol = LinkProtocol()
    protocol.send_hello(0.0)
    for tick in range(1, 40):
        protocol.receive_data(protocol.data_to_send(), tick / 10)
        protocol.handle_timeout(tick / 10)
    (ended,) = protocol.events_received()
    assert isinstance(ended, Ended)
    assert ended.kind is LinkState.SILENT


def test_a_board_that_falls_silent_is_lost_and_so_are_its_commands() -> None:
    board = ScriptedBoard()
    bench = LinkBench(board).start().up()
    board.is_dumb = True
    command = OutgoingCommand(5, set_power(1, on=True), board.boot, 60_000, IF_EVENT_ANY)
    bench.protocol.send_command(command, bench.now)
    assert bench.run_until(lambda: bench.records.ended is not None)
    assert [lost.command_id for lost in bench.records.lost] == [5]
    assert bench.records.ended is not None
    assert bench.records.ended.kind is LinkState.LOST


def test_a_restarted_board_is_greeted_again_and_its_commands_are_lost() -> None:
    board = ScriptedBoard()
    bench = LinkBench(board).start().up()
    board.is_dumb = True  # the RESULT is lost over the restart
    command = OutgoingCommand(5, set_power(1, on=True), board.boot, 60_000, IF_EVENT_ANY)
    bench.protocol.send_command(command, bench.now)
    bench.run(0.5)
    board.is_dumb = False
    board.reboot()
    assert bench.run_until(lambda: len(bench.records.owned) == 2)
    assert bench.run_until(lambda: bench.records.numbers == [1])
    assert [(lost.command_id, lost.why) for lost in bench.records.lost] == [
        (5, "the board restarted")
    ]
    assert len(board.acted) == 1
    assert bench.records.ended is None


def test_a_command_for_an_earlier_boot_never_leaves() -> None:
    board = ScriptedBoard(boot=9)
    bench = LinkBench(board).start().up()
    command = OutgoingCommand(6, set_power(1, on=True), 8, 60_000, IF_EVENT_ANY)
    bench.protocol.send_command(command, bench.now)
    bench.run(1)
    assert [lost.command_id for lost in bench.records.lost] == [6]
    assert not board.acted


def test_a_command_without_a_link_is_lost_at_once() -> None:
    protocol = LinkProtocol()
    protocol.send_command(OutgoingCommand(7, set_power(1, on=True), 1, 1000, 0), 0.0)
    (lost,) = protocol.events_received()
    assert isinstance(lost, CommandLost)
    assert lost.command_id == 7


def test_a_command_without_an_answer_is_given_up_after_its_expiry() -> None:
    class Forgetful(ScriptedBoard):
        def _on_message(self, message: object) -> None:
            if not isinstance(message, Cmd) or message.op == Op.GET_STATE:
                super()._on_message(message)

    board = Forgetful()
    bench = LinkBench(board).start().up()
    began = bench.now
    command = OutgoingCommand(3, set_power(1, on=True), board.boot, 4000, IF_EVENT_ANY)
    bench.protocol.send_command(command, bench.now)
    assert bench.run_until(lambda: bool(bench.records.lost))
    assert bench.now - began >= 4.0
    assert bench.records.lost == [CommandLost(3, "the board did not answer it")]
    assert bench.records.ended is None


def test_the_same_command_is_not_put_on_its_way_twice() -> None:
    board = ScriptedBoard()
    bench = LinkBench(board).start().up()
    command = OutgoingCommand(3, set_power(1, on=True), board.boot, 4000, IF_EVENT_ANY)
    bench.protocol.send_command(command, bench.now)
    bench.protocol.send_command(command, bench.now)
    bench.run(1)
    assert len(board.acted) == 1
    assert len(bench.records.results) == 1


def test_an_answer_to_another_epoch_is_not_ours() -> None:
    board = ScriptedBoard()
    bench = LinkBench(board).start().up()
    board.outbox.put(Result(99, 3, ResultCode.OK))
    board.outbox.put(Result(1, 3, ResultCode.OK))
    bench.run(0.5)
    assert bench.records.results == []


def test_a_boards_ping_is_answered() -> None:
    protocol = LinkProtocol()
    asked = Outbox()
    asked.put(Ping(123))
    protocol.receive_data(asked.take(), 2.5)
    ((frame_type, _, body),) = FrameDecoder().feed(protocol.data_to_send())
    assert decode(frame_type, body) == Pong(123, 2_500_000, 2_500_000)


def test_a_refusal_as_not_the_owner_leads_to_greeting_again() -> None:
    board = ScriptedBoard()
    bench = LinkBench(board).start().up()
    board.is_greeted = False
    board.hello_at = board.now_ms + 60_000
    board.outbox.put(ErrorMessage(ErrorCode.NOT_OWNER, MessageType.ACK))
    assert bench.run_until(lambda: board.is_greeted)
    assert bench.records.ended is None


def test_at_most_four_commands_are_in_flight() -> None:
    board = ScriptedBoard()
    bench = LinkBench(board).start().up()
    bench.run(0.5)
    for number in range(1, 10):
        command = OutgoingCommand(number, set_power(1, on=True), board.boot, 60_000, 0)
        bench.protocol.send_command(command, bench.now)
    board.receive(bench.protocol.data_to_send(), int(bench.now * 1000))
    assert [cmd.id for cmd in board.acted] == [1, 2, 3, 4]


def test_an_expiry_is_told_in_the_boards_own_uptime() -> None:
    board = ScriptedBoard()
    bench = LinkBench(board).start(now=1000.0).up()
    bench.run(5)
    command = OutgoingCommand(1, set_power(1, on=True), board.boot, 2500, IF_EVENT_ANY)
    bench.protocol.send_command(command, bench.now)
    bench.run(0.1)
    expected = bench.now * 1000 - 100 - board.started_ms + 2500
    assert abs(board.acted[0].expires_ms - expected) <= 2


def test_a_bye_for_the_one_before_us_is_not_for_us() -> None:
    protocol = LinkProtocol()
    protocol.send_hello(0.0)
    left_over = Outbox()
    left_over.put(Bye(ByeReason.SUPERSEDED))
    protocol.receive_data(left_over.take(), 0.1)
    assert protocol.events_received() == []
    assert protocol.phase is Phase.LISTENING


def test_our_own_bye_ends_the_session_quietly() -> None:
    board = ScriptedBoard()
    bench = LinkBench(board).start().up()
    bench.protocol.bye()
    assert bench.protocol.data_to_send()
    assert bench.protocol.events_received() == []
    assert bench.protocol.next_deadline() is None


def test_a_reconnecting_host_goes_on_after_its_cursor() -> None:
    board = ScriptedBoard()
    bench = LinkBench(board).start().up()
    board.happen(EventKind.INSERT)
    bench.run(1)
    board.happen(EventKind.REMOVE)
    board.reboot()
    again = LinkBench(board, bench.records, epoch=2).start(bench.now)
    assert again.run_until(lambda: board.acked == 3)
    assert again.records.numbers == [1, 2, 3]
    assert again.records.journals == bench.records.journals
    assert len(again.records.journals) == 1
