"""Joins one LinkProtocol to one open transport and the loop's clock, until the session ends.

Owns the timer and the order in which happenings wait for the link. Decides nothing about them.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from typing import cast

from backplane.firmware_link.happenings import EventsReceived, LinkEvent
from backplane.firmware_link.messages import ErrorMessage, Log, Telemetry
from backplane.firmware_link.protocol import LinkProtocol, Phase
from backplane.firmware_link.transport import Transport

logger = logging.getLogger(__name__)

BYE_LEAVES_S = 0.02  # a BYE is 10 bytes: closing throws away what the driver still holds
_LOG_LEVELS = {0: logging.DEBUG, 1: logging.INFO, 2: logging.WARNING, 3: logging.ERROR}


class Session:
    """`telemetry` is called at once, past all that waits: it is worth nothing when it is late."""

    def __init__(
        self,
        protocol: LinkProtocol,
        transport: Transport,
        telemetry: Callable[[Telemetry], None],
    ) -> None:
        self.protocol = protocol
        self._transport = transport
        self._telemetry = telemetry
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[LinkEvent] = deque()
        self._has_news = asyncio.Event()
        self._over = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_over(self) -> bool:
        return self.protocol.phase is Phase.ENDED

    def start(self) -> None:
        self._transport.start(self._on_data, self._on_lost)
        self.protocol.send_hello(self._loop.time())
        self.pump()

    async def next_happening(self) -> LinkEvent:
        """In the order of the wire; Ended is the last."""
        await self.peek()
        return self._waiting.popleft()

    async def peek(self) -> LinkEvent:
        """What `next_happening` will return."""
        while not self._waiting:
            self._has_news.clear()
            await self._has_news.wait()
        return self._waiting[0]

    async def more_events(self, within_s: float) -> EventsReceived | None:
        """The events that come next; None when something else comes first, or nothing in time."""
        if not self._waiting:
            self._has_news.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(within_s):
                    await self._has_news.wait()
        if self._waiting and isinstance(self._waiting[0], EventsReceived):
            return cast("EventsReceived", self._waiting.popleft())
        return None

    def pump(self) -> None:
        """Call after everything done to the protocol: bytes out, happenings in, timer set."""
        data = self.protocol.data_to_send()
        if data:
            self._transport.write(data)
        for happening in self.protocol.events_received():
            self._sort(happening)
        if self.is_over:
            self._over.set()
        self._set_timer()

    async def rest(self, seconds: float) -> None:
        """Sleeps, but not past the end of the session."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._over.wait()

    async def close(self) -> None:
        """Says good-bye if there is someone to say it to, and lets go of the port."""
        if self._timer is not None:
            self._timer.cancel()
        try:
            if not self.is_over:
                self.protocol.bye()
                self._transport.write(self.protocol.data_to_send())
                await asyncio.sleep(BYE_LEAVES_S)
        finally:
            self._transport.close()

    def _on_data(self, data: bytes) -> None:
        self.protocol.receive_data(data, self._loop.time())
        self.pump()

    def _on_lost(self, why: str) -> None:
        if not self.is_over:
            self.protocol.transport_lost(f"The port closed: {why}. Check the cable.")
            self.pump()

    def _on_timer(self) -> None:
        self._timer = None
        self.protocol.handle_timeout(self._loop.time())
        self.pump()

    def _set_timer(self) -> None:
        deadline = self.protocol.next_deadline()
        if self._timer is not None:
            if deadline is not None and deadline >= self._timer.when():
                return  # it rings early and is set again: cheaper than a new one for each frame
            self._timer.cancel()
            self._timer = None
        if deadline is not None:
            self._timer = self._loop.call_at(deadline, self._on_timer)

    def _sort(self, happening: LinkEvent) -> None:
        if isinstance(happening, Telemetry):
            self._telemetry(happening)
        elif isinstance(happening, Log):
            level = _LOG_LEVELS.get(happening.level, logging.ERROR)
            logger.log(level, "board: %s (%d lines dropped)", happening.text, happening.dropped)
        elif isinstance(happening, ErrorMessage):
            logger.warning("The board refused a frame: %r", happening)
        else:
            self._queue(happening)
            self._has_news.set()

    def _queue(self, happening: LinkEvent) -> None:
        """Events that wait behind events join them: a busy handler takes a window in one transaction.

        A serial chip hands on 32 bytes at a time, so that each event comes alone.
        """
        last = self._waiting[-1] if self._waiting else None
        if isinstance(happening, EventsReceived) and isinstance(last, EventsReceived):
            self._waiting[-1] = EventsReceived(last.events + happening.events)
        else:
            self._waiting.append(happening)
