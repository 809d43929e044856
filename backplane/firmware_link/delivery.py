"""Takes a session's happenings to the handler, one at a time, and its answers back.

Owns what happens when a handler fails: facts are offered again for as long as the session lives,
notices a few times, and nothing a handler raises ends the link.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from backplane.firmware_link.backoff import BackOff
from backplane.firmware_link.errors import ContinuityLost
from backplane.firmware_link.handler import LinkHandler
from backplane.firmware_link.happenings import (
    BoardState,
    CommandLost,
    Cursor,
    EventsGone,
    EventsReceived,
    Greeted,
    JournalChanged,
    JournalReason,
    LinkEvent,
    Owned,
)
from backplane.firmware_link.messages import Event, Result
from backplane.firmware_link.replay_pace import QUIET_S, ReplayPace
from backplane.firmware_link.session import Session

logger = logging.getLogger(__name__)

NOTICE_TRIES = 3

_Answer = TypeVar("_Answer")


async def notify(call: Callable[[], Awaitable[None]]) -> bool:
    """Tries a notice a few times; False when the handler failed each time."""
    back_off = BackOff()
    for _ in range(NOTICE_TRIES):
        try:
            await call()
        except Exception:
            logger.exception("The link's handler failed")
            await asyncio.sleep(back_off.next_s())
        else:
            return True
    return False


class Delivery:
    def __init__(self, handler: LinkHandler, session: Session, port: str) -> None:
        self._handler = handler
        self._session = session
        self._port = port
        self._pace = ReplayPace()
        self._free_since = self._now()

    async def deliver(self, happening: LinkEvent) -> None:
        """Returns when the handler has taken it. Raises only what `greeted` raised."""
        if isinstance(happening, Greeted):
            admission = await self._handler.greeted(happening.hello, self._port)
            self._session.protocol.own(admission, self._now())
        elif isinstance(happening, EventsReceived):
            await self._commit(happening.events)
        elif isinstance(happening, EventsGone):
            await self._gone(happening)
        elif isinstance(happening, JournalChanged):
            await self._journal_changed(happening)
        else:
            await self._notice(happening)
        self._session.pump()

    async def _notice(self, happening: LinkEvent) -> None:
        handler = self._handler
        if isinstance(happening, Owned):
            hello = happening.hello
            await notify(lambda: handler.link_up(hello))
        elif isinstance(happening, BoardState):
            await self._state(happening)
        elif isinstance(happening, Result):
            await notify(lambda: handler.command_done(happening))
        elif isinstance(happening, CommandLost):
            await notify(lambda: handler.command_lost(happening.command_id, happening.why))

    async def _state(self, state: BoardState) -> None:
        try:
            await self._handler.state_reported(state)
        except Exception:  # not offered again: a newer one comes within 5 s
            logger.exception("The link's handler failed on a state")

    async def _commit(self, events: tuple[Event, ...]) -> None:
        """Offers the events until all are committed; acknowledges each part that is."""
        back_off = BackOff()
        events = await self._gathered(events)
        while events and not self._session.is_over:
            began = self._now()
            try:
                cursor = await self._offer(events)
            except ContinuityLost:
                return
            left = events if cursor is None else _after(cursor, events)
            if cursor is not None and len(left) < len(events):
                self._session.protocol.commit_done(cursor, self._now())
                self._session.pump()
                back_off.reset()
                self._free_since = self._now()
                self._pace.committed(self._free_since - began)
            elif left and not self._session.is_over:
                await self._session.rest(back_off.next_s())
            events = left

    async def _gathered(self, events: tuple[Event, ...]) -> tuple[Event, ...]:
        """`events` with those of a backlog that belong into the same commit."""
        protocol = self._session.protocol
        hello = protocol.hello
        while hello is not None and self._pace.wanted(hello, events, protocol.order.committed):
            more = await self._session.more_events(QUIET_S)
            if more is None:
                break
            events += more.events
            self._pace.gathered(len(events), hello.window, self._now() - self._free_since)
        return events

    async def _offer(self, events: tuple[Event, ...]) -> Cursor | None:
        try:
            return await self._handler.events_arrived(events)
        except ContinuityLost:
            logger.exception("The board's journal contradicts what is recorded of it")
            self._session.protocol.new_journal(JournalReason.DUPLICATE_DIFFERS, self._now())
            raise
        except Exception:
            logger.exception("Events from %d on were not committed", events[0].number)
            return None

    async def _gone(self, gone: EventsGone) -> None:
        numbers = (gone.journal, gone.missing_from, gone.first_held)
        cursor = await self._insist(lambda: self._handler.events_gone(*numbers))
        if cursor is not None:
            self._session.protocol.cursor_reset(cursor, self._now())

    async def _journal_changed(self, changed: JournalChanged) -> None:
        hello = changed.hello
        start = Cursor(hello.journal, hello.first - 1)

        async def answer() -> Cursor:
            return await self._handler.journal_changed(hello, changed.reason) or start

        cursor = await self._insist(answer)
        if cursor is not None:
            self._session.protocol.cursor_reset(cursor, self._now())

    async def _insist(self, call: Callable[[], Awaitable[_Answer]]) -> _Answer | None:
        """The answer, asked for until it comes; None when the session ended before."""
        back_off = BackOff()
        while not self._session.is_over:
            try:
                return await call()
            except Exception:
                logger.exception("The link's handler failed")
                await self._session.rest(back_off.next_s())
        return None

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


def _after(cursor: Cursor, events: tuple[Event, ...]) -> tuple[Event, ...]:
    if cursor.journal != events[0].journal:
        return events
    return tuple(event for event in events if event.number > cursor.number)
