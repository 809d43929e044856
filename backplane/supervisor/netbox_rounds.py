"""Rounds of the inventory: NetBox is kept true on a thread of its own; its trouble is nobody else's."""

import asyncio
import contextlib
import logging
import threading
from datetime import datetime, timedelta

from django.db import connections

from backplane.bridge.moment import utc_now
from backplane.inventory import nudge
from backplane.inventory.keeper import Keeper

logger = logging.getLogger(__name__)

_AFTER_ERROR = timedelta(seconds=60)
_LEAST_PAUSE_S = 0.5  # nudges that come in a heap are one round
_LONGEST_PAUSE_S = 60.0


class NetBoxRounds:
    """Calls the keeper at each nudge and when it wants to be called. Nothing here raises."""

    def __init__(self, keeper: Keeper | None = None) -> None:
        self._keeper = keeper or Keeper()

    async def run(self) -> None:
        """Go round until cancelled."""
        loop = asyncio.get_running_loop()
        nudged = asyncio.Event()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has closed
                loop.call_soon_threadsafe(nudged.set)

        nudge.subscribe(wake)
        try:
            while True:
                nudged.clear()
                pause_s = (await self._on_thread() - utc_now()).total_seconds()
                await _wait(nudged, min(max(pause_s, _LEAST_PAUSE_S), _LONGEST_PAUSE_S))
        finally:
            nudge.unsubscribe(wake)

    async def _on_thread(self) -> datetime:
        """Tick on a thread that a stop of the program does not wait for: NetBox may take its time.

        What dies half-way is read again and written next time.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[datetime] = loop.create_future()

        def tick() -> None:
            wanted = self._tick()
            connections.close_all()
            with contextlib.suppress(RuntimeError):  # the loop has closed
                loop.call_soon_threadsafe(_tell, done, wanted)

        threading.Thread(target=tick, name="netbox", daemon=True).start()
        return await done

    def _tick(self) -> datetime:
        now = utc_now()
        try:
            return self._keeper.tick(now)
        except Exception:
            logger.exception("The inventory could not be kept; it is tried again")
            return now + _AFTER_ERROR


async def _wait(nudged: asyncio.Event, pause_s: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(pause_s):
            await nudged.wait()
    await asyncio.sleep(_LEAST_PAUSE_S)


def _tell(done: asyncio.Future[datetime], wanted: datetime) -> None:
    if not done.done():  # a stop has cancelled it
        done.set_result(wanted)
