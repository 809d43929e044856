"""One firmware update as a command follows it: asked for, watched, told line by line.

Where a server runs, its link carries the update out; where none does, this process holds the link meanwhile.
"""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from django.utils import timezone

from backplane.bridge.database_thread import DatabaseThread
from backplane.firmware_link.status import LinkState
from backplane.people.audit import Actor
from backplane.slots import services
from backplane.slots.models import Chassis, FirmwareUpdate
from backplane.supervisor.chassis_link import ChassisLink

LINK_UP_WITHIN_S = 20.0
_LOOK_EVERY_S = 0.3

Say = Callable[[str], None]
Request = Callable[[], FirmwareUpdate]


class NotReached(Exception):  # noqa: N818  (named for what happened)
    """The board cannot be reached; the text says why and what to do."""


class Watch:
    """Tells how an update goes on, each line once."""

    def __init__(self, update: FirmwareUpdate, say: Say) -> None:
        self._update = update
        self._say = say
        self._told = ""

    def look(self) -> bool:
        """Read the row; True while it goes on."""
        update = self._update
        services.give_up_untold(update.pk, timezone.now())
        update.refresh_from_db()
        line = self._line(update)
        if line and line != self._told and update.is_unfinished:
            self._told = line
            self._say(line)
        return update.is_unfinished

    def _line(self, update: FirmwareUpdate) -> str:
        if not update.size_bytes:
            return ""
        if update.sent_bytes >= update.size_bytes:
            return "All sent; the board checks it and restarts. Slots keep their power."
        tenth = update.sent_bytes * 10 // update.size_bytes
        return f"Sending version {update.version}: {tenth * 10} % of {update.size_bytes // 1024 + 1} kB"


def follow(request: Request, say: Say) -> FirmwareUpdate:
    """Let the server that runs carry it out."""
    update = request()
    watch = Watch(update, say)
    while watch.look():
        time.sleep(_LOOK_EVERY_S)
    return update


async def carry_out(
    port_url: str, data_dir: Path, request_for: Callable[[int], FirmwareUpdate], say: Say
) -> FirmwareUpdate:
    """Hold the link in this process until the update has ended. Raises NotReached and what a request raises."""
    link = ChassisLink(port_url, data_dir)
    thread = DatabaseThread("update_firmware")
    running = asyncio.create_task(link.run())
    try:
        await thread.run(services.forget_updates, timezone.now())
        await _until_up(link, say)
        chassis_id, _ = link.handler.lease.key
        update = await thread.run(request_for, chassis_id)
        watch = Watch(update, say)
        while await thread.run(watch.look):
            await link.plan()
            await asyncio.sleep(_LOOK_EVERY_S)
        return update
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        link.stop_thread()
        thread.stop()


async def _until_up(link: ChassisLink, say: Say) -> None:
    say(f"Opening {link.port_url} ...")
    deadline = asyncio.get_running_loop().time() + LINK_UP_WITHIN_S
    while not link.handler.is_up:
        status = link.link.status
        is_hopeless = status.kind in {
            LinkState.NO_PORT,
            LinkState.FORBIDDEN,
            LinkState.TAKEN,
            LinkState.REFUSED,
        }
        if is_hopeless or asyncio.get_running_loop().time() >= deadline:
            raise NotReached(status.message)
        await asyncio.sleep(_LOOK_EVERY_S)


def local_actor() -> Actor:
    """Who sits at this machine's command line."""
    return Actor(None, "command line", "", "local")


def chassis_on(port_url: str) -> Chassis | None:
    """Return the chassis that was last on a port, if one is known."""
    return Chassis.objects.filter(port_url=port_url).first()
