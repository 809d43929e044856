"""Carries out firmware updates over the link of one chassis: rows to orders, answers to rows. Decides nothing.

The firmware is compiled here, for the MicroPython that the board says it has.
"""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable

from backplane.bridge.database_thread import DatabaseThread
from backplane.bridge.moment import utc_now
from backplane.firmware_link.commands import Order, OutgoingCommand
from backplane.firmware_link.image import Image, make_image
from backplane.firmware_link.messages import IF_EVENT_ANY, Result
from backplane.firmware_link.updater import BoardAway, UpdateFailed, Updater
from backplane.slots import services
from backplane.slots.models import FirmwareUpdate
from firmware.tools.compile_firmware import CannotCompile, firmware_files, firmware_version

logger = logging.getLogger(__name__)

# Below the ids of questions, above the 24 bits of commands.
_FIRST_ID = 0xFD000000
_ID_COUNT = 0x01000000
_LOOK_EVERY_S = 1.0
_TELL_EVERY_S = 1.0
_STOPPED = (
    "The program was stopped in the middle. The board goes on as it is; ask again, it continues."
)

Send = Callable[[OutgoingCommand], None]


def is_update(wire_id: int) -> bool:
    """Say whether a RESULT's id is that of an update's order."""
    return _FIRST_ID <= wire_id < _FIRST_ID + _ID_COUNT


class UpdateDesk:
    """Implements firmware_link.updater.Board over one link. Belongs to the link's loop."""

    def __init__(self) -> None:
        # The board remembers results by id, over our restarts too: begin elsewhere each time.
        self._count = secrets.randbelow(_ID_COUNT)
        self._send: Send = lambda _: None
        self._boot = 0
        self._is_up = asyncio.Event()
        self._asked: dict[int, asyncio.Future[Result]] = {}

    def connect(self, send: Send) -> None:
        """Let `send` carry the orders from now on."""
        self._send = send

    def link_up(self, boot: int) -> None:
        """The board of this boot can be asked. What the former boot was asked is lost."""
        self.link_down()
        self._boot = boot
        self._is_up.set()

    def link_down(self) -> None:
        """Nothing comes back any more."""
        self._is_up.clear()
        for wire_id in list(self._asked):
            self.answered(wire_id, None)

    def answered(self, wire_id: int, result: Result | None) -> None:
        """Hand an answer to whoever asked; None: it will not come."""
        asked = self._asked.pop(wire_id, None)
        if asked is None or asked.done():
            return
        if result is None:
            asked.set_exception(BoardAway())
        else:
            asked.set_result(result)

    async def wait_until_up(self) -> None:
        await self._is_up.wait()

    async def ask(self, order: Order, expires_in_ms: int) -> Result:
        if not self._is_up.is_set():
            raise BoardAway
        self._count = (self._count + 1) % _ID_COUNT
        wire_id = _FIRST_ID + self._count
        asked: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._asked[wire_id] = asked
        self._send(OutgoingCommand(wire_id, order, self._boot, expires_in_ms, IF_EVENT_ANY))
        try:
            return await asked
        finally:
            self._asked.pop(wire_id, None)


class UpdateRunner:
    """Looks for an update that is asked for, and carries out one at a time."""

    def __init__(self, desk: UpdateDesk, thread: DatabaseThread) -> None:
        self._desk = desk
        self._thread = thread
        self._task: asyncio.Task[None] | None = None
        self._looked_at_s = float("-inf")

    async def look(self, chassis_id: int) -> None:
        """Begin what is asked for, at most one look each second."""
        now_s = asyncio.get_running_loop().time()
        is_running = self._task is not None and not self._task.done()
        if is_running or now_s - self._looked_at_s < _LOOK_EVERY_S:
            return
        self._looked_at_s = now_s
        update = await self._thread.run(services.claim_update, chassis_id, utc_now())
        if update is not None:
            self._task = asyncio.create_task(self._run(update))

    async def stop(self) -> None:
        """End what runs; the board goes on as it is, and a later update continues there."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, update: FirmwareUpdate) -> None:
        outcome, is_done = _STOPPED, False
        progress = _Progress(update, self._thread)
        telling = asyncio.create_task(progress.tell())
        updater = Updater(self._desk, progress.image_for, progress.note)
        try:
            verdict = await updater.run(again=update.again)
        except (UpdateFailed, CannotCompile) as error:
            outcome = str(error)
        except Exception as error:
            logger.exception("The update of %s failed", update.chassis.slug)
            outcome = f"The update failed: {error}"
        else:
            word = "already runs" if verdict.was_there else "runs now"
            outcome = f"Version {verdict.version} {word}, in folder {verdict.folder}."
            is_done = True
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
            await self._thread.run(
                services.end_update, update.pk, outcome, utc_now(), is_done=is_done
            )
            logger.info("Firmware of %s: %s", update.chassis.slug, outcome)


class _Progress:
    """Writes how far it is, each second: also while the board is away, as a sign of life."""

    def __init__(self, update: FirmwareUpdate, thread: DatabaseThread) -> None:
        self._update = update
        self._thread = thread
        self._version = ""
        self._have = self._size = 0

    async def image_for(self, mpy: int) -> Image:
        image = await compile_image(self._update.chassis.board_name, mpy)
        self._version = image.version
        return image

    async def note(self, have: int, size: int) -> None:
        self._have, self._size = have, size

    async def tell(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                await asyncio.sleep(_TELL_EVERY_S)
                told = (self._version, self._have, self._size)
                await self._thread.run(services.note_update, self._update.pk, *told, utc_now())


async def compile_image(board: str, mpy: int) -> Image:
    """Make the image away from the loop: a Raspberry Pi takes seconds. Raises CannotCompile."""
    return await asyncio.to_thread(_compile, board, mpy)


def _compile(board: str, mpy: int) -> Image:
    return make_image(firmware_files(board, mpy), firmware_version(), board, mpy & 0xFF)
