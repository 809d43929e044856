"""Carries news of this process to the hubs of all processes, over the channel layer.

Changes come from any thread, after their commit; readings come from the link. Nothing here blocks the
giver, and what waits is bounded: one change and one set of readings for each chassis, the newest.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from channels.layers import BaseChannelLayer

from backplane.slots import notify
from backplane.slots.records import Change
from backplane.slots.telemetry import Reading

logger = logging.getLogger(__name__)

CHANGE = "live.change"
TELEMETRY = "live.telemetry"
SITE_GROUP = "live.site"  # hears of changes of any chassis, never of readings

_current: "Relay | None" = None


def group_name(chassis_id: int) -> str:
    """Return the layer's group of all who follow this chassis."""
    return f"live.chassis.{chassis_id}"


def publish_telemetry(chassis_id: int, readings: Mapping[int, Reading], at: datetime) -> None:
    """Pass on readings by slot number (0: the supply), from any thread; lost when no relay runs.

    They also say that the chassis was heard at `at`; an empty mapping says only that.
    """
    relay = _current
    if relay is not None:
        relay.take_telemetry(chassis_id, readings, at)


class Relay:
    """The one sender of this process; runs in the event loop that started it."""

    def __init__(self, layer: BaseChannelLayer) -> None:
        self._layer = layer
        self._lock = threading.Lock()
        self._changes: dict[int, Change] = {}
        self._telemetry: dict[int, dict[str, Any]] = {}
        self._news = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen to committed changes and to send; call in the loop that shall send."""
        global _current  # noqa: PLW0603  (one relay a process, found by the link without being handed around)
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._send_news(), name="live relay")
        notify.subscribe(self.take_change)
        _current = self

    async def stop(self) -> None:
        """Stop listening and sending; what was not sent is in the database."""
        global _current  # noqa: PLW0603  (see start)
        notify.unsubscribe(self.take_change)
        if _current is self:
            _current = None
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def take_change(self, change: Change) -> None:
        """Send `change` soon; two of one chassis become one, since receivers read the database anyway."""
        with self._lock:
            waiting = self._changes.get(change.chassis_id)
            if waiting is not None:
                numbers = tuple(sorted({*waiting.slot_numbers, *change.slot_numbers}))
                revision = max(waiting.revision, change.revision)
                change = Change(change.chassis_id, numbers, revision)
            self._changes[change.chassis_id] = change
        self._nudge()

    def take_telemetry(
        self, chassis_id: int, readings: Mapping[int, Reading], at: datetime
    ) -> None:
        """Send readings soon; of each slot only the newest."""
        values = {str(slot): [r.mv, r.ma, r.cdeg] for slot, r in readings.items()}
        with self._lock:
            waiting = self._telemetry.setdefault(chassis_id, {"readings": {}})
            waiting["readings"].update(values)
            waiting["at"] = at.timestamp()
        self._nudge()

    def _nudge(self) -> None:
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has closed: nobody is left to tell
                self._loop.call_soon_threadsafe(self._news.set)

    async def _send_news(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            for chassis_id, message in self._take_messages():
                try:
                    await self._layer.group_send(group_name(chassis_id), message)
                    if message["type"] == CHANGE:
                        await self._layer.group_send(SITE_GROUP, message)
                except Exception:  # the layer's trouble: hubs find the revision by polling
                    logger.exception("Could not pass on news of chassis %s.", chassis_id)

    def _take_messages(self) -> list[tuple[int, dict[str, Any]]]:
        with self._lock:
            changes, self._changes = self._changes, {}
            telemetry, self._telemetry = self._telemetry, {}
        messages: list[tuple[int, dict[str, Any]]] = [
            (
                chassis_id,
                {
                    "type": CHANGE,
                    "chassis": chassis_id,
                    "slots": list(change.slot_numbers),
                    "revision": change.revision,
                },
            )
            for chassis_id, change in changes.items()
        ]
        messages.extend(
            (chassis_id, {"type": TELEMETRY, "chassis": chassis_id, **told})
            for chassis_id, told in telemetry.items()
        )
        return messages
