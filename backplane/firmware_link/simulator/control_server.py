"""The control socket of a simulated rack: a Unix socket for this user alone.

One line in, one JSON line out, as often as the client likes. It trusts no client: lines are bounded
and what is no text is refused.
"""

import asyncio
import json
import os
import socket
import stat
from pathlib import Path

from backplane.firmware_link.simulator.control import MAX_LINE_CHARS, execute
from backplane.firmware_link.simulator.machine import Machine

LINE_LIMIT = 1024  # bytes; a longer line ends the connection
OWNER_ONLY = 0o177  # umask that leaves 0600


class SocketInUse(Exception):  # noqa: N818  (named for what happened)
    """The path cannot become the control socket."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"The control socket {self.path} cannot be made: {self.reason}."


class ControlServer:
    """Serves `execute` of one machine on a Unix socket."""

    def __init__(self, machine: Machine, path: Path) -> None:
        self._machine = machine
        self._path = path
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Listen. A socket left by a dead process is replaced; raises SocketInUse for anything else."""
        listener = _bind_owner_only(self._path)
        self._server = await asyncio.start_unix_server(self._serve, sock=listener, limit=LINE_LIMIT)

    async def stop(self) -> None:
        """Stop listening, drop the clients, remove the socket."""
        if self._server is not None:
            self._server.close()
            for writer in list(self._clients):
                writer.transport.abort()
            await self._server.wait_closed()
            self._path.unlink(missing_ok=True)
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients.add(writer)
        try:
            while line := await reader.readline():
                await self._answer(line, writer)
        except ValueError:  # over LINE_LIMIT
            await _tell(writer, {"ok": False, "error": _too_long()})
        except ConnectionError:
            pass
        finally:
            self._clients.discard(writer)
            writer.close()

    async def _answer(self, line: bytes, writer: asyncio.StreamWriter) -> None:
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            await _tell(writer, {"ok": False, "error": "The line is not UTF-8 text."})
            return
        await _tell(writer, execute(self._machine, text))


def _too_long() -> str:
    return f"The line is too long: at most {MAX_LINE_CHARS} characters."


async def _tell(writer: asyncio.StreamWriter, answer: dict[str, object]) -> None:
    writer.write(json.dumps(answer, separators=(",", ":")).encode() + b"\n")
    await writer.drain()


def _bind_owner_only(path: Path) -> socket.socket:
    """Bind a Unix socket that is 0600 from its first moment."""
    _clear_stale(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    former_mask = os.umask(OWNER_ONLY)
    try:
        listener.bind(str(path))
    except OSError as error:
        listener.close()
        raise SocketInUse(path, error.strerror or str(error)) from error
    finally:
        os.umask(former_mask)
    return listener


def _clear_stale(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise SocketInUse(path, error.strerror or str(error)) from error
    if not stat.S_ISSOCK(mode):
        raise SocketInUse(path, "something that is no socket is there; choose another path")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
        except OSError as error:
            raise SocketInUse(path, error.strerror or str(error)) from error
        else:
            raise SocketInUse(
                path, "a running simulator listens there; stop it or choose another path"
            )
