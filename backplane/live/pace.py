"""How often the hub does what. Values only; each with its reason."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """Periods in seconds; tests make them short."""

    poll_s: float = 1.0  # the longest that a lost message is noticed late
    beat_s: float = 2.0  # below the 3 s after which screens say "late"
    answer_within_s: float = 20.0  # ten beats without an answer: nobody is there
    telemetry_s: float = 0.05  # readings that come within this time travel together
    site_after_s: float = 0.01  # who looks at the chassis that changed is told first
    regroup_s: float = (
        60.0  # layers forget members: the in-memory one after an unread minute or a day
    )
    sweep_s: float = 60.0  # the longest that an expired session goes on watching
    retry_s: float = 1.0  # between tries of what failed


async def every(period_s: float, act: Callable[[], Awaitable[None]]) -> None:
    """Do `act` once a period, for ever; an error is logged and the next try comes in its time."""
    while True:
        await asyncio.sleep(period_s)
        try:
            await act()
        except Exception:  # a timer that dies silently would leave screens quietly wrong
            logger.exception("%s failed; next try in %g s", act.__qualname__, period_s)
