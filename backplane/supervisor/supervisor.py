"""Runs web server, hub, links, planner and long work in one event loop and stops them in order.

Nothing here, start or stop, sends a command to a board.
"""

import asyncio
import gc
import logging
import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from backplane import health
from backplane.bridge.beginning import forget_links
from backplane.bridge.lease import TakenHere
from backplane.bridge.rehearsal import SimulatorRehearsal, stop_simulators
from backplane.firmware_link.ports import parse_port
from backplane.live.hub import Hub
from backplane.slots import rehearsal
from backplane.supervisor.chassis_link import ChassisLink
from backplane.supervisor.children import keep_running
from backplane.supervisor.minute_rounds import MinuteRounds
from backplane.supervisor.netbox_rounds import NetBoxRounds
from backplane.supervisor.planner_rounds import PlannerRounds
from backplane.supervisor.web import WebServer, bind_socket, make_web_server
from backplane.supervisor.work_rounds import WorkRounds

logger = logging.getLogger(__name__)

_WEB_STOP_S = 1.5  # uvicorn gives open requests 1 s; the whole stop has to fit in 3 s
_CHILD_STOP_S = 1.0  # a BYE and a close; what takes longer is abandoned


@dataclass(frozen=True, slots=True)
class Options:
    """Where to listen, which ports to hold, where to keep data and recordings, and what serves the pages.

    `load_application` returns the ASGI application; called once the links have begun to open.
    """

    host: str
    port: int
    ports: tuple[str, ...]
    data_dir: Path
    load_application: Callable[[], object]
    record_to: Path | None = None


class Supervisor:
    """One run of the program. Binding and port URLs are checked before anything starts."""

    def __init__(self, options: Options) -> None:
        for url in options.ports:
            parse_port(url)
        self._options = options
        self._listener: socket.socket | None = bind_socket(options.host, options.port)
        self._web: WebServer | None = None
        self.links: tuple[ChassisLink, ...] = ()  # while it runs

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await self.run_until(stop)

    async def run_until(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set, then end every piece in order."""
        hub = Hub()
        await hub.start()
        await forget_links(self._options.ports)
        taken_here: TakenHere = {}
        data_dir, record_to = self._options.data_dir, self._options.record_to
        links = [ChassisLink(url, data_dir, taken_here, record_to) for url in self._options.ports]
        self.links = tuple(links)
        health.register("links", lambda: {link.port_url: link.report() for link in links})
        rehearsal.register(SimulatorRehearsal())
        web = asyncio.create_task(keep_running("web server", self._serve))
        planner = asyncio.create_task(keep_running("planner", PlannerRounds(links).run))
        long_work = WorkRounds()
        work = asyncio.create_task(keep_running("power runs and swaps", long_work.run))
        netbox = asyncio.create_task(keep_running("inventory", NetBoxRounds().run))
        minute_rounds = MinuteRounds()
        minutes = asyncio.create_task(keep_running("minutes of telemetry", minute_rounds.run))
        children = [
            asyncio.create_task(keep_running(f"link {link.port_url}", link.run)) for link in links
        ]
        self._greet()
        _keep_loaded_code_out_of_collections()
        await stop.wait()
        logger.info("Stopping. Slots keep their power.")
        await self._stop_web(web)
        await _end([netbox, work, minutes, planner])
        await _end(children)
        await hub.stop()
        long_work.stop_thread()
        minute_rounds.stop_thread()
        for link in links:
            link.stop_thread()
        stop_simulators()

    async def _serve(self) -> None:
        listener = self._listener or bind_socket(self._options.host, self._options.port)
        self._listener = None  # another try binds anew
        with listener:
            self._web = make_web_server(self._options.load_application())
            await self._web.serve([listener])

    async def _stop_web(self, task: asyncio.Task[None]) -> None:
        if self._web is not None:
            self._web.should_exit = True
            await asyncio.wait([task], timeout=_WEB_STOP_S)
        await _end([task])

    def _greet(self) -> None:
        host = f"[{self._options.host}]" if ":" in self._options.host else self._options.host
        shown = "localhost" if host in {"0.0.0.0", "[::]"} else host  # noqa: S104  (compared, not bound)
        logger.info("Backplane is at http://%s:%s/", shown, self._options.port)


def _keep_loaded_code_out_of_collections() -> None:
    """Let garbage collections skip what stays for the whole run: Django alone is half a million objects.

    One full collection over them takes longer than an event from the rack to the screen.
    """
    gc.collect()
    gc.freeze()


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        with suppress(TimeoutError):
            async with asyncio.timeout(_CHILD_STOP_S):
                await asyncio.gather(*tasks, return_exceptions=True)
