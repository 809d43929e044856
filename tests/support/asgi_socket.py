"""A browser's end of a websocket, joined straight to our ASGI application: no server, no network."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

from backplane.routing import websocket_application

WAIT_S = 20  # long enough for a busy machine; nothing here waits in vain but tests that fail


class Socket:
    """Talks to the application by the ASGI websocket messages."""

    def __init__(self, path: str, headers: list[tuple[bytes, bytes]]) -> None:
        self._to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        scope = {"type": "websocket", "path": path, "headers": headers, "client": ("127.0.0.1", 1)}
        self._task = asyncio.create_task(
            websocket_application(scope, self._to_app.get, self._from_app.put)  # type: ignore[arg-type]  # a scope without the keys that we do not read
        )

    async def connect(self) -> bool:
        """Ask to connect; tell whether that was accepted."""
        await self._to_app.put({"type": "websocket.connect"})
        return bool((await self._next())["type"] == "websocket.accept")

    async def say(self, text: str | None = None, data: bytes | None = None) -> None:
        await self._to_app.put({"type": "websocket.receive", "text": text, "bytes": data})

    async def hear(self) -> dict[str, Any]:
        """Return the next message."""
        said: dict[str, Any] = json.loads((await self._next())["text"])
        return said

    async def close_code(self) -> int:
        """Return the code of the close that comes, after whatever comes before it."""
        while (message := await self._next())["type"] != "websocket.close":
            pass
        code: int = message["code"]
        return code

    async def hears_nothing(self, for_s: float = 0.05) -> bool:
        await asyncio.sleep(for_s)
        return self._from_app.empty()

    async def leave(self) -> None:
        """Disconnect, and wait until the application is done. Raises what it raised."""
        await self._to_app.put({"type": "websocket.disconnect", "code": 1001})
        await asyncio.wait_for(self._task, WAIT_S)

    async def _next(self) -> dict[str, Any]:
        return await asyncio.wait_for(self._from_app.get(), WAIT_S)


@contextlib.asynccontextmanager
async def socket_of(path: str, cookie: str, origin: str) -> AsyncIterator[Socket]:
    """Open a socket as a browser on http://localhost would; its application must end cleanly."""
    headers = [(b"host", b"localhost"), (b"cookie", cookie.encode())]
    if origin:
        headers.append((b"origin", origin.encode()))
    socket = Socket(path, headers)
    try:
        yield socket
    finally:
        await socket.leave()
