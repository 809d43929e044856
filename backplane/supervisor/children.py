"""Keeps each long-running piece alive on its own: a failing child never takes its siblings down."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

logger = logging.getLogger(__name__)

_FIRST_PAUSE_S = 0.5  # long enough not to spin, short enough that nobody notices one failure
_LONGEST_PAUSE_S = 30  # a child that fails for ever costs two log lines a minute
_SETTLED_S = 60  # a child that ran this long starts again with the first pause


async def keep_running(name: str, child: Callable[[], Awaitable[None]]) -> None:
    """Run `child` for ever; after an error wait (doubling, with jitter) and start it anew.

    Ends only by cancellation. A child that returns is done and is not started again.
    """
    pause_s = _FIRST_PAUSE_S
    loop = asyncio.get_running_loop()
    while True:
        started = loop.time()
        try:
            await child()
        except Exception:
            logger.exception("%s failed; it starts again in %.1f s", name, pause_s)
        else:
            return
        if loop.time() - started > _SETTLED_S:
            pause_s = _FIRST_PAUSE_S
        await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311  (jitter, not secrecy)
        pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
