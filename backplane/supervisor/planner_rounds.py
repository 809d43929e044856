"""Rounds of the planner: each chassis link sends what is due. Nothing is taken from a nudge; rows are read."""

import logging
from collections.abc import Sequence
from datetime import datetime

from backplane.slots.errors import StorageFull
from backplane.supervisor.chassis_link import ChassisLink
from backplane.supervisor.rounds import go_round

logger = logging.getLogger(__name__)


class PlannerRounds:
    """Asks each chassis link to plan; one that fails does not keep the others from their turn."""

    def __init__(self, links: Sequence[ChassisLink]) -> None:
        self._links = links

    async def run(self) -> None:
        """Go round until cancelled."""
        await go_round(self._round)

    async def _round(self) -> list[datetime]:
        """Let every link plan; return when some want to plan again."""
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
