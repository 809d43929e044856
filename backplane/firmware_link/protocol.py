"""One session of BP/1 from the host's side, without I/O: bytes and time in, bytes and events out.

Pure. It never awaits and never raises on what the board sends. Every timer of the link lives here:
ask `next_deadline`, call `handle_timeout`. Times are the monotonic clock in seconds.
"""

from collections.abc import Callable
from enum import Enum, auto

from backplane.firmware_link import sentences
from backplane.firmware_link.clock import BoardClock
from backplane.firmware_link.command_desk import CommandDesk
from backplane.firmware_link.commands import OutgoingCommand, get_state, new_journal
from backplane.firmware_link.event_order import EventOrder
from backplane.firmware_link.happenings import (
    Admission,
    CommandLost,
    Cursor,
    Ended,
    Greeted,
    JournalReason,
    LinkEvent,
    Owned,
)
from backplane.firmware_link.inbox import Inbox
from backplane.firmware_link.journal_keeper import Asks, JournalKeeper
from backplane.firmware_link.line import Line, Timer
from backplane.firmware_link.messages import (
    PROTOCOL_VERSION,
    Bye,
    ByeReason,
    ErrorCode,
    ErrorMessage,
    Event,
    Hello,
    HelloFlags,
    HelloReq,
    Log,
    Message,
    Op,
    Ping,
    Pong,
    Result,
    ResultCode,
    State,
    Telemetry,
    UnknownMessage,
)
from backplane.firmware_link.state_keeper import StateKeeper
from backplane.firmware_link.status import LinkCounters, LinkState

HEARTBEAT_S = 1.0
SILENCE_S = 3.0  # without one good frame: the link is dead
HELLO_AGAIN_S = 0.5
OWNING_S = 10.0  # a board that answers for so long but takes no owner needs a new start


_BYE_KINDS: dict[int, LinkState] = {
    ByeReason.SUPERSEDED: LinkState.SUPERSEDED,
    ByeReason.OTHER_OWNER: LinkState.OTHER_OWNER,
    ByeReason.NO_COMMON_VERSION: LinkState.WRONG_VERSION,
}


class Phase(Enum):
    LISTENING = auto()
    OWNING = auto()
    OWNER = auto()
    ENDED = auto()


class LinkProtocol:
    """Starts by listening; `own` makes it speak. Feed it until it reports Ended."""

    def __init__(self, counters: LinkCounters | None = None) -> None:
        self.phase = Phase.LISTENING
        self.hello: Hello | None = None
        self.clock = BoardClock()
        self.counters = counters or LinkCounters()
        self._admission = Admission(0, 0, None)
        self._line = Line(self.counters)
        self._inbox = Inbox(self.counters)
        self._desk = CommandDesk(self._line, self.clock)
        self._journal = self._new_keeper(EventOrder(None))
        self._states = StateKeeper(self._line, self._ask_state)
        self._hello_flags = HelloFlags.LISTEN_ONLY
        self._hello_is_awaited = False
        self._owned_boot: int | None = None
        self._has_heard = False
        self._on_message: dict[type[Message | UnknownMessage], Callable[..., None]] = {
            Hello: self._on_hello,
            Bye: self._on_bye,
            Result: self._on_result,
            State: self._on_state,
            ErrorMessage: self._on_error,
            Ping: self._on_ping,
            Pong: self._on_pong,
            Telemetry: self._on_telemetry,
            Log: self._on_log,
        }

    @property
    def order(self) -> EventOrder:
        """How far events were received and committed."""
        return self._journal.order

    # What the link calls.

    def send_hello(self, now: float) -> None:
        """Asks who is there, or to be its owner; repeated until it is answered."""
        if self._hello_is_awaited:
            self.counters.resent += 1
        self._hello_is_awaited = True
        admission = self._admission
        self._line.send(HelloReq(admission.host_id, admission.epoch, self._hello_flags))
        self._line.set_timer(Timer.HELLO, now + HELLO_AGAIN_S)
        if not self._line.is_timing(Timer.SILENCE):
            self._line.set_timer(Timer.SILENCE, now + SILENCE_S)

    def own(self, admission: Admission, now: float) -> None:
        """The answer to Greeted: greet the board as its owner."""
        if self.phase is not Phase.LISTENING:
            return
        self.phase = Phase.OWNING
        self._admission = admission
        order = EventOrder(admission.cursor)
        if admission.cursor is not None and admission.cursor_raw is not None:
            order.know(admission.cursor.number, admission.cursor_raw)
        self._journal = self._new_keeper(order)
        self._hello_flags = HelloFlags.TAKE if admission.take else HelloFlags.NONE
        self._hello_is_awaited = False
        self.send_hello(now)
        self._line.set_timer(Timer.HEARTBEAT, now + HEARTBEAT_S)
        self._line.set_timer(Timer.OWNING, now + OWNING_S)

    def commit_done(self, cursor: Cursor, now: float) -> None:
        """Events up to `cursor` are durable: acknowledge them. An old cursor says nothing."""
        if self.phase is Phase.OWNER and self._journal.committed(cursor):
            self._states.pass_on(self.order, now)

    def cursor_reset(self, cursor: Cursor, now: float) -> None:
        """The answer to EventsGone and JournalChanged."""
        if self.phase is Phase.OWNER and self._journal.reset(cursor, now):
            self.request_state(now)  # what the lost events did to the slots, only it can tell

    def send_command(self, command: OutgoingCommand, now: float) -> None:
        """Its end is reported once: Result or CommandLost."""
        if self.phase is Phase.OWNER:
            self._desk.send(command, self._admission.epoch, now)
        else:
            self._line.report(CommandLost(command.id, "there is no link to the board"))

    def request_state(self, now: float) -> None:
        if self.phase is Phase.OWNER:
            self._states.request(now)

    def new_journal(self, why: JournalReason, now: float) -> None:
        """Our own records lost their place (a restored backup): numbers shall begin anew."""
        if self.phase is Phase.OWNER:
            self._journal.begin_anew(why, now)

    def bye(self) -> None:
        """We go away in order. Nothing happens after it."""
        if self.phase in {Phase.OWNING, Phase.OWNER}:
            self._line.send(Bye(ByeReason.GOING_AWAY))
        self._stop()

    def transport_lost(self, why: str) -> None:
        """The port is gone: what was on its way is lost."""
        if self.phase is not Phase.ENDED:
            self._end(LinkState.LOST, why)

    def receive_data(self, data: bytes, now: float) -> None:
        """Takes bytes in any pieces. Never raises."""
        must_acknowledge = False
        for message in self._inbox.messages(data):
            if self.phase is Phase.ENDED:
                return
            self._has_heard = True
            self._line.set_timer(Timer.SILENCE, now + SILENCE_S)
            if isinstance(message, Event):
                must_acknowledge |= self._journal.take(message, now)
            else:
                self._journal.flush()  # so that the order of the wire is the order reported
                self._on_message.get(type(message), self._ignore)(message, now)
        self._journal.flush()
        if must_acknowledge:
            self._journal.acknowledge()

    def handle_timeout(self, now: float) -> None:
        """Does what is due; call it at `next_deadline`, or earlier for no harm."""
        for timer in self._line.due_timers(now):
            self._on_timer(timer, now)
        if self.phase is Phase.OWNER:
            self._desk.send_due(now)

    def next_deadline(self) -> float | None:
        if self.phase is Phase.ENDED:
            return None
        ours, commands = self._line.next_deadline(), self._desk.next_deadline()
        if ours is None or commands is None:
            return commands if ours is None else ours
        return min(ours, commands)

    def data_to_send(self) -> bytes:
        return self._line.outbox.take()

    def events_received(self) -> list[LinkEvent]:
        happened, self._line.happened = self._line.happened, []
        return happened

    # Who we are to the board.

    def _on_hello(self, hello: Hello, now: float) -> None:
        if not hello.proto_min <= PROTOCOL_VERSION <= hello.proto:
            self._end(LinkState.WRONG_VERSION, sentences.wrong_version(hello))
            return
        if self.hello is not None and hello.board_id != self.hello.board_id:
            self._end(LinkState.LOST, sentences.another_board())  # it has to be admitted first
            return
        has_restarted = self.hello is not None and hello.boot != self.hello.boot
        was_greeted = self.hello is not None
        self.hello = hello
        self.clock.heard_hello(hello, now)
        if has_restarted:
            self._desk.lose_all("the board restarted")
        if self.phase is not Phase.LISTENING:
            self._on_hello_to_owner(hello, now)
            return
        self._hello_is_awaited = False
        self._line.set_timer(Timer.HELLO, now + HEARTBEAT_S)
        if not was_greeted:
            self._line.report(Greeted(hello))

    def _on_hello_to_owner(self, hello: Hello, now: float) -> None:
        admission = self._admission
        if hello.owner_host == admission.host_id and hello.owner_epoch > admission.epoch:
            self._end(LinkState.SUPERSEDED, sentences.superseded())
        elif not self._hello_is_awaited:
            self.send_hello(now)  # unasked: it restarted or did not hear us, and has to be greeted
        elif (hello.owner_host, hello.owner_epoch) == (admission.host_id, admission.epoch):
            self._on_owned(hello, now)

    def _on_owned(self, hello: Hello, now: float) -> None:
        self.phase = Phase.OWNER
        self._hello_is_awaited = False
        self._hello_flags = HelloFlags.NONE
        self._line.stop_timer(Timer.HELLO)
        self._line.stop_timer(Timer.OWNING)
        is_new_boot = hello.boot != self._owned_boot
        self._owned_boot = hello.boot
        if is_new_boot:
            self._line.set_timer(Timer.HEARTBEAT, now)  # the clock of this boot, before its events
            self._line.report(Owned(hello))
        self._journal.meet(hello, now)
        self.request_state(now)

    def _on_bye(self, bye: Bye, _now: float) -> None:
        is_old = self.phase is Phase.LISTENING and bye.reason != ByeReason.NO_COMMON_VERSION
        if not is_old:  # else it was meant for whoever spoke on this line before us
            self._end(_BYE_KINDS.get(bye.reason, LinkState.LOST), sentences.bye(bye.reason))

    # What the board tells.

    def _on_state(self, state: State, now: float) -> None:
        if self.hello is not None:
            self._states.hear(state, self.hello.slots)
            self._states.pass_on(self.order, now)

    def _on_result(self, result: Result, now: float) -> None:
        if result.epoch != self._admission.epoch:
            return
        op = self._desk.answered(result, now)
        if op is Op.GET_STATE:
            self._states.answered(now)
        elif op is Op.NEW_JOURNAL and result.code == ResultCode.OK:
            self.send_hello(now)
        elif op is Op.NEW_JOURNAL:
            self._end(LinkState.LOST, sentences.no_new_journal(result.code))

    def _on_error(self, error: ErrorMessage, now: float) -> None:
        first_held = error.first_held
        if first_held is not None:
            self._journal.gone(first_held, now)
        elif error.code == ErrorCode.NOT_OWNER and not self._hello_is_awaited:
            self.send_hello(now)
        else:
            self._line.report(error)

    def _on_ping(self, ping: Ping, now: float) -> None:
        now_us = int(now * 1e6)
        self._line.send(Pong(ping.t1, now_us, now_us))

    def _on_pong(self, pong: Pong, now: float) -> None:
        round_trip_ms = self.clock.heard_pong(pong, now)
        if round_trip_ms is not None:
            self.counters.round_trip_ms = round_trip_ms
            self.counters.least_round_trip_ms = self.clock.least_round_trip_ms
            self.counters.clock_offset_ms = self.clock.offset_ms

    def _on_telemetry(self, telemetry: Telemetry, _now: float) -> None:
        if self.phase is Phase.OWNER:  # else it is for whoever spoke on this line before us
            self._line.report(telemetry)

    def _on_log(self, log: Log, _now: float) -> None:
        self._line.report(log)

    def _ignore(self, _message: Message | UnknownMessage, _now: float) -> None:
        """A newer board may say what we do not know."""

    # Time, and the end.

    def _on_timer(self, timer: Timer, now: float) -> None:
        if timer is Timer.SILENCE:
            silent = sentences.silent(has_heard=self._has_heard, bad=self._inbox.bad_frames)
            self._end(LinkState.LOST if self._has_heard else LinkState.SILENT, silent)
        elif timer is Timer.HEARTBEAT:
            self._line.send(Ping(int(now * 1e6)))
            self._line.set_timer(Timer.HEARTBEAT, now + HEARTBEAT_S)
        elif timer is Timer.HELLO:
            self.send_hello(now)
        elif timer is Timer.REPLAY:
            self._journal.ask_replay(now)
        elif timer is Timer.STATE:
            self.request_state(now)
        elif timer is Timer.OWNING:
            self._end(LinkState.LOST, sentences.not_accepted())

    def _end(self, kind: LinkState, message: str) -> None:
        self._desk.lose_all("the link to the board was lost")
        self._stop()
        self._line.report(Ended(kind, message))

    def _stop(self) -> None:
        self.phase = Phase.ENDED
        self._line.stop_all_timers()

    def _new_keeper(self, order: EventOrder) -> JournalKeeper:
        asks = Asks(self._begin_journal, self._greet_again)
        return JournalKeeper(self._line, order, self._admission.epoch, asks)

    def _begin_journal(self, now: float) -> None:
        self._desk.send_own(new_journal(), self._admission.epoch, now)

    def _ask_state(self, now: float) -> None:
        self._desk.send_own(get_state(), self._admission.epoch, now)

    def _greet_again(self, now: float) -> None:
        if not self._hello_is_awaited:
            self.send_hello(now)
