"""One open page of a swap, without a browser: its socket, the alert that this brings, and the card that is asked for then.

It does what static/js/swap/page.js does for somebody who follows: red at once, the card within a spread.
"""

import asyncio
import json
import random
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

_KEY = re.compile(r'data-key="([^"]*)"')
_VERSION = re.compile(r'data-version="(\d+)"')
_SPREAD_S, _SAID_SPREAD_S = 0.3, 2.0  # static/js/swap/rules.js


@dataclass
class SwapPage:
    """When it was told of an alarm, of the alert of its swap, and had the card, on the clock that all share."""

    host: str
    cookie: str
    swap: int
    told_at_s: float | None = None
    red_at_s: float | None = None
    shown_at_s: float | None = None
    told_ms: list[float] = field(default_factory=list)
    red_ms: list[float] = field(default_factory=list)
    shown_ms: list[float] = field(default_factory=list)
    key: str = ""
    version: int = 0
    wanted: int = 0

    @property
    def has_card(self) -> bool:
        return self.shown_at_s is not None

    def note_since(self, pulled_s: float) -> None:
        """Keep the delays of this pull, and begin anew."""
        moments = (self.told_at_s, self.red_at_s, self.shown_at_s)
        kept = (self.told_ms, self.red_ms, self.shown_ms)
        for at_s, delays in zip(moments, kept, strict=True):
            if at_s is not None:
                delays.append((at_s - pulled_s) * 1000)
        self.told_at_s = self.red_at_s = self.shown_at_s = None

    async def follow(self, connection: ClientConnection) -> None:
        """Hear the chassis; look at the card for each news, one request at a time, the last one never left out."""
        looking: asyncio.Task[None] | None = None
        async for text in connection:
            at_s = time.monotonic()
            message = json.loads(text)
            if message["type"] == "beat":
                await connection.send('{"type":"beat"}')
            part = message.get("chassis", {})
            if part.get("alarms"):
                self.told_at_s = self.told_at_s or at_s
            brief = next(
                (one for one in part.get("swaps", ()) if one["swap_id"] == self.swap), None
            )
            if brief is None:
                continue
            self.wanted = max(self.wanted, brief["version"])
            is_said = brief["is_alert"] and brief["lead"] != "" and brief["version"] > self.version
            if is_said:
                self.red_at_s = self.red_at_s or at_s
            if self.wanted > self.version and (looking is None or looking.done()):
                spread_s = _SAID_SPREAD_S if is_said else _SPREAD_S
                looking = asyncio.create_task(self._look(random.random() * spread_s))

    async def _look(self, wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        while self.version < self.wanted:
            html = await self._get(f"/w/{self.swap}/stage/")
            key, version = _KEY.search(html), _VERSION.search(html)
            assert key is not None, html[:300]
            assert version is not None, html[:300]
            self.key, self.version = key[1], int(version[1])
            self._note()

    def _note(self) -> None:
        if self.key.endswith("wrong_pull"):
            self.shown_at_s = self.shown_at_s or time.monotonic()

    async def _get(self, path: str) -> str:
        name, _, port = self.host.partition(":")
        reader, writer = await asyncio.open_connection(name, int(port))
        request = f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\nCookie: {self.cookie}\r\nConnection: close\r\n\r\n"
        writer.write(request.encode())
        answer = (await reader.read()).decode()
        writer.close()
        return answer


@asynccontextmanager
async def open_page(page: SwapPage, slug: str) -> AsyncIterator[SwapPage]:
    """Keep the page open."""
    async with connect(
        f"ws://{page.host}/ws/chassis/{slug}/",
        origin=Origin(f"http://{page.host}"),
        additional_headers={"Cookie": page.cookie},
        compression=None,
        proxy=None,
    ) as connection:
        following = asyncio.create_task(page.follow(connection))
        try:
            yield page
        finally:
            following.cancel()
