"""One socket's outgoing messages: a bounded queue that forgets rather than grows.

A reader that does not keep up loses its queue and gets one fresh snapshot instead, so it costs the others
nothing and memory stays bounded. Knows neither Django nor what the messages mean.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

CAPACITY: Final = 64  # over a minute of beats and readings of one busy chassis; about 30 kB
_CLOSE_WITHIN_S: Final = (
    2.0  # a socket that is stuck in a send gets this long to take its close frame
)

Message = Mapping[str, Any]
Send = Callable[[Any], Awaitable[None]]


class Mailbox:
    """Filled by the hub, emptied by its own socket's task; all calls in one event loop."""

    def __init__(self, snapshot: Callable[[], Message], capacity: int = CAPACITY) -> None:
        """`snapshot` makes the message that stands for everything that was dropped."""
        self._snapshot = snapshot
        self._capacity = capacity
        self._messages: deque[Message] = deque()
        self._needs_snapshot = False
        self._close_code: int | None = None
        self._is_over = False
        self._wake: asyncio.Future[None] | None = None
        self._deadline: asyncio.Timeout | None = None
        self.dropped_count = 0

    def put(self, message: Message) -> None:
        """Queue `message`; when full, forget all of it and remember that a snapshot is needed."""
        if self._needs_snapshot or self._close_code is not None:
            return
        if len(self._messages) >= self._capacity:
            self.dropped_count += len(self._messages)
            self.ask_snapshot()
            return
        self._messages.append(message)
        self._wake_up()

    def ask_snapshot(self) -> None:
        """Send the newest snapshot next, made when the socket can take it; it replaces what is queued."""
        self._messages.clear()
        self._needs_snapshot = True
        self._wake_up()

    def close(self, code: int) -> None:
        """Say why in an already queued message or not at all, then close the socket with `code`."""
        if self._close_code is not None:
            return
        self._close_code = code
        if self._deadline is not None:
            loop = asyncio.get_running_loop()
            self._deadline.reschedule(loop.time() + _CLOSE_WITHIN_S)
        self._wake_up()

    def end(self) -> None:
        """Stop at once: the other side has gone."""
        self._is_over = True
        self._wake_up()

    async def deliver(self, send: Send) -> None:
        """Send what comes until closed or ended. Returns; a peer too slow even to close is given up."""
        try:
            async with asyncio.timeout(None) as self._deadline:
                while not self._is_over:
                    await self._send_queued(send)
                    if self._close_code is not None:
                        await send({"type": "websocket.close", "code": self._close_code})
                        return
                    await self._sleep()
        except TimeoutError:
            return
        finally:
            self._deadline = None

    async def _send_queued(self, send: Send) -> None:
        while not self._is_over:
            if self._messages:
                await send(self._messages.popleft())
            elif self._needs_snapshot and self._close_code is None:
                self._needs_snapshot = False
                await send(self._snapshot())
            else:
                return

    async def _sleep(self) -> None:
        if self._messages or self._needs_snapshot or self._is_over or self._close_code is not None:
            return
        self._wake = asyncio.get_running_loop().create_future()
        try:
            await self._wake
        finally:
            self._wake = None

    def _wake_up(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)
