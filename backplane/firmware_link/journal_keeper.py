"""Keeps our cursor and the board's journal in step: take, acknowledge, replay, or begin anew.

Pure. An event is acknowledged only after `committed` said that it is safe. The rules are those of
docs/firmware-link.md, "Exactly once in effect".
"""

from collections.abc import Callable
from dataclasses import dataclass

from backplane.firmware_link.event_order import EventOrder, Verdict
from backplane.firmware_link.happenings import (
    Cursor,
    EventsGone,
    EventsReceived,
    JournalChanged,
    JournalReason,
)
from backplane.firmware_link.line import Line, Timer
from backplane.firmware_link.messages import Ack, Event, Hello, Replay

REPLAY_AGAIN_S = 0.3
REPLAY_APART_S = 0.15  # one lost frame makes a whole window of holes: ask once


@dataclass(frozen=True, slots=True)
class Asks:
    """What a keeper asks of its session, at `now`: NEW_JOURNAL, and a fresh HELLO."""

    begin_journal: Callable[[float], None]
    hello: Callable[[float], None]


class JournalKeeper:
    def __init__(self, line: Line, order: EventOrder, epoch: int, asks: Asks) -> None:
        self.order = order
        self._epoch = epoch
        self._line = line
        self._asks = asks
        self._batch: list[Event] = []
        self._answer_is_awaited = False
        self._anew_because: JournalReason | None = None
        self._last_replay = (0, float("-inf"))
        self._is_unproven = False  # the event at our cursor has to come again, and be the same

    def meet(self, hello: Hello, now: float) -> None:
        """Compares a HELLO of the board we own with our cursor, and acts on the difference."""
        cursor = self.order.committed
        if self._answer_is_awaited:
            return  # a fresh HELLO is asked for as soon as the answer is there
        if cursor is None:
            self._ask_handler(JournalChanged(hello, JournalReason.FIRST_CONTACT))
        elif hello.journal != cursor.journal:
            why = self._anew_because or JournalReason.BOARD_BEGAN_ANEW
            self._anew_because = None
            self._ask_handler(JournalChanged(hello, why))
        elif hello.next <= self.order.received or self._anew_because is not None:
            self.begin_anew(JournalReason.BEHIND_CURSOR, now)
        elif hello.first > self.order.received + 1:
            self.order.resume()
            self._pass_over(hello.first, now)
        else:
            self._go_on(hello, cursor, now)

    def begin_anew(self, why: JournalReason, now: float) -> None:
        """Continuity is disproved: the board shall start a new journal."""
        self.order.unsettle()
        self._is_unproven = False
        self._line.stop_timer(Timer.REPLAY)
        if self._anew_because is None:
            self._anew_because = why
        self._asks.begin_journal(now)

    def take(self, event: Event, now: float) -> bool:
        """Judges one event; True when its ACK has to be said again."""
        if self._is_unproven and not self._proves(event, now):
            return True
        verdict = self.order.judge(event)
        if verdict is Verdict.NEXT:
            self._batch.append(event)
            self._line.stop_timer(Timer.REPLAY)
        elif verdict is Verdict.HOLE_BEFORE:
            self.ask_replay(now)
        elif verdict is Verdict.DIFFERS:
            self.begin_anew(JournalReason.DUPLICATE_DIFFERS, now)
        elif verdict is Verdict.OTHER_JOURNAL:
            self._asks.hello(now)
        elif verdict is not Verdict.NOT_SETTLED:
            self._line.counters.duplicates += 1
        return verdict is Verdict.ALREADY_COMMITTED

    def flush(self) -> None:
        """Hands on the events taken so far, as one batch."""
        if self._batch:
            self._line.report(EventsReceived(tuple(self._batch)))
            self._batch = []

    def acknowledge(self) -> None:
        cursor = self.order.committed
        upto = 0 if cursor is None else cursor.number - self._is_unproven
        if cursor is not None and upto > 0:
            self._line.send(Ack(self._epoch, cursor.journal, upto))

    def committed(self, cursor: Cursor) -> bool:
        """Acknowledges up to `cursor`, or nothing when it did not move on."""
        moved = self.order.is_settled and self.order.commit(cursor)
        if moved:
            self.acknowledge()
        return moved

    def reset(self, cursor: Cursor, now: float) -> bool:
        """The handler's answer to JournalChanged, or (True) to EventsGone."""
        at = self.order.committed
        if at is not None and at.journal == cursor.journal:
            self.committed(cursor)
            return True
        self._answer_is_awaited = self._is_unproven = False
        self.order.settle(cursor)
        self._asks.hello(now)  # the HELLO that raised the question may be long out of date
        return False

    def gone(self, first_held: int, now: float) -> None:
        """The board overwrote what we asked for."""
        if not self.order.is_settled:
            return
        if first_held > self.order.received + 1:
            self._pass_over(first_held, now)
        elif self._is_unproven:  # our event was overwritten, so 256 of the same journal follow it
            self._is_unproven = False
            self.ask_replay(now)

    def ask_replay(self, now: float) -> None:
        cursor, start = self.order.committed, self.order.received + 1
        if cursor is not None and self._is_unproven:
            start = cursor.number
        asked_start, asked_at = self._last_replay
        if cursor is None or (start == asked_start and now - asked_at < REPLAY_APART_S):
            return
        self._last_replay = (start, now)
        self._line.counters.replays += 1
        self._line.send(Replay(self._epoch, cursor.journal, start))
        self._line.set_timer(Timer.REPLAY, now + REPLAY_AGAIN_S)

    def _go_on(self, hello: Hello, cursor: Cursor, now: float) -> None:
        self.order.resume()
        if hello.acked > self.order.received:
            self.ask_replay(now)
        elif hello.acked < cursor.number:
            # After a reset its flash may have lost the end and given our numbers again: an ACK now would
            # take what they stand for from us. An acknowledged number was in flash, with one behind it.
            self._is_unproven = hello.first <= cursor.number and self.order.knows(cursor.number)
            self.acknowledge()

    def _proves(self, event: Event, now: float) -> bool:
        """Whether this event may be judged; any but the one at our cursor has to wait for that one."""
        cursor = self.order.committed
        if cursor is None or not self.order.is_settled or event.journal != cursor.journal:
            return True
        if event.number > cursor.number:
            self.ask_replay(now)
        if event.number != cursor.number:
            return False
        self._is_unproven = False
        self._line.stop_timer(Timer.REPLAY)
        return True

    def _pass_over(self, first_held: int, now: float) -> None:
        """Report the gap, and ask for what follows at once.

        The ring goes on turning while the gap is being committed; who waited for that would find the next gap.
        """
        cursor = self.order.committed
        if cursor is None:
            return
        self.flush()
        self._is_unproven = False
        missing_from = self.order.received + 1
        self._line.report(EventsGone(cursor.journal, missing_from, first_held))
        self.order.skip_to(first_held - 1)
        self.ask_replay(now)

    def _ask_handler(self, question: JournalChanged) -> None:
        self.flush()
        self.order.unsettle()
        self._line.stop_timer(Timer.REPLAY)
        self._answer_is_awaited = True
        self._line.report(question)
