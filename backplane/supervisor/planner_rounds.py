"""Rounds of the planner: one at each nudge, one each second. A nudge carries nothing; rows are read."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from datetime import datetime

from backplane.bridge.handler import utc_now
from backplane.slots import notify
from backplane.slots.errors import StorageFull
from backplane.slots.records import Change
from backplane.supervisor.chassis_link import ChassisLink

logger = logging.getLogger(__name__)

_ROUND_S = 1.0  # a lost nudge costs this much, never a command
_LEAST_PAUSE_S = 0.02  # a deadline that has passed must not make the planner spin


def until_next_round_s(deadlines: Sequence[datetime], now: datetime) -> float:
    """Return how long to pause: to the first deadline (the next rail's turn, say), a second at the most."""
    first = min(((deadline - now).total_seconds() for deadline in deadlines), default=_ROUND_S)
    return min(max(first, _LEAST_PAUSE_S), _ROUND_S)


class PlannerRounds:
    """Asks each chassis link to plan; one that fails does not keep the others from their turn."""

    def __init__(self, links: Sequence[ChassisLink]) -> None:
        self._links = links
        self._nudged = asyncio.Event()

    async def run(self) -> None:
        """Go round until cancelled."""
        loop = asyncio.get_running_loop()

        def nudge(_change: Change) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has closed: nobody plans any more
                loop.call_soon_threadsafe(self._nudged.set)

        notify.subscribe(nudge)
        try:
            while True:
                pause_s = until_next_round_s(await self._round(), utc_now())
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause_s):
                        await self._nudged.wait()
        finally:
            notify.unsubscribe(nudge)

    async def _round(self) -> list[datetime]:
        """Let every link plan; return when some want to plan again."""
        self._nudged.clear()
        deadlines: list[datetime] = []
        for chassis_link in self._links:
            try:
                deadline = await chassis_link.plan()
                deadlines += [] if deadline is None else [deadline]
            except StorageFull as error:
                logger.error("%s: %s", chassis_link.port_url, error)  # noqa: TRY400  (a trace each second would bury it)
            except Exception:
                logger.exception("Planning for %s failed", chassis_link.port_url)
        return deadlines
