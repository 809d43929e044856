"""A machine behind a TCP port, as ser2net or an ESP32 on the network would offer it.

One host at a time; a new one replaces the old, whose connection is dropped.
"""

import asyncio
from collections.abc import Callable

from backplane.firmware_link.simulator.machine import Machine

BACKLOG_LIMIT = 65_536  # bytes a stalled host may leave unread before further ones are lost


class TcpListener:
    """Listens on exactly the address given."""

    def __init__(self, machine: Machine, host: str, port: int) -> None:
        self._machine = machine
        self._host = host
        self._port = port
        self._server: asyncio.Server | None = None
        self._host_connection: _HostConnection | None = None

    async def start(self) -> str:
        """Listen. Raises OSError if the address cannot be had."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, self._host, self._port)
        name = self._server.sockets[0].getsockname()
        return f"tcp:{self._host}:{name[1]}"

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            if self._host_connection is not None:
                self._host_connection.drop()
            await self._server.wait_closed()
            self._server = None

    def _connection(self) -> "_HostConnection":
        return _HostConnection(self._machine, self._replace)

    def _replace(self, newcomer: "_HostConnection") -> None:
        if self._host_connection is not None:
            self._host_connection.drop()
        self._host_connection = newcomer


class _HostConnection(asyncio.Protocol):
    def __init__(self, machine: Machine, on_open: Callable[["_HostConnection"], None]) -> None:
        self._machine = machine
        self._on_open = on_open
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  (create_server makes no other)
        self._transport = transport
        self._on_open(self)
        self._machine.attach(self._send)

    def data_received(self, data: bytes) -> None:
        if self._transport is not None:
            self._machine.receive(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  (asyncio's signature)
        self._transport = None
        self._machine.detach(self._send)

    def drop(self) -> None:
        """End the connection at once, unsent bytes are lost."""
        if self._transport is not None:
            self._machine.detach(self._send)
            self._transport.abort()
            self._transport = None

    def _send(self, data: bytes) -> None:
        if self._transport is not None and self._transport.get_write_buffer_size() < BACKLOG_LIMIT:
            self._transport.write(data)
