"""Goes round and round: at each nudge, at the first deadline named, and each second. A nudge carries nothing."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from backplane.bridge.moment import utc_now
from backplane.slots import notify
from backplane.slots.records import Change

_ROUND_S = 1.0  # a lost nudge costs this much, never a command
_LEAST_PAUSE_S = 0.02  # a deadline that has passed must not make anybody spin

Round = Callable[[], Awaitable[Sequence[datetime]]]


def until_next_round_s(deadlines: Sequence[datetime], now: datetime) -> float:
    """Return how long to pause: to the first deadline (the next rail's turn, say), a second at the most."""
    first = min(((deadline - now).total_seconds() for deadline in deadlines), default=_ROUND_S)
    return min(max(first, _LEAST_PAUSE_S), _ROUND_S)


async def go_round(one_round: Round, *, screens_first_s: float = 0.0) -> None:
    """Call `one_round` for ever; it returns when it wants to be called again at the latest.

    `screens_first_s`: how long to stand back after a nudge, for what is in less of a hurry than the screens.
    """
    loop = asyncio.get_running_loop()
    nudged = asyncio.Event()

    def nudge(_change: Change) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has closed: nobody goes round any more
            loop.call_soon_threadsafe(nudged.set)

    notify.subscribe(nudge)
    try:
        while True:
            nudged.clear()
            pause_s = until_next_round_s(await one_round(), utc_now())
            if await _is_nudged_within(nudged, pause_s):
                await asyncio.sleep(screens_first_s)
    finally:
        notify.unsubscribe(nudge)


async def _is_nudged_within(nudged: asyncio.Event, pause_s: float) -> bool:
    try:
        async with asyncio.timeout(pause_s):
            await nudged.wait()
    except TimeoutError:
        return False
    return True
