"""A LinkProtocol and a board on two wires, in virtual time, with a host that commits at once."""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from backplane.firmware_link.happenings import (
    Admission,
    BoardState,
    CommandLost,
    Cursor,
    Ended,
    EventsGone,
    EventsReceived,
    Greeted,
    JournalChanged,
    JournalReason,
    LinkEvent,
    Owned,
)
from backplane.firmware_link.messages import Event, Hello, Result
from backplane.firmware_link.protocol import LinkProtocol, Phase
from tests.support.transports import PerfectWire, Wire

HOST_ID = 0x1122334455667788


class Board(Protocol):
    def receive(self, data: bytes, now_ms: int) -> None: ...

    def step(self, now_ms: int) -> bytes: ...

    def next_due(self) -> int: ...


@dataclass
class Records:
    """What a host would keep in its database."""

    cursor: Cursor | None = None
    events: list[Event] = field(default_factory=list)
    gaps: list[tuple[int, int, int]] = field(default_factory=list)
    journals: list[JournalReason] = field(default_factory=list)
    states: list[BoardState] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    lost: list[CommandLost] = field(default_factory=list)
    owned: list[Hello] = field(default_factory=list)
    ended: Ended | None = None

    @property
    def cursor_raw(self) -> bytes | None:
        """The recorded bytes of the event at the cursor."""
        at = self.cursor and (self.cursor.journal, self.cursor.number)
        rows = [event for event in self.events[-300:] if (event.journal, event.number) == at]
        return rows[-1].raw if rows else None

    @property
    def numbers(self) -> list[int]:
        return [event.number for event in self.events]


class LinkBench:
    """`records` may outlive a bench: a new one with the same records is a host that came back."""

    def __init__(self, board: Board, records: Records | None = None, epoch: int = 1) -> None:
        self.board = board
        self.records = records or Records()
        self.protocol = LinkProtocol()
        self.epoch = epoch
        self.host_id = HOST_ID
        self.take = False
        self.is_disk_full = False
        self._uncommitted: list[Event] = []
        self.to_board: Wire = PerfectWire()
        self.to_host: Wire = PerfectWire()
        self.now = 0.0
        self._order = itertools.count()
        self._last_arrival = {True: 0.0, False: 0.0}
        self._flying: list[tuple[float, int, bool, bytes]] = []

    def start(self, now: float = 0.0) -> "LinkBench":
        self.now = now
        self.protocol.send_hello(now)
        return self

    def over(self, wire: Callable[[], Wire]) -> "LinkBench":
        self.to_board, self.to_host = wire(), wire()
        return self

    def run(self, seconds: float) -> None:
        self.run_until(lambda: False, seconds)

    def run_until(self, is_reached: Callable[[], bool], limit_s: float = 60.0) -> bool:
        """Lets time pass; True as soon as it is reached, False when the limit is."""
        end = self.now + limit_s
        self._exchange()
        while not is_reached():
            upcoming = self._next_moment()
            if upcoming > end:
                self.now = end
                return is_reached()
            self.now = max(self.now, upcoming)
            self._arrive()
            self.protocol.handle_timeout(self.now)
            self._exchange()
        return True

    def up(self) -> "LinkBench":
        """Runs until the board is owned and its first state is there."""
        seen = len(self.records.states)
        assert self.run_until(lambda: len(self.records.states) > seen), self.records
        return self

    def _next_moment(self) -> float:
        moments = [max(self.board.next_due() / 1000, self.now + 0.001)]
        deadline = self.protocol.next_deadline()
        if deadline is not None:
            moments.append(deadline)
        if self._flying:
            moments.append(self._flying[0][0])
        return min(moments)

    def _arrive(self) -> None:
        while self._flying and self._flying[0][0] <= self.now:
            _, _, is_for_board, data = heapq.heappop(self._flying)
            if is_for_board:
                self.board.receive(data, self._now_ms)
            else:
                self.protocol.receive_data(data, self.now)

    def _exchange(self) -> None:
        self._commit()
        happenings = self.protocol.events_received()
        while happenings:
            for happening in happenings:
                self._handle(happening)
            happenings = self.protocol.events_received()
        self._send(self.protocol.data_to_send(), is_for_board=True)
        self._send(self.board.step(self._now_ms), is_for_board=False)

    def _send(self, data: bytes, *, is_for_board: bool) -> None:
        wire = self.to_board if is_for_board else self.to_host
        for delay_s, chunk in wire.carry(data) if data else []:
            # A wire never lets a later byte pass an earlier one.
            arrival = max(self.now + delay_s, self._last_arrival[is_for_board])
            self._last_arrival[is_for_board] = arrival
            flight = (arrival, next(self._order), is_for_board, chunk)
            heapq.heappush(self._flying, flight)

    @property
    def _now_ms(self) -> int:
        return int(self.now * 1000)

    def _handle(self, happening: LinkEvent) -> None:
        records = self.records
        if isinstance(happening, Greeted):
            lease = (self.host_id, self.epoch, records.cursor)
            admission = Admission(*lease, take=self.take, cursor_raw=records.cursor_raw)
            self.protocol.own(admission, self.now)
        elif isinstance(happening, EventsReceived):
            self._uncommitted.extend(happening.events)
            self._commit()
        elif isinstance(happening, EventsGone):
            records.gaps.append((happening.journal, happening.missing_from, happening.first_held))
            self._reset(Cursor(happening.journal, happening.first_held - 1))
        elif isinstance(happening, JournalChanged):
            records.journals.append(happening.reason)
            self._reset(Cursor(happening.hello.journal, happening.hello.first - 1))
        else:
            self._note(happening)

    def _commit(self) -> None:
        if self.is_disk_full or not self._uncommitted:
            return
        newest = self._uncommitted[-1]
        self.records.events.extend(self._uncommitted)
        self.records.cursor = Cursor(newest.journal, newest.number)
        self._uncommitted = []
        self.protocol.commit_done(self.records.cursor, self.now)

    def _reset(self, cursor: Cursor) -> None:
        self.records.cursor = cursor
        self.protocol.cursor_reset(cursor, self.now)

    def _note(self, happening: LinkEvent) -> None:
        records = self.records
        if isinstance(happening, Owned):
            records.owned.append(happening.hello)
        elif isinstance(happening, BoardState):
            records.states.append(happening)
        elif isinstance(happening, Result):
            records.results.append(happening)
        elif isinstance(happening, CommandLost):
            records.lost.append(happening)
        elif isinstance(happening, Ended):
            assert self.protocol.phase is Phase.ENDED
            records.ended = happening
