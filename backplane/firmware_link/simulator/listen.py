"""Where a machine can be reached from outside: `pty:PATH` or `tcp:HOST:PORT`.

Parses the address and opens the listener it names, and listens nowhere else.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from backplane.firmware_link.simulator.listen_pty import PtyListener
from backplane.firmware_link.simulator.listen_tcp import TcpListener
from backplane.firmware_link.simulator.machine import Machine

HIGHEST_PORT = 65_535


class BadAddress(ValueError):  # noqa: N818  (named for what happened)
    """The address is neither pty:PATH nor tcp:HOST:PORT; the text says what is wrong."""


class Listener(Protocol):
    """One place where one host at a time may plug in."""

    async def start(self) -> str:
        """Open it; return in words where it listens. Raises OSError."""
        ...

    async def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class PtyAddress:
    """A symlink that leads to a pseudo-terminal."""

    path: Path

    @property
    def name(self) -> str:
        """A name for the rack behind it."""
        return self.path.name

    def numbered(self, number: int) -> "PtyAddress":
        """Return the address of machine `number`, from 1, of several."""
        return PtyAddress(self.path.with_name(f"{self.path.name}-{number}"))

    def listener(self, machine: Machine) -> Listener:
        return PtyListener(machine, self.path)


@dataclass(frozen=True, slots=True)
class TcpAddress:
    """A TCP port on one address; port 0 lets the system choose."""

    host: str
    port: int

    @property
    def name(self) -> str:
        """A name for the rack behind it."""
        return f"tcp-{self.port}"

    def numbered(self, number: int) -> "TcpAddress":
        """Return the address of machine `number`, from 1: the ports follow each other."""
        port = self.port + number - 1 if self.port else 0
        if port > HIGHEST_PORT:
            raise BadAddress(f"There is no port {port} for machine {number}; begin lower.")
        return TcpAddress(self.host, port)

    def listener(self, machine: Machine) -> Listener:
        return TcpListener(machine, self.host, self.port)


Address = PtyAddress | TcpAddress


def parse_address(text: str) -> Address:
    """Read `pty:PATH` or `tcp:HOST:PORT` (an IPv6 host in brackets). Raises BadAddress."""
    kind, _, rest = text.partition(":")
    if kind == "pty" and rest and Path(rest).name:
        return PtyAddress(Path(rest).expanduser().absolute())
    if kind == "tcp":
        host, _, port = rest.rpartition(":")
        if not host or not port.isascii() or not port.isdigit() or int(port) > HIGHEST_PORT:
            raise BadAddress(f"{text!r} needs a host and a port: tcp:127.0.0.1:7001")
        return TcpAddress(host.removeprefix("[").removesuffix("]"), int(port))
    raise BadAddress(f"{text!r} is no place to listen. Use pty:PATH or tcp:HOST:PORT")
