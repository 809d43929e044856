"""The link to one board, for ever: opens, greets, hands on in order, reconnects with back-off.

Knows asyncio and the handler's promises, no bytes. An event is acknowledged only after the handler
has committed it; a handler that fails is asked again and never ends the link.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from backplane.firmware_link.backoff import BackOff
from backplane.firmware_link.commands import OutgoingCommand
from backplane.firmware_link.delivery import Delivery, notify
from backplane.firmware_link.device_watch import DeviceWatch
from backplane.firmware_link.errors import (
    BadPortUrl,
    LinkError,
    LinkRefused,
    PortForbidden,
    PortMissing,
    PortTaken,
)
from backplane.firmware_link.handler import LinkHandler
from backplane.firmware_link.happenings import Admission, CommandLost, Ended, Greeted, Owned
from backplane.firmware_link.messages import Telemetry
from backplane.firmware_link.port_finder import FIRST_HELLO_S, PortFinder
from backplane.firmware_link.ports import open_port
from backplane.firmware_link.protocol import LinkProtocol
from backplane.firmware_link.recording import RecordingTransport, begin_recording
from backplane.firmware_link.session import Session
from backplane.firmware_link.status import LinkCounters, LinkState, LinkStatus
from backplane.firmware_link.transport import Transport

__all__ = ["Admission", "Link", "LinkHandler"]

logger = logging.getLogger(__name__)

OpenTransport = Callable[[str, Path], Awaitable[Transport]]

STEADY_S = 5.0  # up for so long: the next loss is a new one, and tried again quickly

_OPEN_ERRORS: dict[type[LinkError], LinkState] = {
    PortMissing: LinkState.NO_PORT,
    BadPortUrl: LinkState.NO_PORT,
    PortForbidden: LinkState.FORBIDDEN,
    PortTaken: LinkState.TAKEN,
}
_NOT_THERE = {LinkState.NO_PORT, LinkState.TAKEN, LinkState.FORBIDDEN}


class Link:
    """`run` it in a task of its own; everything else is called on the same loop."""

    def __init__(
        self,
        port_url: str,
        handler: LinkHandler,
        *,
        data_dir: Path,
        open_transport: OpenTransport = open_port,
        record_to: Path | None = None,
    ) -> None:
        self.port_url = port_url
        self.counters = LinkCounters()
        self.status = LinkStatus(LinkState.OPENING, f"Opening {port_url}.", 0.0)
        self._handler = handler
        self._data_dir = data_dir
        self._open_transport = open_transport
        self._finder = PortFinder(port_url, data_dir)
        self._record_to = record_to
        self._session: Session | None = None
        self._strays: deque[CommandLost] = deque()
        self._wake = asyncio.Event()
        self._is_nudged = False
        self._back_off = BackOff()
        self._told: tuple[LinkState, str] | None = None

    # What others call.

    async def run(self) -> None:
        """Until cancelled; then says BYE and closes the port."""
        watch = DeviceWatch(self._device_appeared)
        watch.start()
        try:
            while True:
                ended = await self._one_session()
                await self._tell_down(ended)
                await self._pause(ended.kind)
        finally:
            watch.stop()

    def send(self, command: OutgoingCommand) -> None:
        """Its end comes as command_done or command_lost, also when there is no link."""
        if self._session is None or self._session.is_over:
            self._strays.append(CommandLost(command.id, "there is no link to the board"))
            self._wake.set()
            return
        self._session.protocol.send_command(command, asyncio.get_running_loop().time())
        self._session.pump()

    def request_state(self) -> None:
        """A fresh STATE, ahead of the one that comes each 5 s."""
        if self._session is not None:
            self._session.protocol.request_state(asyncio.get_running_loop().time())
            self._session.pump()

    def resume(self) -> None:
        """Try again now; the only way back after another server took the board over."""
        self._back_off.reset()
        self._is_nudged = True
        self._wake.set()

    def age_s(self, boot: int, uptime_ms: int) -> float | None:
        """How long ago that was on the board; None for a boot that is not the present one."""
        if self._session is None:
            return None
        now = asyncio.get_running_loop().time()
        return self._session.protocol.clock.age_s(boot, uptime_ms, now)

    # One session, and what lies between two.

    async def _one_session(self) -> Ended:
        await self._tell_strays()
        self._is_nudged = False
        ended = await self._session_on(self.port_url)
        for url in await self._finder.elsewhere(ended.kind):
            elsewhere = await self._session_on(url)
            if elsewhere.kind not in _NOT_THERE:
                return elsewhere
        return ended

    async def _session_on(self, url: str) -> Ended:
        try:
            transport = await self._open_transport(url, self._data_dir)
        except LinkError as error:
            return Ended(_OPEN_ERRORS.get(type(error), LinkState.LOST), str(error))
        except Exception as error:
            logger.exception("%s could not be opened", url)
            return Ended(LinkState.LOST, f"{url} could not be opened: {error}")
        if self._record_to is not None:
            transport = RecordingTransport(
                transport, partial(begin_recording, self._record_to, url)
            )
        session = Session(LinkProtocol(self.counters), transport, self._telemetry)
        self.counters.sessions += 1
        self._session = session
        try:
            session.start()
            if url != self.port_url and not await self._is_one_of_ours(session):
                return Ended(LinkState.NO_PORT, f"None of our boards answers on {url}.")
            return await self._serve(session, url)
        finally:
            self._session = None
            await session.close()

    async def _is_one_of_ours(self, session: Session) -> bool:
        """Whether a board that was here before is the first to answer; so far we only listen."""
        try:
            async with asyncio.timeout(FIRST_HELLO_S):
                first = await session.peek()
        except TimeoutError:
            return False
        return isinstance(first, Greeted) and self._finder.is_known(first.hello.board_id)

    async def _serve(self, session: Session, url: str) -> Ended:
        delivery = Delivery(self._handler, session, self.port_url)
        while True:
            happening = await session.next_happening()
            if isinstance(happening, Ended):
                return happening
            if isinstance(happening, Owned):
                self._come_up(happening, url)
            try:
                await delivery.deliver(happening)
            except LinkRefused as refusal:
                return Ended(LinkState.REFUSED, str(refusal))
            except Exception as error:
                logger.exception("The link's handler failed to admit the board")
                return Ended(LinkState.REFUSED, f"The board could not be admitted: {error}")

    def _come_up(self, owned: Owned, url: str) -> None:
        self._told = None
        message = f"Connected on {url}."
        if url != self.port_url:
            message = f"Connected on {url}: this board was on {self.port_url} before."
        self._set_status(LinkState.UP, message)
        self._finder.note(url, owned.hello.board_id)

    async def _tell_down(self, ended: Ended) -> None:
        now = asyncio.get_running_loop().time()
        if self.status.kind is LinkState.UP and now - self.status.since >= STEADY_S:
            self._back_off.reset()
        message = ended.message
        if ended.kind in {LinkState.SILENT, LinkState.LOST} and self.port_url not in message:
            message = f"{self.port_url}: {message}"
        self._set_status(ended.kind, message)
        news = (ended.kind, message)
        status = self.status
        if news != self._told and await notify(lambda: self._handler.link_down(status)):
            self._told = news

    async def _pause(self, kind: LinkState) -> None:
        """The back-off; for ever when another server has the board, until `resume`."""
        loop = asyncio.get_running_loop()
        seconds = None if kind is LinkState.SUPERSEDED else self._back_off.next_s()
        deadline = None if seconds is None else loop.time() + seconds
        if kind is LinkState.SUPERSEDED:
            self._is_nudged = False  # a nudge from before says nothing about who has the board now
        while not self._is_nudged:
            await self._tell_strays()
            try:
                async with asyncio.timeout_at(deadline):
                    await self._wake.wait()
            except TimeoutError:
                return
            self._wake.clear()

    async def _tell_strays(self) -> None:
        while self._strays:
            stray = self._strays.popleft()
            await notify(partial(self._handler.command_lost, stray.command_id, stray.why))

    def _device_appeared(self) -> None:
        if self.status.kind is not LinkState.SUPERSEDED:
            self._is_nudged = True
            self._wake.set()

    def _telemetry(self, telemetry: Telemetry) -> None:
        try:
            self._handler.telemetry_reported(telemetry)
        except Exception:
            logger.exception("The link's handler failed on telemetry")

    def _set_status(self, kind: LinkState, message: str) -> None:
        self.status = LinkStatus(kind, message, asyncio.get_running_loop().time())
