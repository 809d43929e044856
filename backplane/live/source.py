"""Where the hub reads from: a Protocol, and the database behind it on threads of its own.

One thread reads for the screens and another looks up people, so that a crowd that signs in at once never
holds up a change. Nothing here runs on the event loop itself.
"""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import ParamSpec, Protocol, TypeVar

from django.db import close_old_connections, connections

from backplane.live.records import ChassisRecord, Story
from backplane.live.selectors import load_chassis_by_id
from backplane.live.site_source import SiteAlarms, load_site_alarms
from backplane.live.story import load_story
from backplane.live.visitor import Visitor, identify
from backplane.slots.models import Chassis

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pulse:
    """How far a chassis is, and when its board was last heard."""

    revision: int
    seen_at: datetime | None


class Source(Protocol):
    """What a hub must be able to look up. Every method may raise what the database raises."""

    async def find(self, slug: str) -> int | None:
        """Return the id of the chassis with this slug, in any case."""

    async def chassis(self, chassis_id: int) -> ChassisRecord | None: ...
    def chassis_here(self, chassis_id: int) -> ChassisRecord | None:
        """Read at once, in the thread that asks: one that has just committed and has a connection."""

    async def story(self, chassis_id: int) -> Story: ...
    async def pulses(self, chassis_ids: Iterable[int]) -> dict[int, Pulse]: ...
    async def site_alarms(self, chassis_id: int | None = None) -> SiteAlarms:
        """Return the alarms of this chassis, or of all, by chassis id; those without any are left out."""

    async def revisions(self) -> dict[int, int]:
        """Return how far every chassis is."""

    async def visitor(self, session_key: str) -> Visitor | None: ...
    async def close(self) -> None: ...


class DatabaseSource:
    """The database, read on two threads."""

    def __init__(self) -> None:
        self._screens = ThreadPoolExecutor(1, thread_name_prefix="live-screens")
        self._people = ThreadPoolExecutor(1, thread_name_prefix="live-people")

    async def find(self, slug: str) -> int | None:
        return await self._run(self._screens, _find, slug)

    async def chassis(self, chassis_id: int) -> ChassisRecord | None:
        return await self._run(self._screens, load_chassis_by_id, chassis_id)

    def chassis_here(self, chassis_id: int) -> ChassisRecord | None:
        return load_chassis_by_id(chassis_id)

    async def story(self, chassis_id: int) -> Story:
        return await self._run(self._screens, load_story, chassis_id)

    async def site_alarms(self, chassis_id: int | None = None) -> SiteAlarms:
        return await self._run(self._screens, load_site_alarms, chassis_id)

    async def revisions(self) -> dict[int, int]:
        return await self._run(self._screens, _revisions)

    async def pulses(self, chassis_ids: Iterable[int]) -> dict[int, Pulse]:
        return await self._run(self._screens, _pulses, tuple(chassis_ids))

    async def visitor(self, session_key: str) -> Visitor | None:
        return await self._run(self._people, identify, session_key)

    async def close(self) -> None:
        """Close both threads' connections and end the threads."""
        for executor in (self._screens, self._people):
            await self._run(executor, connections.close_all)
            executor.shutdown(wait=False)

    @staticmethod
    async def _run(
        executor: ThreadPoolExecutor, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        def call() -> T:
            try:
                return function(*args, **kwargs)
            except Exception:
                close_old_connections()  # a connection that failed is never used again
                raise

        return await asyncio.get_running_loop().run_in_executor(executor, call)


def _find(slug: str) -> int | None:
    return Chassis.objects.filter(slug__iexact=slug).values_list("pk", flat=True).first()


def _pulses(chassis_ids: tuple[int, ...]) -> dict[int, Pulse]:
    rows = Chassis.objects.filter(pk__in=chassis_ids).values_list("pk", "revision", "seen_at")
    return {pk: Pulse(revision, seen_at) for pk, revision, seen_at in rows}


def _revisions() -> dict[int, int]:
    return dict(Chassis.objects.values_list("pk", "revision"))
