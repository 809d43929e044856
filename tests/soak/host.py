"""A host process: the real LinkProtocol over a store, with commits that take their time and may be its last act."""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from backplane.firmware_link.commands import Order, OutgoingCommand
from backplane.firmware_link.happenings import (
    Admission,
    CommandLost,
    Ended,
    EventsGone,
    EventsReceived,
    Greeted,
    JournalChanged,
    LinkEvent,
    Owned,
)
from backplane.firmware_link.messages import Event, Hello, Result
from backplane.firmware_link.protocol import LinkProtocol, Phase
from tests.soak.store import Store

Question = EventsReceived | EventsGone | JournalChanged


@dataclass
class Given:
    """One command as its giver sent it, and what the giver knew of the slot."""

    id: int
    order: Order
    slot: int
    lease: tuple[int, int]
    boot_index: int
    at_ms: int
    expires_at_ms: int
    if_event: int
    known: Event | None
    answers: set[int] = field(default_factory=set)


class Host:
    """One process with its lease. `connect` begins a session on a port that works."""

    def __init__(self, store: Store, *, take: bool = False) -> None:
        self.store = store
        self.epoch = store.take_lease()
        self.take = take
        self.hello: Hello | None = None  # of the board that took us for its owner
        self.given: dict[int, Given] = {}
        self.commit_takes_ms: Callable[[], int] = lambda: 0
        self.on_commit: Callable[[bool], bool] = lambda _is_done: False  # True: dies here
        self.on_owned: Callable[[Host], None] = lambda _: None
        self.ended: Ended | None = None
        self.is_dead = False
        self.protocol: LinkProtocol | None = None
        self._questions: deque[Question] = deque()
        self._answer_at_ms: int | None = None

    @property
    def lease(self) -> tuple[int, int]:
        return self.store.host_id, self.epoch

    @property
    def is_owner(self) -> bool:
        return self.protocol is not None and self.protocol.phase is Phase.OWNER

    def connect(self, now_ms: int) -> None:
        self.protocol = LinkProtocol()
        self.ended = None
        self.hello = None
        self._questions.clear()
        self._answer_at_ms = None
        self.protocol.send_hello(now_ms / 1000)

    def disconnect(self) -> None:
        if self.protocol is not None:
            self.protocol.transport_lost("the cable was pulled")
            self.run(0)
        self.protocol = None

    def receive(self, data: bytes, now_ms: int) -> None:
        if self.protocol is not None:
            self.protocol.receive_data(data, now_ms / 1000)

    def run(self, now_ms: int) -> bytes:
        """Everything that is due; the bytes to send."""
        if self.protocol is None or self.is_dead:
            return b""
        self.protocol.handle_timeout(now_ms / 1000)
        self._answer_due(now_ms)
        self._handle_all(now_ms)
        return self._leaving()

    def _leaving(self) -> bytes:
        return b"" if self.is_dead or self.protocol is None else self.protocol.data_to_send()

    def _handle_all(self, now_ms: int) -> None:
        while self.protocol is not None and not self.is_dead:
            happened = self.protocol.events_received()
            for happening in happened:
                self._handle(happening, now_ms)
            self._answer_due(now_ms)
            if not happened:
                return

    def due_ms(self) -> int | None:
        if self.protocol is None or self.is_dead:
            return None
        deadline = self.protocol.next_deadline()
        dues = [self._answer_at_ms, None if deadline is None else math.ceil(deadline * 1000)]
        return min((due for due in dues if due is not None), default=None)

    def send(self, given: Given, expires_in_ms: int, now_ms: int) -> None:
        if self.protocol is None or self.hello is None:
            return
        self.given[given.id] = given
        boot = self.hello.boot
        out = OutgoingCommand(given.id, given.order, boot, expires_in_ms, given.if_event)
        self.protocol.send_command(out, now_ms / 1000)

    def _handle(self, happening: LinkEvent, now_ms: int) -> None:
        protocol = self.protocol
        assert protocol is not None
        if isinstance(happening, Greeted):
            admission = Admission(
                self.store.host_id,
                self.epoch,
                self.store.cursor,
                take=self.take,
                cursor_raw=self.store.newest_raw(),
            )
            protocol.own(admission, now_ms / 1000)
        elif isinstance(happening, EventsReceived | EventsGone | JournalChanged):
            self._questions.append(happening)
            if self._answer_at_ms is None:
                self._answer_at_ms = now_ms + self.commit_takes_ms()
        elif isinstance(happening, Owned):
            self.hello = happening.hello
            self.on_owned(self)
        elif isinstance(happening, Ended):
            self.ended = happening
        elif isinstance(happening, Result):
            self.given[happening.id].answers.add(int(happening.code))
        elif isinstance(happening, CommandLost):
            self.given[happening.command_id].answers.add(-1)

    def _answer_due(self, now_ms: int) -> None:
        while self._answer_at_ms is not None and self._answer_at_ms <= now_ms and not self.is_dead:
            self._answer(self._questions.popleft(), now_ms / 1000)
            self._answer_at_ms = now_ms + self.commit_takes_ms() if self._questions else None

    def _answer(self, question: Question, now: float) -> None:
        protocol, store = self.protocol, self.store
        assert protocol is not None
        if self.on_commit(False):
            self.is_dead = True
            return
        if isinstance(question, EventsReceived):
            is_kept = store.commit(self.epoch, question.events) is not None
        elif isinstance(question, EventsGone):
            numbers = (question.journal, question.missing_from, question.first_held)
            is_kept = store.commit_gap(self.epoch, *numbers)
        else:
            hello = question.hello
            is_kept = store.begin_journal(self.epoch, hello.journal, hello.first, question.reason)
        if self.on_commit(True):
            self.is_dead = True
        elif is_kept and store.cursor is not None:
            if isinstance(question, EventsReceived):
                protocol.commit_done(store.cursor, now)
            else:
                protocol.cursor_reset(store.cursor, now)
