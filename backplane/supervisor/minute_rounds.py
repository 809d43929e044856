"""Each minute, a moment after its end, what was measured in it goes into the database; old minutes leave it.

What cannot be written now is tried again for as long as memory keeps it. Nothing here touches a board.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from backplane.bridge.database_thread import DatabaseThread
from backplane.bridge.moment import utc_now
from backplane.slots.errors import StorageFull
from backplane.slots.services import minutes
from backplane.slots.telemetry import KEPT_FOR

logger = logging.getLogger(__name__)

_AFTER: Final = timedelta(seconds=2)  # readings of the minute's last second have come by then
_LET_GO_EACH: Final = timedelta(minutes=10)
_MOST_BATCHES: Final = 10  # a round; what is left then goes with the next, so that no backlog grows


class MinuteRounds:
    """`began`: minutes before it are not this process's to write."""

    def __init__(self, began: datetime | None = None) -> None:
        self._thread = DatabaseThread("minutes")
        self._next = minutes.floor_of(began or utc_now())
        self._let_go_at: datetime | None = None

    async def run(self) -> None:
        """Go round until cancelled; where nothing is to be kept, until nothing is."""
        if not settings.TELEMETRY_DAYS:
            while self._let_go_at is None:
                await self._thread.run(self._let_go, utc_now())
            return
        while True:
            due = minutes.floor_of(utc_now() - _AFTER) + minutes.MINUTE + _AFTER
            await asyncio.sleep(max((due - utc_now()).total_seconds(), 0.5))
            await self._thread.run(self.go_round, utc_now())

    def stop_thread(self) -> None:
        """End the database thread after its last transaction."""
        self._thread.stop()

    def go_round(self, now: datetime) -> None:
        """Write the minutes that are over; a full disk leaves them for the next round."""
        whole = minutes.floor_of(now - _AFTER)
        oldest = whole - KEPT_FOR + minutes.MINUTE
        self._next = min(max(self._next, oldest), whole)  # later only when the clock was set back
        try:
            while self._next < whole:
                minutes.write_minute(self._next)
                self._next += minutes.MINUTE
            self._let_go(now)
        except StorageFull as error:
            logger.error("Minutes of telemetry wait: %s", error)  # noqa: TRY400  (a trace each minute would bury it)

    def _let_go(self, now: datetime) -> None:
        if self._let_go_at is not None and now < self._let_go_at:
            return
        before = now - timedelta(days=settings.TELEMETRY_DAYS)
        batches = (minutes.let_go_of_minutes(before) for _ in range(_MOST_BATCHES))
        if any(count < minutes.LET_GO_AT_ONCE for count in batches):
            self._let_go_at = now + _LET_GO_EACH
