"""One port: its database thread, its handler, its link and its dispatcher, as one child of the supervisor."""

from datetime import UTC, datetime
from pathlib import Path

from backplane.bridge.database_thread import DatabaseThread
from backplane.bridge.dispatch import Dispatcher
from backplane.bridge.handler import ChassisHandler
from backplane.bridge.health import note_health
from backplane.bridge.lease import TakenHere
from backplane.firmware_link.link import Link
from backplane.live.relay import publish_telemetry


class ChassisLink:
    """`run` is the link itself; `plan` is called by the planner on each round."""

    def __init__(
        self,
        port_url: str,
        data_dir: Path,
        taken_here: TakenHere | None = None,
        record_to: Path | None = None,
    ) -> None:
        self.port_url = port_url
        self._thread = DatabaseThread(f"link {port_url}")
        self.handler = ChassisHandler(port_url, self._thread, publish_telemetry, taken_here)
        self.link = Link(port_url, self.handler, data_dir=data_dir, record_to=record_to)
        self.handler.age_of = self.link.age_s
        self._dispatcher = Dispatcher(self.handler, self.link, self._thread)

    async def run(self) -> None:
        """Hold the link until cancelled; then say BYE. A slot's power is no part of either."""
        try:
            await self.link.run()
        finally:
            await self._dispatcher.stop()

    async def plan(self) -> datetime | None:
        """Send what is due, close what has waited too long; return when to plan again at the latest."""
        handler = self.handler
        if handler.lease.is_held:
            note_health(
                handler.lease.key[0],
                self.link,
                is_up=handler.is_up,
                boot=handler.boot,
                now=datetime.now(UTC),
            )
        return await self._dispatcher.dispatch()

    def report(self) -> dict[str, object]:
        """Return what /healthz/ tells of this link after sign-in."""
        status, counters = self.link.status, self.link.counters
        return {
            "state": status.kind.value,
            "message": status.message,
            "good": counters.good,
            "bad": counters.bad,
            "lost": counters.lost,
            "resent": counters.resent,
            "round_trip_ms": counters.round_trip_ms,
        }

    def stop_thread(self) -> None:
        """End the database thread after its last transaction."""
        self._thread.stop()
