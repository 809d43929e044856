"""A line of a given speed between a link and a machine of this process: bytes arrive as they would on a wire.

Each direction hands on at most 32 bytes at once, as a USB serial chip does, when their last bit has passed.
"""

import asyncio
from collections.abc import Callable

from backplane.firmware_link.simulator.machine import Machine
from backplane.firmware_link.transport import OnData, OnLost

BITS_PER_BYTE = 10  # 8N1
_AT_ONCE = 32


class _Lane:
    def __init__(self, deliver: Callable[[bytes], None], baud: int) -> None:
        self._deliver = deliver
        self._baud = baud
        self._loop = asyncio.get_running_loop()
        self._busy_until = 0.0
        self._flying: list[tuple[float, bytes]] = []
        self._timer: asyncio.TimerHandle | None = None

    def put(self, data: bytes) -> None:
        at = max(self._loop.time(), self._busy_until)
        for start in range(0, len(data), _AT_ONCE):
            piece = data[start : start + _AT_ONCE]
            at += len(piece) * BITS_PER_BYTE / self._baud
            self._flying.append((at, piece))
        self._busy_until = at
        self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is None and self._flying:
            self._timer = self._loop.call_at(self._flying[0][0], self._arrive)

    def _arrive(self) -> None:
        self._timer = None
        now = self._loop.time()
        arrived = b""
        while self._flying and self._flying[0][0] <= now:
            arrived += self._flying.pop(0)[1]
        if arrived:
            self._deliver(arrived)
        self._set_timer()


class LineTransport:
    """The host's end."""

    def __init__(self, machine: Machine, baud: int) -> None:
        self._machine = machine
        self._on_data: OnData | None = None
        self._to_host = _Lane(self._hear, baud)
        self._to_board = _Lane(machine.receive, baud)

    def start(self, on_data: OnData, on_lost: OnLost) -> None:  # noqa: ARG002  (this line never breaks)
        self._on_data = on_data
        self._sink = self._to_host.put
        self._machine.attach(self._sink)

    def write(self, data: bytes) -> None:
        self._to_board.put(data)

    def close(self) -> None:
        self._on_data = None
        self._machine.detach(self._sink)

    def _hear(self, data: bytes) -> None:
        if self._on_data is not None:
            self._on_data(data)
