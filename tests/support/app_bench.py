"""The assembled app in the test's process: the real supervisor with its web server, links, planner and hub.

It runs on a loop of its own thread; tests look at it through its database, its pages and its sockets.
"""

import asyncio
import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.test import Client
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from backplane import health
from backplane.asgi import application
from backplane.people.models import User
from backplane.people.roles import Role
from backplane.slots import durable
from backplane.slots.models import Chassis, Command, HardwareEvent, Slot
from backplane.slots.telemetry import store
from backplane.supervisor import Options, Supervisor
from backplane.supervisor.chassis_link import ChassisLink
from tests.support.loop_thread import PATIENCE_S, LoopThread, until
from tests.support.rack_bench import Rack

JSON = {"Accept": "application/json"}


class App:
    """One installation. `start` and `stop` as often as needed; the database stays."""

    def __init__(self, loop: LoopThread, data_dir: Path) -> None:
        self.data_dir = data_dir
        self._loop = loop
        self._supervisor: Supervisor | None = None
        self._stop: asyncio.Event | None = None
        self._done: asyncio.Future[None] | None = None
        self.port = 0

    def start(self, *port_urls: str) -> None:
        """Run on these ports."""
        options = Options("127.0.0.1", 0, port_urls, self.data_dir, lambda: application)
        self._supervisor = Supervisor(options)
        listener = self._supervisor._listener
        assert listener is not None
        self.port = listener.getsockname()[1]
        self._loop.call(self._begin)
        until(lambda: len(self.links) == len(port_urls), "the links")

    def _begin(self) -> None:
        assert self._supervisor is not None
        self._stop = asyncio.Event()
        self._done = asyncio.ensure_future(self._supervisor.run_until(self._stop))

    def stop(self) -> None:
        """Stop as SIGTERM does; nothing happens if it does not run."""
        if self._stop is None:
            return
        stop, done = self._stop, self._done
        self._stop = self._supervisor = None

        async def end() -> None:
            stop.set()
            if done is not None:
                await done

        self._loop.run(end())

    @property
    def links(self) -> tuple[ChassisLink, ...]:
        return () if self._supervisor is None else self._supervisor.links

    def link_of(self, rack: Rack) -> ChassisLink:
        return next(link for link in self.links if link.port_url == rack.port_url)

    # -- sockets and pages ------------------------------------------------------
    @contextlib.contextmanager
    def socket(self, client: Client, slug: str) -> Iterator["Screen"]:
        """Open the live socket of a chassis as this client's browser would."""
        host = f"127.0.0.1:{self.port}"
        cookie = f"sessionid={client.cookies['sessionid'].value}"
        url = f"ws://{host}/ws/chassis/{slug}/"
        with connect(
            url,
            origin=Origin(f"http://{host}"),
            additional_headers={"Cookie": cookie},
            open_timeout=PATIENCE_S,
            proxy=None,
        ) as connection:
            yield Screen(connection)


class Screen:
    """The browser's end of a live socket."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    def say(self, text: str) -> None:
        self._connection.send(text)

    def hear(self, *types: str) -> dict[str, Any]:
        """Return the next message of one of these types."""
        while True:
            said: dict[str, Any] = json.loads(self._connection.recv(PATIENCE_S))
            if said["type"] in types:
                return said

    def hear_warning(self, key: str, *, is_there: bool) -> str:
        """Wait until the chassis has, or no more has, this warning; return its text."""
        while True:
            said = self.hear("snap", "delta")
            warnings = {each["key"]: each["text"] for each in said["chassis"]["warnings"]}
            if (key in warnings) == is_there:
                return str(warnings.get(key, ""))

    def close_code(self) -> int | None:
        """Return the code of the close that comes, after whatever comes before it."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                self._connection.recv(PATIENCE_S)
        return self._connection.close_code


class Stage:
    """Racks, the app, and people at its pages."""

    def __init__(self, folder: Path) -> None:
        self.loop = LoopThread()
        self.folder = folder
        self.app = App(self.loop, folder / "data")
        self.racks: list[Rack] = []

    def rack(self, name: str = "bench") -> Rack:
        """Put up a rack; nobody is connected to it yet."""
        rack = Rack(self.loop, self.folder / "racks" / name, name)
        self.racks.append(rack)
        return rack

    def running(self, name: str = "bench") -> Rack:
        """Return a rack that the app is connected to and has seen whole."""
        rack = self.rack(name)
        self.app.start(rack.port_url)
        self.wait_until_seen(rack)
        return rack

    def chassis(self, rack: Rack) -> Chassis:
        return Chassis.objects.get(board_id=rack.board_id)

    def slot(self, rack: Rack, number: int) -> Slot:
        return Slot.objects.get(chassis__board_id=rack.board_id, number=number)

    def events(self, rack: Rack) -> list[HardwareEvent]:
        return list(HardwareEvent.objects.filter(board_id=rack.board_id).order_by("number"))

    def wait_until_seen(self, rack: Rack) -> None:
        """Wait until the link is up, no event is on its way and every slot is known."""

        def is_seen() -> bool:
            chassis = Chassis.objects.filter(board_id=rack.board_id).first()
            return (
                chassis is not None
                and self.app.link_of(rack).handler.is_up
                and chassis.link_is_up
                and chassis.cursor == rack.journal().next - 1
                and not chassis.slots.filter(state="M7").exists()
            )

        until(is_seen, f"the link to {rack.name} and the state of its slots")

    def wait_for_link(self, rack: Rack, state: str) -> str:
        """Wait until the chassis's link is in this state; return what the page says of it."""
        until(lambda: self.chassis(rack).link_state == state, f"a link that is {state}")
        return self.chassis(rack).link_message

    def wait_for_end(self, command_id: int) -> Command:
        def is_over() -> bool:
            return not Command.objects.get(pk=command_id).is_unfinished

        until(is_over, "the end of the command")
        return Command.objects.get(pk=command_id)

    def person(self, name: str = "ben", role: Role = Role.OPERATOR) -> Client:
        """Return the signed-in browser of a new person."""
        client = Client()
        client.force_login(User.objects.create_user(name, password="x", role=role))
        return client

    def ask(self, client: Client, rack: Rack, number: int, op: str, **more: str) -> Any:  # noqa: ANN401  (a test client's answer)
        """Press a slot's button, having seen its newest state."""
        seen = Chassis.objects.values_list("revision", flat=True).get(board_id=rack.board_id)
        path = f"/c/{self.chassis(rack).slug}/s/{number}/command/"
        fields = {"op": op, "seen": str(seen), "confirm": str(number)} | more
        return client.post(path, fields, headers=JSON)

    def page(self, client: Client, rack: Rack) -> str:
        return client.get(f"/c/{self.chassis(rack).slug}/").content.decode()

    def strike(self) -> None:
        """Take everything down, and forget what this process knows of the installation."""
        self.app.stop()
        for rack in self.racks:
            rack.stop()
        self.loop.stop()
        health.unregister("links")
        for chassis_id in Chassis.objects.values_list("pk", flat=True):
            store.forget(chassis_id)
        durable._failed.clear()


def utc_now() -> datetime:
    return datetime.now(UTC)
