"""Moves bytes between the loop and a port. Knows no frames; never blocks, never flushes on close.

`Transport` is the seam: serial and TCP here, the simulator's beside them, faulty ones in tests.
"""

import asyncio
import contextlib
import os
import termios
from collections.abc import Callable
from typing import Protocol

OnData = Callable[[bytes], None]
OnLost = Callable[[str], None]

READ_SIZE = 4096
WRITE_LIMIT = 64 * 1024  # 0.7 s of a full line: a port that is further behind is not taking bytes


class Transport(Protocol):
    """An open port. `start` once; `on_lost(why)` comes at most once, and not after `close`."""

    def start(self, on_data: OnData, on_lost: OnLost) -> None: ...

    def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...


class OpenPort(Protocol):
    """What SerialTransport needs of pyserial's port: its descriptor and its end."""

    def fileno(self) -> int: ...

    def close(self) -> None: ...


class SerialTransport:
    """A configured, locked tty. Reads with add_reader; writes at once, and buffers the rest."""

    def __init__(self, port: OpenPort) -> None:
        self._port = port
        self._fd = port.fileno()
        self._loop = asyncio.get_running_loop()
        self._unsent = bytearray()
        self._is_closed = False
        self._on_data: OnData = _drop
        self._on_lost: OnLost = _drop

    def start(self, on_data: OnData, on_lost: OnLost) -> None:
        self._on_data = on_data
        self._on_lost = on_lost
        self._loop.add_reader(self._fd, self._read)

    def write(self, data: bytes) -> None:
        if self._is_closed:
            return
        if self._unsent:
            self._buffer(data)
            return
        sent = self._try_write(data)
        if sent < len(data):
            self._buffer(data[sent:])

    def close(self) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        self._loop.remove_reader(self._fd)
        self._loop.remove_writer(self._fd)
        # What is not sent is thrown away: else close waits up to 30 s for a dead adapter. A device
        # that is gone refuses even that, and is closed all the same.
        with contextlib.suppress(termios.error, OSError):
            termios.tcflush(self._fd, termios.TCIOFLUSH)
        self._port.close()

    def _read(self) -> None:
        try:
            data = os.read(self._fd, READ_SIZE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._lose(error.strerror or "it could not be read")
            return
        if data:
            self._on_data(data)
        else:
            self._lose("it was unplugged")

    def _try_write(self, data: bytes) -> int:
        try:
            return os.write(self._fd, data)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError as error:
            # Reported from the loop: a writer must not find itself closed in the middle of a call.
            self._loop.call_soon(self._lose, error.strerror or "it could not be written")
            return len(data)

    def _buffer(self, data: bytes) -> None:
        if len(self._unsent) + len(data) > WRITE_LIMIT:
            self._loop.call_soon(self._lose, "it takes no more bytes")
            return
        if not self._unsent:
            self._loop.add_writer(self._fd, self._write_rest)
        self._unsent += data

    def _write_rest(self) -> None:
        sent = self._try_write(bytes(self._unsent))
        self._unsent = self._unsent[sent:]
        if not self._unsent and not self._is_closed:
            self._loop.remove_writer(self._fd)

    def _lose(self, why: str) -> None:
        if not self._is_closed:
            self.close()
            self._on_lost(why)


class TcpTransport(asyncio.Protocol):
    """A serial line behind a TCP port: ser2net, or a board on the network."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._is_closed = False
        self._on_data: OnData = _drop
        self._on_lost: OnLost = _drop

    def start(self, on_data: OnData, on_lost: OnLost) -> None:
        self._on_data = on_data
        self._on_lost = on_lost
        if self._transport is None:
            asyncio.get_running_loop().call_soon(self.connection_lost, None)
        else:
            self._transport.resume_reading()

    def write(self, data: bytes) -> None:
        if self._transport is None:
            return
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > WRITE_LIMIT:
            self._transport.abort()

    def close(self) -> None:
        self._is_closed = True
        if self._transport is not None:
            self._transport.abort()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  (create_connection makes no other)
        self._transport = transport
        transport.pause_reading()  # until there is someone to read for

    def data_received(self, data: bytes) -> None:
        self._on_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if not self._is_closed:
            self._is_closed = True
            self._on_lost("the other end closed the connection" if exc is None else str(exc))


def _drop(_bytes_or_why: bytes | str) -> None:
    """Before `start` there is nobody to tell."""
