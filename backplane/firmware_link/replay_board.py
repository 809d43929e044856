"""A recording that speaks BP/1 again: what the board said, at its time, to a host that is not the one of then.

Pure. It keeps what was seen and takes nothing else over: it is a simulated board with an id and a journal
of its own, so that no chassis is ever mistaken for the one that was recorded, and it refuses every order.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from backplane.firmware_link.errors import BadBody
from backplane.firmware_link.framing import FrameDecoder
from backplane.firmware_link.messages import (
    Ack,
    Caps,
    Cmd,
    Event,
    Hello,
    HelloFlags,
    HelloReq,
    Log,
    Message,
    Op,
    Ping,
    Pong,
    Replay,
    Result,
    ResultCode,
    State,
    Telemetry,
    UnknownMessage,
    decode,
)
from backplane.firmware_link.outbox import Outbox
from backplane.firmware_link.trace import Chunk

# The last two bytes of a board id are zeros on hardware; these are the letters RP.
REPLAY_MARK = b"RP"
WINDOW = 8
RESEND_S = 0.15
LONGEST_UID = 64  # bytes: chips have 8 at most, and the frame has to hold it
HELLO_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the board, at the recording's time."""

    at_s: float
    message: Message


def board_messages(chunks: Sequence[Chunk]) -> list[Said]:
    """What the board said, bad frames and what is not understood left out, each event once."""
    decoder = FrameDecoder()
    said: list[Said] = []
    events: set[tuple[int, int]] = set()
    for chunk in chunks:
        if not chunk.is_from_board:
            continue
        for frame_type, _, body in decoder.feed(chunk.data):
            message = _decoded(frame_type, body)
            if isinstance(message, Event):
                key = (message.journal, message.number)
                if key in events:
                    continue
                events.add(key)
            if message is not None:
                said.append(Said(chunk.at_s, message))
    return said


def _decoded(frame_type: int, body: bytes) -> Message | None:
    try:
        message = decode(frame_type, body)
    except BadBody:
        return None
    return None if isinstance(message, UnknownMessage) else message


def first_hello(said: Sequence[Said]) -> Hello | None:
    return next((each.message for each in said if isinstance(each.message, Hello)), None)


class ReplayBoard:
    """Give it the time; it says what is due. `journal` is the new journal's id."""

    def __init__(
        self, said: Sequence[Said], hello: Hello, journal: int, speed: float = 1.0
    ) -> None:
        self._said = said
        self._speed = speed
        self._hello = replace(
            hello,
            board_id=hello.board_id[:6] + REPLAY_MARK,
            caps=hello.caps & Caps.HANDLES | Caps.SIMULATED,  # no console, no update
            owner_host=0,
            owner_epoch=0,
        )
        self._journal = journal
        self._began: float | None = None
        self._next = 0
        self._clock_ms = hello.uptime_ms - _hello_at_s(said) * 1000
        self._outbox = Outbox()
        self._decoder = FrameDecoder()
        self._is_greeted = False
        self._hello_due = 0.0
        self._events: list[Event] = []
        self._numbers: list[tuple[int, int]] = []  # (recorded, ours) of the recorded journal
        self._recorded_journal = hello.journal
        self._states: dict[int, State] = {}
        self._acked = self._sent = 0
        self._resend_at = 0.0

    @property
    def is_at_end(self) -> bool:
        return self._next >= len(self._said)

    def receive(self, data: bytes, now: float) -> None:
        """What the host says. Everything but its greeting, its ACKs and its questions is refused."""
        for frame_type, _, body in self._decoder.feed(data):
            message = _decoded(frame_type, body)
            if isinstance(message, HelloReq):
                self._greet(message, now)
            elif message is not None and self._is_greeted:
                self._hear(message, now)

    def step(self, now: float) -> bytes:
        """Everything that is due."""
        if self._began is None:
            self._began = now
        if not self._is_greeted:
            if now >= self._hello_due:
                self._say_hello(now)
            return self._outbox.take()
        while not self.is_at_end and self._said[self._next].at_s <= self._position_s(now):
            self._play(self._said[self._next].message, now)
            self._next += 1
        self._send_events(now)
        return self._outbox.take()

    def next_due(self) -> float | None:
        """When `step` is next needed; None: when the host says something."""
        if not self._is_greeted:
            return self._hello_due
        due = [] if self._sent == self._acked else [self._resend_at]
        if not self.is_at_end and self._began is not None:
            due.append(self._began + self._said[self._next].at_s / self._speed)
        return min(due, default=None)

    # What was said then.

    def _play(self, message: Message, now: float) -> None:
        if isinstance(message, Hello):
            self._note_boot(message, now)
        elif isinstance(message, Event):
            self._take_event(message)
        elif isinstance(message, State):
            self._keep_state(message)
            self._say_states()
        elif isinstance(message, Telemetry | Log):
            self._outbox.put(message)

    def _note_boot(self, hello: Hello, now: float) -> None:
        self._clock_ms = hello.uptime_ms - self._position_s(now) * 1000
        self._recorded_journal = hello.journal
        if hello.boot != self._hello.boot:
            self._hello = replace(self._hello, boot=hello.boot, reset_cause=hello.reset_cause)
            self._is_greeted = False
            self._hello_due = now

    def _take_event(self, event: Event) -> None:
        if event.journal != self._recorded_journal:
            self._numbers.clear()
            self._recorded_journal = event.journal
        number = len(self._events) + 1
        self._numbers.append((event.number, number))
        # A carrier of then is not the one that may be in a real slot now.
        uid = (REPLAY_MARK + event.carrier_uid)[:LONGEST_UID] if event.carrier_uid else b""
        again = replace(event, journal=self._journal, number=number, carrier_uid=uid)
        self._events.append(replace(again, raw=again.to_body()))

    def _keep_state(self, state: State) -> None:
        if state.first_slot == 1:
            self._states.clear()
        index = bisect_right(self._numbers, (state.as_of_event, 1 << 32))
        ours = self._numbers[index - 1][1] if index else 0
        self._states[state.first_slot] = replace(state, journal=self._journal, as_of_event=ours)

    # What is said now.

    def _say_hello(self, now: float) -> None:
        self._hello_due = now + HELLO_EVERY_S
        hello = replace(
            self._hello,
            journal=self._journal,
            first=1,
            acked=self._acked,
            next=len(self._events) + 1,
            uptime_ms=self._uptime_ms(now),
        )
        self._outbox.put(hello)

    def _say_states(self) -> None:
        newest = len(self._events)
        for state in self._states.values():
            # Nothing has happened since, or it would not be the state of now.
            if state.as_of_event == newest:
                self._outbox.put(state)

    def _send_events(self, now: float) -> None:
        if self._sent > self._acked and now >= self._resend_at:
            self._sent = self._acked
        while self._sent < min(len(self._events), self._acked + WINDOW):
            self._outbox.put(self._events[self._sent])
            self._sent += 1
            self._resend_at = now + RESEND_S

    def _greet(self, request: HelloReq, now: float) -> None:
        if HelloFlags.LISTEN_ONLY not in request.flags:
            self._hello = replace(
                self._hello, owner_host=request.host_id, owner_epoch=request.epoch
            )
            self._is_greeted = True
            self._sent = self._acked
        self._say_hello(now)

    def _hear(self, message: Message, now: float) -> None:
        if isinstance(message, Ack) and message.journal == self._journal:
            self._acked = max(self._acked, min(message.upto, len(self._events)))
            self._sent = max(self._sent, self._acked)
        elif isinstance(message, Replay):
            self._sent = self._acked = max(0, min(message.start - 1, len(self._events)))
        elif isinstance(message, Ping):
            now_us = self._uptime_ms(now) * 1000
            self._outbox.put(Pong(message.t1, now_us, now_us))
        elif isinstance(message, Cmd):
            self._answer(message)

    def _answer(self, command: Cmd) -> None:
        code = ResultCode.E_OP  # nobody moves what was
        if command.op == Op.GET_STATE:
            self._say_states()
            code = ResultCode.OK
        elif command.op == Op.NEW_JOURNAL:
            self._begin_journal()
            code = ResultCode.OK
        self._outbox.put(Result(command.epoch, command.id, code))

    def _begin_journal(self) -> None:
        self._journal = (self._journal + 1) & 0xFFFFFFFF or 1
        self._events.clear()
        self._numbers.clear()
        self._acked = self._sent = 0
        self._states = {
            slot: replace(state, journal=self._journal, as_of_event=0)
            for slot, state in self._states.items()
        }

    def _position_s(self, now: float) -> float:
        return 0.0 if self._began is None else (now - self._began) * self._speed

    def _uptime_ms(self, now: float) -> int:
        return int(self._clock_ms + self._position_s(now) * 1000) % (1 << 32)


def _hello_at_s(said: Sequence[Said]) -> float:
    return next((each.at_s for each in said if isinstance(each.message, Hello)), 0.0)
