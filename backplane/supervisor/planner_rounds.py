"""Rounds of the planner: one at each nudge, one each second. A nudge carries nothing; rows are read."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence

from backplane.slots import notify
from backplane.slots.errors import StorageFull
from backplane.slots.records import Change
from backplane.supervisor.chassis_link import ChassisLink

logger = logging.getLogger(__name__)

_ROUND_S = 1.0  # a lost nudge costs this much, never a command


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
                await self._round()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_ROUND_S):
                        await self._nudged.wait()
        finally:
            notify.unsubscribe(nudge)

    async def _round(self) -> None:
        self._nudged.clear()
        for chassis_link in self._links:
            try:
                await chassis_link.plan()
            except StorageFull as error:
                logger.error("%s: %s", chassis_link.port_url, error)  # noqa: TRY400  (a trace each second would bury it)
            except Exception:
                logger.exception("Planning for %s failed", chassis_link.port_url)
