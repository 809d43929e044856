"""The alarms of every chassis, for browsers on pages that follow none. One per process, started by the hub.

Reads a chassis again when it changed, and only while somebody listens. Commands and states do not travel here.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

from channels.layers import BaseChannelLayer

from backplane.live import frames
from backplane.live.mailbox import Mailbox, Message
from backplane.live.pace import Pace, every
from backplane.live.relay import SITE_GROUP
from backplane.live.site_source import SiteAlarms, in_order
from backplane.live.source import Source

logger = logging.getLogger(__name__)

CLOSE_RESTART: Final = 1012  # RFC 6455's registry: "Service Restart"


class Site:
    """All who listen to the site, and what they were told last. Everything runs in one event loop."""

    def __init__(
        self, source: Source, layer: BaseChannelLayer, pace: Pace, now: Callable[[], datetime]
    ) -> None:
        self.mailboxes: set[Mailbox] = set()
        self._source = source
        self._layer = layer
        self._pace = pace
        self._now = now
        self._channel = ""
        self._alarms: SiteAlarms = {}
        self._revisions: dict[int, int] = {}
        self._snapshot: Message | None = None
        self._door = asyncio.Lock()
        self._reading = asyncio.Lock()
        self._is_open = False
        self._has_moved = False  # since it was told last; pages of history then look for themselves
        self._dirty: set[int] = set()
        self._has_dirty = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to listen; nothing is read before somebody joins."""
        self._channel = await self._layer.new_channel()
        pace = self._pace
        work = (
            self._listen(),
            self._read_dirty(),
            every(pace.poll_s, self._poll),
            every(pace.beat_s, self._beat),
            every(pace.regroup_s, self._regroup),
        )
        self._tasks = [asyncio.create_task(each, name="live site") for each in work]

    async def stop(self) -> None:
        """Close every socket as "restarting" and end all tasks."""
        for mailbox in self.mailboxes:
            mailbox.close(CLOSE_RESTART)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def join(self) -> Mailbox:
        """Let a new mailbox hear of every alarm. Whoever joins must leave()."""
        async with self._door:
            if not self._is_open:
                await self._layer.group_add(SITE_GROUP, self._channel)
                await self._read_all()
                self._is_open = True
        # From here to the return there is no await: the snapshot and the place are one step.
        mailbox = Mailbox(self.snapshot)
        mailbox.put(self.snapshot())
        self.mailboxes.add(mailbox)
        return mailbox

    async def leave(self, mailbox: Mailbox) -> None:
        """Stop telling `mailbox`; when nobody listens any more, nothing is read."""
        self.mailboxes.discard(mailbox)
        async with self._door:
            if not self.mailboxes and self._is_open:
                self._is_open = False
                await self._layer.group_discard(SITE_GROUP, self._channel)

    def snapshot(self) -> Message:
        """Return all alarms as last told; encoded once for all."""
        if self._snapshot is None:
            self._snapshot = frames.alarms(in_order(self._alarms), self._now())
        return self._snapshot

    async def _read_all(self) -> None:
        async with self._reading:
            self._revisions = await self._source.revisions()
            self._take(await self._source.site_alarms())

    async def _read(self, chassis_id: int) -> None:
        async with self._reading:
            found = await self._source.site_alarms(chassis_id)
            others = {pk: alarms for pk, alarms in self._alarms.items() if pk != chassis_id}
            self._take({**others, **found})

    def _take(self, alarms: SiteAlarms) -> None:
        if alarms == self._alarms and self._snapshot is not None:
            return
        self._alarms, self._snapshot = alarms, None
        for mailbox in self.mailboxes:
            mailbox.put(self.snapshot())

    async def _listen(self) -> None:
        """Hear the layer, always at once: it drops silently what is not fetched."""
        while True:
            try:
                message = await self._layer.receive(self._channel)
            except Exception:  # the layer is away; the poll finds what was missed
                logger.exception("The channel layer failed; next try in %g s", self._pace.retry_s)
                await asyncio.sleep(self._pace.retry_s)
            else:
                self._change(message["chassis"])

    def _change(self, chassis_id: int) -> None:
        if self._is_open:
            self._has_moved = True
            self._dirty.add(chassis_id)
            self._has_dirty.set()

    async def _read_dirty(self) -> None:
        """Read what changed, one chassis at a time: ten changes of one while it is read are one more read."""
        while True:
            await self._has_dirty.wait()
            await asyncio.sleep(self._pace.site_after_s)
            self._has_dirty.clear()
            while self._dirty:
                chassis_id = self._dirty.pop()
                try:
                    await self._read(chassis_id)
                except Exception:  # forgotten, so that the poll comes back to it
                    logger.exception("Could not read the alarms of chassis %s", chassis_id)
                    self._revisions.pop(chassis_id, None)

    async def _poll(self) -> None:
        """Find what no message told: a chassis that moved on, or is gone."""
        if not self._is_open:
            return
        revisions = await self._source.revisions()
        changed = [pk for pk, revision in revisions.items() if self._revisions.get(pk) != revision]
        self._revisions = revisions
        for chassis_id in changed + [pk for pk in self._alarms if pk not in revisions]:
            self._change(chassis_id)
        self._tell_moved()

    def _tell_moved(self) -> None:
        """Say that something happened somewhere, at most once a round, however much it was."""
        if self._has_moved:
            self._has_moved = False
            message = frames.moved(self._now())
            for mailbox in self.mailboxes:
                mailbox.put(message)

    async def _beat(self) -> None:
        message = frames.site_beat(self._now())
        for mailbox in self.mailboxes:
            mailbox.put(message)

    async def _regroup(self) -> None:
        async with self._door:
            if self._is_open:
                await self._layer.group_add(SITE_GROUP, self._channel)
