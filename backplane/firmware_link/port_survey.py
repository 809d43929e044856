"""What is on this machine's serial ports: adapters, who has them, and which board answers on the free ones.

Asks by listening only (HELLO_REQ with its flag), so that no board takes us for a host. A port that
somebody has is never opened.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from serial.tools.list_ports_common import ListPortInfo

from backplane.firmware_link.adapters import serial_ports
from backplane.firmware_link.errors import LinkError, PortForbidden, PortTaken
from backplane.firmware_link.happenings import Ended, Greeted
from backplane.firmware_link.holders import Holder, find_holders
from backplane.firmware_link.messages import Hello
from backplane.firmware_link.ports import BAUD, open_port
from backplane.firmware_link.protocol import LinkProtocol
from backplane.firmware_link.session import Session
from backplane.firmware_link.status import LinkCounters, LinkState

ANSWER_WITHIN_S = 1.2  # a board without a host says HELLO by itself each second
SLOW_BAUD = 115_200
_LINKS = (Path("/dev/serial/by-id"), Path("/dev/serial/by-path"), Path("/dev/backplane"))


class Finding(StrEnum):
    BOARD = "board"
    OTHER_VERSION = "other version"
    NOISE = "no board"
    SILENT = "silent"
    IN_USE = "in use"
    FORBIDDEN = "forbidden"
    FAILED = "failed"
    NOT_ASKED = "not asked"


@dataclass(frozen=True, slots=True)
class PortReport:
    """One port. `message` says more where the finding alone does not."""

    device: str
    names: tuple[str, ...]
    vid: int | None
    pid: int | None
    serial: str
    product: str
    holder: Holder | None
    finding: Finding
    hello: Hello | None = None
    baud: int | None = None
    message: str = ""


async def survey(*, asks: bool = True) -> list[PortReport]:
    """Every serial port of this machine; with `asks`, also what answers on the free ones."""
    loop = asyncio.get_running_loop()
    ports = await loop.run_in_executor(None, serial_ports)
    names = await loop.run_in_executor(None, _names)
    holders = await loop.run_in_executor(None, find_holders, [port.device for port in ports])
    looked_at = (
        _seen(port, names.get(port.device, ()), holders.get(port.device)) for port in ports
    )
    return list(await asyncio.gather(*(_report(seen, asks=asks) for seen in looked_at)))


def _seen(port: ListPortInfo, names: Sequence[str], holder: Holder | None) -> PortReport:
    return PortReport(
        port.device,
        tuple(names),
        port.vid,
        port.pid,
        port.serial_number or "",
        port.product or "",
        holder,
        Finding.NOT_ASKED,
    )


async def _report(seen: PortReport, *, asks: bool) -> PortReport:
    if seen.holder is not None:
        return _found(seen, Finding.IN_USE)
    if not asks:
        return seen
    return await _ask(seen)


async def _ask(seen: PortReport) -> PortReport:
    report = seen
    for baud in (BAUD, SLOW_BAUD):
        report = await _ask_at(seen, baud)
        if report.finding not in {Finding.SILENT, Finding.NOISE}:
            break
    return report


async def _ask_at(seen: PortReport, baud: int) -> PortReport:
    try:
        transport = await open_port(f"{seen.device}?baud={baud}", Path())
    except PortForbidden as error:
        return _found(seen, Finding.FORBIDDEN, message=str(error))
    except PortTaken as error:
        return _found(seen, Finding.IN_USE, message=str(error))
    except LinkError as error:
        return _found(seen, Finding.FAILED, message=str(error))
    counters = LinkCounters()
    session = Session(LinkProtocol(counters), transport, lambda _: None)
    session.start()
    first = None
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_WITHIN_S):
                first = await session.next_happening()
    finally:
        await session.close()
    if isinstance(first, Greeted):
        return _found(seen, Finding.BOARD, hello=first.hello, baud=baud)
    if isinstance(first, Ended) and first.kind is LinkState.WRONG_VERSION:
        return _found(seen, Finding.OTHER_VERSION, baud=baud, message=first.message)
    return _found(seen, Finding.NOISE if counters.bad else Finding.SILENT)


def _found(
    seen: PortReport,
    finding: Finding,
    *,
    hello: Hello | None = None,
    baud: int | None = None,
    message: str = "",
) -> PortReport:
    return replace(seen, finding=finding, hello=hello, baud=baud, message=message)


def _names() -> dict[str, list[str]]:
    """Names that stay the same, by device."""
    names: dict[str, list[str]] = {}
    for folder in _LINKS:
        with contextlib.suppress(OSError):
            for link in sorted(folder.iterdir()):
                names.setdefault(str(link.resolve()), []).append(str(link))
    return names
