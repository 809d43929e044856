"""Waits for the board's HELLO on its host line, by listening only: it takes nobody for its host by that."""

import asyncio
import contextlib
from pathlib import Path

from backplane.firmware_link.errors import LinkError
from backplane.firmware_link.happenings import Ended, Greeted
from backplane.firmware_link.messages import Hello
from backplane.firmware_link.ports import open_port
from backplane.firmware_link.protocol import LinkProtocol
from backplane.firmware_link.session import Session

TRY_AGAIN_S = 0.5


async def wait_for_hello(url: str, within_s: float) -> Hello | None:
    """The first HELLO on this port; None when none comes. Raises LinkError when it cannot be opened."""
    hello: Hello | None = None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            while hello is None:
                hello = await _listen(url)
    return hello


async def _listen(url: str) -> Hello | None:
    session = Session(LinkProtocol(), await open_port(url, Path()), lambda _: None)
    session.start()
    try:
        while True:
            happening = await session.next_happening()
            if isinstance(happening, Greeted):
                return happening.hello
            if isinstance(happening, Ended):
                await asyncio.sleep(TRY_AGAIN_S)
                return None
    finally:
        await session.close()


__all__ = ["LinkError", "wait_for_hello"]
