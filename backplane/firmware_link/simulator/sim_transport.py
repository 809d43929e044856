"""The transport of `sim://NAME`: bytes between a link and a machine of this process.

Opening starts the machine if need be; closing pulls the cable and leaves the machine running.
"""

import asyncio
import os
import re
from collections.abc import Callable
from pathlib import Path

from backplane.firmware_link.errors import BadPortUrl, PortTaken, TransportClosed
from backplane.firmware_link.simulator.machine import Machine
from backplane.firmware_link.simulator.registry import DEFAULT_BOARD, WorldInUse, start_machine
from backplane.firmware_link.simulator.world import WorldUnreadable
from backplane.firmware_link.transport import OnData, OnLost

NAME_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")  # it becomes a folder's name
BITS_PER_BYTE = 10  # 8N1


class SimTransport:
    """One plugged-in cable. With `baud` each byte takes as long as it would on the wire."""

    def __init__(self, machine: Machine, baud: int | None = None) -> None:
        self._machine = machine
        self._loop = asyncio.get_running_loop()
        self._on_data: OnData | None = None
        self._to_host = _Lane(self._loop, self._deliver, baud)
        self._to_board = _Lane(self._loop, machine.receive, baud)
        self._is_closed = False
        self._sink = self._to_host.put
        machine.attach(self._sink)

    def start(self, on_data: OnData, on_lost: OnLost) -> None:  # noqa: ARG002  (this cable never breaks)
        self._on_data = on_data

    def write(self, data: bytes) -> None:
        if not self._is_closed:
            self._to_board.put(data)

    def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._machine.detach(self._sink)

    def _deliver(self, data: bytes) -> None:
        if self._on_data is not None and not self._is_closed:
            self._on_data(data)


class _Lane:
    """One direction. Bytes arrive from the loop, never inside the call that sent them."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, deliver: Callable[[bytes], None], baud: int | None
    ) -> None:
        self._loop = loop
        self._deliver = deliver
        self._baud = baud
        self._busy_until = 0.0

    def put(self, data: bytes) -> None:
        if self._baud is None:
            self._loop.call_soon(self._deliver, data)
            return
        begin = max(self._loop.time(), self._busy_until)
        self._busy_until = begin + len(data) * BITS_PER_BYTE / self._baud
        self._loop.call_at(self._busy_until, self._deliver, data)


async def open_sim(
    name: str, data_dir: Path, *, board: str = DEFAULT_BOARD, baud: int | None = None
) -> SimTransport:
    """Plug into the rack of that name, kept in `data_dir`/simulator/`name`, a fresh one with that board.

    Raises BadPortUrl for a name that cannot be a folder's, PortTaken while it is plugged in already,
    TransportClosed if the rack cannot be simulated here and now.
    """
    url = f"sim://{name}"
    if not NAME_PATTERN.fullmatch(name):
        raise BadPortUrl(url, "a simulator's name has 1 to 32 letters, digits or . _ -")
    try:
        machine = start_machine(name, data_dir / "simulator" / name, board=board)
    except (OSError, WorldInUse, WorldUnreadable) as error:
        raise TransportClosed(url, str(error)) from error
    if machine.rig.spec.name != board:
        reason = (
            f"this rack runs as {machine.rig.spec.name} already; choose another name for {board}"
        )
        raise TransportClosed(url, reason)
    if machine.is_attached:
        raise PortTaken(url, os.getpid(), "this program, by another chassis")
    return SimTransport(machine, baud)
