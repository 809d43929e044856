"""Opens the port that a URL names, and says clearly why it cannot.

/dev/... (with ?baud=115200 if need be), socket://HOST:PORT, sim://NAME
(with ?board=bare-4 for another board than the reference), replay:///FILE
(with ?speed=10).
"""

import asyncio
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, urlsplit

from serial import Serial

from backplane.firmware_link.errors import BadPortUrl, TransportClosed
from backplane.firmware_link.replay import open_replay
from backplane.firmware_link.serial_port import open_serial
from backplane.firmware_link.transport import SerialTransport, TcpTransport, Transport

BAUD = 921_600
SIM_BOARD = "reference-10"
_BOARD_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
BAUDS = (115_200, 230_400, 460_800, 921_600)
CONNECT_WITHIN_S = 5.0
FASTEST = 1000  # times the speed of a recording


@dataclass(frozen=True, slots=True)
class SerialPort:
    path: str
    baud: int = BAUD


@dataclass(frozen=True, slots=True)
class TcpPort:
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class SimPort:
    name: str
    board: str = SIM_BOARD


@dataclass(frozen=True, slots=True)
class ReplayPort:
    path: str
    speed: float = 1.0


Port = SerialPort | TcpPort | SimPort | ReplayPort


def parse_port(url: str) -> Port:
    """What kind of port `url` names. Raises BadPortUrl, which says what is wrong with it."""
    parts = urlsplit(url)
    if url.startswith("/"):
        return _serial(url, parts)
    if parts.scheme == "socket":
        return _tcp(url, parts)
    if parts.scheme == "sim":
        return _sim(url, parts)
    if parts.scheme == "replay":
        return _replay(url, parts)
    raise BadPortUrl(url, "it is neither a device path, nor socket://, sim:// or replay://")


def _serial(url: str, parts: SplitResult) -> SerialPort:
    options = parse_qs(parts.query, keep_blank_values=True)
    bauds = options.pop("baud", [str(BAUD)])
    if options or parts.fragment:
        raise BadPortUrl(url, "the only option of a device is baud")
    if bauds[-1] not in {str(baud) for baud in BAUDS}:
        choices = ", ".join(str(baud) for baud in BAUDS)
        raise BadPortUrl(url, f"baud has to be one of {choices}")
    return SerialPort(parts.path, int(bauds[-1]))


def _sim(url: str, parts: SplitResult) -> SimPort:
    if not parts.netloc or parts.path.strip("/"):
        raise BadPortUrl(url, "a simulator needs one name")
    options = parse_qs(parts.query, keep_blank_values=True)
    boards = options.pop("board", [SIM_BOARD])
    if options or parts.fragment:
        raise BadPortUrl(url, "the only option of a simulator is board")
    if not _BOARD_NAME.fullmatch(boards[-1]):
        raise BadPortUrl(url, "a board is named like its file, for example bare-4")
    return SimPort(parts.netloc, boards[-1])


def _replay(url: str, parts: SplitResult) -> ReplayPort:
    options = parse_qs(parts.query, keep_blank_values=True)
    speeds = options.pop("speed", ["1"])
    if options or parts.fragment:
        raise BadPortUrl(url, "the only option of a recording is speed")
    path = parts.netloc + parts.path  # replay://here.bplink and replay:///there/it.bplink
    try:
        speed = float(speeds[-1])
    except ValueError:
        speed = 0.0
    if not path or not 0 < speed <= FASTEST:
        raise BadPortUrl(url, f"a recording needs a file, and a speed above 0 and up to {FASTEST}")
    return ReplayPort(path, speed)


def _tcp(url: str, parts: SplitResult) -> TcpPort:
    try:
        port = parts.port
    except ValueError as error:
        raise BadPortUrl(url, "its port number is not one") from error
    if not parts.hostname or not port or parts.path.strip("/") or parts.query:
        raise BadPortUrl(url, "a socket needs a host and a port number")
    return TcpPort(parts.hostname, port)


async def open_port(url: str, data_dir: Path) -> Transport:
    """An open transport. Raises BadPortUrl or a TransportError with a sentence for a person."""
    port = parse_port(url)
    if isinstance(port, SerialPort):
        return await _open_serial(port)
    if isinstance(port, TcpPort):
        return await _open_tcp(url, port)
    if isinstance(port, ReplayPort):
        return await open_replay(url, Path(port.path), port.speed)
    # Only a rack without hardware loads the simulator, and with it the firmware.
    from backplane.firmware_link.simulator.sim_transport import open_sim  # noqa: PLC0415  (a site with real ports loads no simulator)

    return await open_sim(port.name, data_dir, board=port.board)


async def _open_serial(port: SerialPort) -> Transport:
    # Configuring a USB adapter can take as long as the adapter likes.
    opening = asyncio.get_running_loop().run_in_executor(None, open_serial, port.path, port.baud)
    try:
        return SerialTransport(await asyncio.shield(opening))
    except asyncio.CancelledError:
        opening.add_done_callback(_close_unwanted)
        raise


def _close_unwanted(opening: asyncio.Future[Serial]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


async def _open_tcp(url: str, port: TcpPort) -> Transport:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(CONNECT_WITHIN_S):
            _, transport = await loop.create_connection(TcpTransport, port.host, port.port)
    except TimeoutError as error:
        raise TransportClosed(url, f"no connection within {CONNECT_WITHIN_S:.0f} s") from error
    except OSError as error:
        # asyncio's own text would show the address as a Python tuple.
        why = os.strerror(error.errno) if error.errno else str(error)
        raise TransportClosed(url, why) from error
    return transport
