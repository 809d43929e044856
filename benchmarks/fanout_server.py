"""The serving half of the fan-out benchmark, in a process of its own: our hub, or websockets.broadcast() as its peer.

Reads one JSON order per line ({"changes", "pause_s"}), answers one JSON line ({"cpu_s", ...}). Every message
carries the moment of its change as the slot's name, in ns of the monotonic clock that all processes share.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import django
import uvicorn
from channels.layers import InMemoryChannelLayer
from websockets.asyncio.server import ServerConnection, broadcast, serve

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

# Models load only after the line above.
from backplane.live.frames import delta  # noqa: E402  (Django is set up first)
from backplane.live.hub import Hub  # noqa: E402  (Django is set up first)
from backplane.live.pace import Pace  # noqa: E402  (Django is set up first)
from backplane.live.rendering import chassis_part, slot_view  # noqa: E402  (Django is set up first)
from backplane.routing import websocket_application  # noqa: E402  (Django is set up first)
from backplane.supervisor.web import bind_socket, make_web_server  # noqa: E402  (Django is set up first)
from tests.support.live import NOW, MemorySource, chassis, seen, with_slot  # noqa: E402  (Django is set up first)

_SETTLE_S = 0.5  # by then the last message has long left


async def obey(tell: Callable[[int], None], about: Callable[[], dict[str, Any]]) -> None:
    """Do what the other process orders, one line at a time, until it closes the pipe."""
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        order = json.loads(line)
        before_s = time.process_time()
        for _ in range(order["changes"]):
            tell(time.monotonic_ns())
            await asyncio.sleep(order["pause_s"])
        await asyncio.sleep(_SETTLE_S)
        say({"cpu_s": time.process_time() - before_s, **about()})


def say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


async def serve_hub() -> None:
    """Serve the real consumer and hub by uvicorn, as run_backplane does; only the database is in memory."""
    source = MemorySource()
    # Our 500 readers only read; a browser would answer each beat.
    hub = Hub(source, InMemoryChannelLayer(), Pace(answer_within_s=3_600))
    await hub.start()
    boxes: set[Any] = set()

    def tell(stamp_ns: int) -> None:
        source.records[1] = with_slot(source.records[1], 7, seen(name=str(stamp_ns)))
        hub.change(1)

    def about() -> dict[str, Any]:
        boxes.update(watcher.mailbox for watcher in hub.watch)
        return {"dropped": max((box.dropped_count for box in boxes), default=0)}

    listener = bind_socket("127.0.0.1", 0)
    server: uvicorn.Server = make_web_server(websocket_application)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    say({"port": listener.getsockname()[1]})
    await obey(tell, about)
    server.should_exit = True
    await hub.stop()
    await serving


async def serve_broadcast() -> None:
    """Serve the same messages by websockets' own broadcast(), the ceiling of a Python server."""
    connections: set[ServerConnection] = set()

    async def keep(connection: ServerConnection) -> None:
        connections.add(connection)
        await connection.wait_closed()

    def tell(stamp_ns: int) -> None:
        record = with_slot(chassis(), 7, seen(name=str(stamp_ns)))
        views = [slot_view(slot, record, NOW) for slot in record.slots]
        message = delta(6, 5, [views[6]], chassis_part(record, views), [])
        broadcast(connections, message["text"])

    async with serve(keep, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        say({"port": server.sockets[0].getsockname()[1]})
        await obey(tell, dict)


def main() -> None:
    """Serve as told by the first argument: hub or broadcast."""
    servers: dict[str, Callable[[], Awaitable[None]]] = {
        "hub": serve_hub,
        "broadcast": serve_broadcast,
    }
    asyncio.run(servers[sys.argv[1]]())  # type: ignore[arg-type]  # both are coroutine functions


if __name__ == "__main__":
    main()
