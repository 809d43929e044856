"""One firmware update from the first question to the verdict: sends an image, restarts the board, looks what came of it.

Knows asyncio and what a board answers; who the board is, where the image comes from and who is told are the
caller's. A link that goes away in the middle is waited for, and the update goes on where it stopped.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from backplane.firmware_link.codes import ResultCode
from backplane.firmware_link.commands import Order
from backplane.firmware_link.image import DIGEST_HEAD, Image
from backplane.firmware_link.messages import Result
from backplane.firmware_link.update_orders import (
    MAX_DATA,
    UpdateFault,
    UpdateOutcome,
    UpdateStatus,
    received_bytes,
    update_begin,
    update_commit,
    update_data,
    update_status,
)

IN_FLIGHT = 3  # of the four that the line carries: one place stays free for what a person asks
ASK_MS = 10_000
COMMIT_MS = 30_000  # the board reads all of it once more
BUSY_S = 60.0  # a power cycle or a shutdown under way ends within this, or a person decides
BUSY_AGAIN_S = 1.0
AWAY_S = 120.0  # a trial of 60 s, two restarts and the way back to the link
LOOK_AGAIN_S = 0.5
TRIES = 3


class BoardAway(Exception):  # noqa: N818  (named for what happened)
    """The answer will not come: the link went, or the board restarted."""


class UpdateFailed(Exception):  # noqa: N818  (named for what happened)
    """The text says what happened and what to do; the board runs what it ran before, unless it says otherwise."""


class Board(Protocol):
    """The board at the other end of a link."""

    async def ask(self, order: Order, expires_in_ms: int) -> Result:
        """Ask once; raises BoardAway."""

    async def wait_until_up(self) -> None:
        """Return when the board can be asked; at once if it can."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How it ended well. `folder` is the letter of the folder that runs."""

    version: str
    folder: str
    was_there: bool  # it ran already, nothing was sent


Progress = Callable[[int, int], Awaitable[None]]  # bytes the board has, bytes in all
ImageFor = Callable[[int], Awaitable[Image]]  # for the .mpy version that the board takes


class Updater:
    """One update. Call `run` once; cancelling it leaves the board as it is."""

    def __init__(self, board: Board, image_for: ImageFor, progress: Progress) -> None:
        self._board = board
        self._image_for = image_for
        self._progress = progress
        self._image: Image | None = None
        self._has_committed = False
        self._away_until: float | None = None  # since the last answer
        self._trial_until: float | None = None

    async def run(self, *, again: bool = False) -> Verdict:
        """Raises UpdateFailed. `again` sends it also when the board runs the very same."""
        for _ in range(TRIES):
            while True:
                try:
                    verdict = await self._attempt(again=again)
                except BoardAway:
                    await self._wait()
                    continue
                break
            if verdict is not None:
                return verdict
        raise UpdateFailed("The board took the update three times and never started it. Try again.")

    async def _wait(self) -> None:
        """Until the board may be asked again; an up link to a board that takes nothing is as good as none."""
        now = asyncio.get_running_loop().time()
        self._away_until = self._away_until or now + AWAY_S
        try:
            async with asyncio.timeout_at(self._away_until):
                await asyncio.sleep(LOOK_AGAIN_S)
                await self._board.wait_until_up()
        except TimeoutError as error:
            raise UpdateFailed(
                f"The board did not come back within {AWAY_S:.0f} s. Slots keep their power. Check the cable; "
                "it starts its former version by itself when the new one reaches no host."
            ) from error

    async def _attempt(self, *, again: bool) -> Verdict | None:
        """Everything from where it stands; None: it must be committed once more."""
        status = await self._status()
        image = self._image or await self._image_for(status.mpy)
        self._image = image
        head = image.digest[:DIGEST_HEAD]
        if self._has_committed and status.outcome_digest == head:
            if status.outcome == UpdateOutcome.ON_TRIAL:
                await self._look_later()
            return self._judge(status, image)
        if status.running_digest == head and not again:
            return Verdict(image.version, _letter(status), was_there=True)
        await self._send(image, await self._begin(image))
        await self._commit(image)
        raise BoardAway  # it restarts now

    async def _look_later(self) -> None:
        """It has yet to restart, or to confirm itself: its owner is here, so that takes no time."""
        now = asyncio.get_running_loop().time()
        self._trial_until = self._trial_until or now + AWAY_S
        if now >= self._trial_until:
            raise UpdateFailed(
                "The new version runs and could not confirm itself in its flash. It goes back to the former one by "
                "itself. Try again; if it fails again, replace the ESP32."
            )
        raise BoardAway

    async def _status(self) -> UpdateStatus:
        result = await self._board.ask(update_status(), ASK_MS)
        status = UpdateStatus.from_data(result.data)
        if result.code == ResultCode.E_OP:
            raise UpdateFailed(
                "This board has no two folders to update over the link. Connect its USB port and run "
                "`python manage.py install_firmware`."
            )
        if result.code != ResultCode.OK or status is None:
            raise UpdateFailed(f"The board did not say how it stands (code {result.code}).")
        self._away_until = None
        return status

    async def _begin(self, image: Image) -> UpdateStatus:
        result = await self._patiently(update_begin(image), ASK_MS)
        if result.code == ResultCode.E_STATE:
            raise UpdateFailed(
                "The version that runs is still on trial; wait a minute and try again."
            )
        self._check(result)
        status = UpdateStatus.from_data(result.data)
        if status is None:
            raise UpdateFailed("The board did not say where to begin.")
        return status

    async def _patiently(self, order: Order, expires_in_ms: int) -> Result:
        """Ask until the board is not busy with the power of a slot."""
        loop = asyncio.get_running_loop()
        until = loop.time() + BUSY_S
        while True:
            result = await self._board.ask(order, expires_in_ms)
            if result.code != ResultCode.E_BUSY:
                return result
            if loop.time() >= until:
                raise UpdateFailed(
                    "A slot is starting, cycling or shutting down, and an update waits for it. See which slot "
                    "it is, end that first, then try again."
                )
            await asyncio.sleep(BUSY_AGAIN_S)

    async def _send(self, image: Image, status: UpdateStatus) -> None:
        """Keep a few pieces in flight; the board says how far it has come, and the rest follows from there."""
        data = image.data
        stream = _Stream(data, status.received)
        try:
            while stream.have < len(data):
                await self._progress(stream.have, len(data))
                for offset, piece in stream.take():
                    stream.flights.add(asyncio.create_task(self._piece(offset, piece)))
                done, _ = await asyncio.wait(stream.flights, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    stream.landed(task)
        finally:
            for task in stream.flights:
                task.cancel()
            await asyncio.gather(*stream.flights, return_exceptions=True)
        await self._progress(len(data), len(data))

    async def _piece(self, offset: int, data: bytes) -> tuple[int, bool]:
        """How far the board has come, and whether it took this piece."""
        result = await self._board.ask(update_data(offset, data), ASK_MS)
        received = received_bytes(result.data)
        if received is not None and result.code in {ResultCode.OK, ResultCode.E_STATE}:
            return received, result.code == ResultCode.OK
        if result.code == ResultCode.E_STATE:
            raise BoardAway  # it no longer receives: begin again, it keeps what it has
        if result.code == ResultCode.E_HARDWARE:
            self._fail(await self._status())
        self._check(result)
        raise UpdateFailed("The board did not say how far it has come.")

    async def _commit(self, image: Image) -> None:
        try:
            result = await self._patiently(update_commit(image), COMMIT_MS)
        except BoardAway:
            self._has_committed = True  # its answer may have been lost by the restart
            raise
        if result.code == ResultCode.E_HARDWARE:
            self._fail(await self._status())
        if result.code == ResultCode.E_STATE:
            raise BoardAway  # it restarted in between: begin again, it keeps what it has
        self._check(result)
        self._has_committed = True

    def _check(self, result: Result) -> None:
        if result.code == ResultCode.OK:
            return
        status = UpdateStatus.from_data(result.data)
        if result.code == ResultCode.E_HARDWARE and status is not None:
            self._fail(status)
        raise UpdateFailed(_REFUSALS.get(result.code, f"The board refused (code {result.code})."))

    def _fail(self, status: UpdateStatus) -> None:
        words = _FAULTS.get(status.fault, "The board could not write the update (fault {fault}).")
        raise UpdateFailed(words.format(fault=status.fault, free=status.free_bytes // 1024))

    def _judge(self, status: UpdateStatus, image: Image) -> Verdict | None:
        if status.outcome == UpdateOutcome.CONFIRMED:
            return Verdict(image.version, _letter(status), was_there=False)
        if status.outcome == UpdateOutcome.NO_HOST:
            raise UpdateFailed(
                f"Version {image.version} started and reached no host within 60 s, so the board went back to its "
                "former version. Slots kept their power."
            )
        if status.outcome == UpdateOutcome.CRASHED:
            raise UpdateFailed(
                f"Version {image.version} stopped with an error, so the board went back to its former version. "
                "Slots kept their power. Its USB port shows the error."
            )
        if status.outcome == UpdateOutcome.HUNG:
            raise UpdateFailed(
                f"Version {image.version} kept hanging, so the board went back to its former version. "
                "Slots kept their power."
            )
        return None


class _Stream:
    """What is on its way. Behind a lost piece the board refuses all others: then it is begun from there."""

    def __init__(self, data: bytes, received: int) -> None:
        self.have = self._sent = received
        self.flights: set[asyncio.Task[tuple[int, bool]]] = set()
        self._data = data
        self._has_hole = False

    def take(self) -> list[tuple[int, bytes]]:
        """Offset and bytes of each piece to send now."""
        if self._has_hole and self.flights:
            return []
        if self._has_hole:
            self._has_hole, self._sent = False, self.have
        pieces: list[tuple[int, bytes]] = []
        while self._sent < len(self._data) and len(self.flights) + len(pieces) < IN_FLIGHT:
            pieces.append((self._sent, self._data[self._sent : self._sent + MAX_DATA]))
            self._sent += len(pieces[-1][1])
        return pieces

    def landed(self, task: asyncio.Task[tuple[int, bool]]) -> None:
        """Note an answer; raises what the piece raised, and then the flight is still counted."""
        received, is_taken = task.result()
        self.flights.discard(task)
        self.have = max(self.have, received)
        self._has_hole = self._has_hole or not is_taken


def _letter(status: UpdateStatus) -> str:
    return "AB"[status.running & 1]


_REFUSALS: dict[int, str] = {
    ResultCode.E_NOT_OWNER: "The board obeys another installation now.",
    ResultCode.E_EXPIRED: "The board restarted or the order came too late; nothing was changed. Try again.",
    ResultCode.E_STATE: "The board forgot this update. Try again; it goes on where it stopped.",
    ResultCode.E_BUSY: "The board is busy with a slot's power. Try again.",
    ResultCode.E_HARDWARE: "The board could not write the update to its flash. Try again.",
}
_FAULTS: dict[int, str] = {
    UpdateFault.NO_ROOM: "The flash of the board has no room: {free} kB are free. Remove files that are not Backplane's.",
    UpdateFault.FLASH: "The flash of the board does not take what is written. Try again; if it fails again, replace the ESP32.",
    UpdateFault.DIFFERS: "What is in the flash is not what was sent. Nothing was changed. Try again.",
    UpdateFault.OTHER_BOARD: "The image is for another kind of board. Nothing was changed.",
    UpdateFault.OTHER_PYTHON: "The image is compiled for another MicroPython than the board's. Nothing was changed.",
    UpdateFault.NO_MANIFEST: "The board cannot read the image's list of files. Nothing was changed.",
}
