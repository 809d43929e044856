"""The hub: one per process, it follows every chassis that somebody watches and tells all watchers.

One read and one rendering per change, however many sockets. What it hears is only ever a nudge to read;
a poll of the revisions each second is behind it, so that a lost message costs a second.
"""

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final

from channels.layers import BaseChannelLayer, get_channel_layer
from django.core.exceptions import ImproperlyConfigured

from backplane.live.mailbox import Mailbox
from backplane.live.pace import Pace, every
from backplane.live.records import ChassisRecord
from backplane.live.relay import CHANGE, TELEMETRY, Relay, group_name
from backplane.live.room import Room
from backplane.live.seen import Reading
from backplane.live.site import CLOSE_RESTART, Site
from backplane.live.source import DatabaseSource, Source
from backplane.live.watch import Watch
from backplane.slots import notify
from backplane.slots.durable import storage_is_ok
from backplane.slots.records import Change

logger = logging.getLogger(__name__)

CLOSE_UNKNOWN_CHASSIS: Final = 4404
_BURST_S: Final = 0.02  # changes closer than that are joined by one read of the screens' thread


def utc_now() -> datetime:
    return datetime.now(UTC)


class Hub:
    """Rooms by chassis, and the tasks that keep them true. Everything runs in one event loop."""

    def __init__(
        self,
        source: Source | None = None,
        layer: BaseChannelLayer | None = None,
        pace: Pace | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        layer = layer or get_channel_layer()
        if layer is None:
            raise ImproperlyConfigured("CHANNEL_LAYERS must name a default layer.")
        pace = pace or Pace()
        self.id = secrets.token_hex(8)  # `epoch` of the live protocol: another hub, another history
        self.source: Source = source or DatabaseSource()
        self.watch = Watch(self.source, pace)
        self.site = Site(self.source, layer, pace, now)
        self._layer: BaseChannelLayer = layer
        self._pace = pace
        self._now = now
        self._relay = Relay(self._layer)
        self._channel = ""
        self._ids: dict[str, int] = {}
        self._rooms: dict[int, Room] = {}
        self._doors: dict[int, asyncio.Lock] = {}
        self._dirty: set[int] = set()
        self._untold: set[int] = set()  # their state was told, alarms and history were not yet
        self._has_dirty = asyncio.Event()
        self._read_at_s: dict[int, float] = {}  # when a committing thread last read a chassis
        self._loop: asyncio.AbstractEventLoop | None = None
        self._flush: asyncio.TimerHandle | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to listen; the hub is then `current()`."""
        global _current  # noqa: PLW0603  (one hub a process: the consumer is made by the URL router and finds it here)
        self._channel = await self._layer.new_channel()
        self._loop = asyncio.get_running_loop()
        notify.subscribe(self._committed)  # before the relay: what was read here is told first
        self._relay.start()
        self.watch.start()
        await self.site.start()
        pace = self._pace
        work = (
            self._listen(),
            self._refresh_dirty(),
            every(pace.poll_s, self._poll),
            every(pace.beat_s, self._beat),
            every(pace.regroup_s, self._regroup),
        )
        self._tasks = [asyncio.create_task(each, name="live hub") for each in work]
        _current = self

    async def stop(self) -> None:
        """Close every socket as "restarting" and end all tasks."""
        global _current  # noqa: PLW0603  (see start)
        if _current is self:
            _current = None
        notify.unsubscribe(self._committed)
        for room in self._rooms.values():
            _close_all(room, CLOSE_RESTART)
        await self.site.stop()
        if self._flush is not None:
            self._flush.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.watch.stop()
        await self._relay.stop()
        await self.source.close()

    async def join(self, slug: str) -> "tuple[Room, Mailbox] | None":
        """Let a new mailbox follow a chassis; None when there is no such chassis.

        Whoever joins must leave().
        """
        chassis_id = self._ids.get(slug.casefold())
        if chassis_id is None:
            chassis_id = await self.source.find(slug)
        room = None if chassis_id is None else await self._room(chassis_id)
        if room is None:
            self._ids.pop(slug.casefold(), None)
            return None
        # From here to the return there is no await: the snapshot and the place in the room are one step.
        self._ids[slug.casefold()] = room.chassis_id
        mailbox = Mailbox(room.snapshot)
        room.join(mailbox, self.id, self._now())
        return room, mailbox

    async def leave(self, room: Room, mailbox: Mailbox) -> None:
        """Stop telling `mailbox`; a room that nobody watches is given up."""
        room.mailboxes.discard(mailbox)
        async with self._door(room.chassis_id):
            if not room.mailboxes and self._rooms.get(room.chassis_id) is room:
                del self._rooms[room.chassis_id]
                await self._layer.group_discard(group_name(room.chassis_id), self._channel)

    def change(self, chassis_id: int) -> None:
        """Read this chassis again soon, if anybody watches it."""
        if chassis_id in self._rooms:
            self._dirty.add(chassis_id)
            self._has_dirty.set()

    def telemetry(self, chassis_id: int, readings: dict[int, Reading], at: datetime) -> None:
        """Tell readings (0: the supply) to those who watch, together with others that come soon."""
        room = self._rooms.get(chassis_id)
        if room is None:
            return
        room.heard(at)
        room.take_readings(readings)
        if self._flush is None:
            loop = asyncio.get_running_loop()
            self._flush = loop.call_later(self._pace.telemetry_s, self._flush_readings)

    # -- rooms ---------------------------------------------------------------
    async def _room(self, chassis_id: int) -> Room | None:
        """Return the room of this chassis, opened if need be: first subscribe, then read."""
        async with self._door(chassis_id):
            room = self._rooms.get(chassis_id)
            if room is not None:
                return room
            await self._layer.group_add(group_name(chassis_id), self._channel)
            record = await self.source.chassis(chassis_id)
            if record is None:
                return None
            room = Room(record, await self.source.story(chassis_id), self._now())
            self._rooms[chassis_id] = room
            self.change(chassis_id)  # what was committed while we read
            return room

    def _door(self, chassis_id: int) -> asyncio.Lock:
        """Return the lock under which the room of a chassis is opened and given up."""
        return self._doors.setdefault(chassis_id, asyncio.Lock())

    async def _refresh(self, room: Room) -> None:
        """Read the chassis again: first what it is now, then, when that is on its way, what happened."""
        record = await self.source.chassis(room.chassis_id)
        if record is None:
            _close_all(room, CLOSE_UNKNOWN_CHASSIS)
            return
        room.refresh(record, self._now())
        # The sockets' turn: a thread that reads on would take the interpreter before they have sent it.
        await asyncio.sleep(0)
        if room.chassis_id in self._dirty and not room.story_is_due(self._now()):
            return  # changed again meanwhile: the state goes first, and that turn reads the story
        await self._tell_story(room)

    async def _tell_story(self, room: Room) -> None:
        self._untold.discard(room.chassis_id)
        room.take_story(await self.source.story(room.chassis_id), self._now())

    def _committed(self, change: Change) -> None:
        """Read a chassis that is watched where its change was committed: waking two threads costs more than the read.

        Runs in any thread. In a burst the ordinary way takes over, which joins what comes meanwhile.
        """
        chassis_id, now_s = change.chassis_id, time.monotonic()
        is_burst = now_s - self._read_at_s.get(chassis_id, float("-inf")) < _BURST_S
        if chassis_id not in self._rooms or is_burst or self._loop is None:
            return
        self._read_at_s[chassis_id] = now_s
        record = self.source.chassis_here(chassis_id)
        if record is not None:
            with contextlib.suppress(RuntimeError):  # the loop has closed: nobody is left to tell
                self._loop.call_soon_threadsafe(self._take, record)

    def _take(self, record: ChassisRecord) -> None:
        room = self._rooms.get(record.id)
        if room is not None:
            room.refresh(record, self._now())
            self._untold.add(record.id)
            self._has_dirty.set()

    def _flush_readings(self) -> None:
        self._flush = None
        for room in self._rooms.values():
            room.flush_readings(self._now())

    # -- tasks ---------------------------------------------------------------
    async def _listen(self) -> None:
        """Hear the layer, always at once: it drops silently what is not fetched."""
        while True:
            try:
                self._hear(await self._layer.receive(self._channel))
            except (
                Exception
            ):  # the layer is away (a restart, say): what it lost is found by reading
                logger.exception("The channel layer failed; next try in %g s", self._pace.retry_s)
                await asyncio.sleep(self._pace.retry_s)
                for chassis_id in self._rooms:
                    self.change(chassis_id)

    def _hear(self, message: dict[str, Any]) -> None:
        chassis_id: int = message["chassis"]
        if message["type"] == CHANGE:
            room = self._rooms.get(chassis_id)
            if room is not None and message["revision"] > room.seq:  # else it is told already
                self.change(chassis_id)
        elif message["type"] == TELEMETRY:
            at = datetime.fromtimestamp(message["at"], UTC)
            values = {
                int(slot): Reading(mv, ma, cdeg, at)
                for slot, (mv, ma, cdeg) in message["readings"].items()
            }
            self.telemetry(chassis_id, values, at)

    async def _refresh_dirty(self) -> None:
        while True:
            await self._has_dirty.wait()
            self._has_dirty.clear()
            while self._dirty or self._untold:
                if self._dirty:
                    await self._try(self._refresh, self._dirty.pop())
                # One chassis that changes without end keeps no other's alarms waiting.
                if late := self._late_stories():
                    await self._try(self._tell_story, late.pop())

    def _late_stories(self) -> set[int]:
        """Return the chassis whose alarms and history are to be read before any other's state."""
        if not self._dirty:
            return self._untold
        now, rooms = self._now(), self._rooms
        return {one for one in self._untold if one in rooms and rooms[one].story_is_due(now)}

    async def _try(self, act: Callable[[Room], Awaitable[None]], chassis_id: int) -> None:
        room = self._rooms.get(chassis_id)
        if room is None:
            self._untold.discard(chassis_id)
            return
        try:
            await act(room)
        except Exception:  # the poll finds the revision still behind and comes back to it
            logger.exception("Could not read chassis %s", chassis_id)

    async def _poll(self) -> None:
        """Find what no message told: revisions that moved on, and faces that time has changed."""
        pulses = await self.source.pulses(self._rooms) if self._rooms else {}
        now = self._now()
        for chassis_id, room in self._rooms.items():
            pulse = pulses.get(chassis_id)
            # A full disk cannot raise a revision: it is told past the database.
            is_told = room.storage_is_ok == storage_is_ok()
            is_told = is_told and not room.is_behind
            if pulse is None or pulse.revision != room.seq or not is_told:
                self.change(chassis_id)
            else:
                room.heard(pulse.seen_at)
            if room.is_due(now):
                room.retell(now)

    async def _beat(self) -> None:
        for room in self._rooms.values():
            room.beat(self._now())

    async def _regroup(self) -> None:
        for chassis_id in list(self._rooms):
            async with self._door(chassis_id):
                if chassis_id in self._rooms:
                    await self._layer.group_add(group_name(chassis_id), self._channel)


def _close_all(room: Room, code: int) -> None:
    for mailbox in room.mailboxes:
        mailbox.close(code)


_current: Hub | None = None


def current() -> Hub | None:
    """Return the hub that runs in this process, if one does."""
    return _current


async def ensure() -> Hub:
    """Return the running hub; start one where nobody has yet, as under a plain ASGI server."""
    hub = _current or Hub()
    if hub is not _current:
        await hub.start()
    return hub
