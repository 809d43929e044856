"""Rounds of long work: power runs and guided swaps go on as hardware and clock want it.

Reads and writes rows alone, on a thread of its own; what a run or swap asks for goes out by the planner.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from backplane.bridge.database_thread import DatabaseThread
from backplane.bridge.moment import utc_now
from backplane.slots import services as slots
from backplane.slots.errors import StorageFull
from backplane.supervisor.rounds import go_round
from backplane.swaps import services as swaps

logger = logging.getLogger(__name__)

T = TypeVar("T")

# An event is painted first: it is on a screen within 20 ms of its nudge (docs/performance.md).
_SCREENS_FIRST_S = 0.03
# What failed is left alone for a while, so that its traces do not bury the log.
_REST = timedelta(seconds=5)
_LOOKING = 0  # no chassis: the question which ones have work


@dataclass(frozen=True, slots=True)
class Job:
    """One kind of long work. `chassis_ids` is asked each round and must cost one query."""

    name: str
    chassis_ids: Callable[[], Iterable[int]]
    advance: Callable[[int, datetime], datetime | None]  # returns when to look again at the latest


JOBS = (
    Job("power run", slots.chassis_with_runs, slots.advance_runs),
    Job("swap", swaps.chassis_with_swaps, swaps.advance),
)


class WorkRounds:
    """Lets every job go on in every chassis; one that fails never keeps the others from their turn."""

    def __init__(self, jobs: Sequence[Job] = JOBS) -> None:
        self._jobs = jobs
        self._thread = DatabaseThread("work")
        self._rests_until: dict[tuple[str, int], datetime] = {}

    async def run(self) -> None:
        """Go round until cancelled."""
        await go_round(lambda: self._thread.run(self._round), screens_first_s=_SCREENS_FIRST_S)

    def stop_thread(self) -> None:
        """End the database thread after its last transaction."""
        self._thread.stop()

    def _round(self) -> list[datetime]:
        """Go on with everything; return when some want to go on."""
        deadlines = [
            self._try(job, chassis_id, partial(self._advance, job, chassis_id))
            for job in self._jobs
            for chassis_id in self._try(job, _LOOKING, job.chassis_ids) or ()
        ]
        return [deadline for deadline in deadlines if deadline is not None]

    def _advance(self, job: Job, chassis_id: int) -> datetime | None:
        return job.advance(chassis_id, utc_now())

    def _try(self, job: Job, chassis_id: int, act: Callable[[], T]) -> T | None:
        """Return what `act` returns; None when it fails now, or failed a moment ago."""
        key = (job.name, chassis_id)
        now = utc_now()
        if self._rests_until.get(key, now) > now:
            return None
        where = (
            f"The {job.name} of chassis {chassis_id}" if chassis_id else f"Looking for a {job.name}"
        )
        try:
            return act()
        except StorageFull as error:
            logger.error("%s: %s", where, error)  # noqa: TRY400  (a trace each time would bury it)
        except Exception:
            logger.exception("%s failed", where)
        self._rests_until[key] = now + _REST
        return None
