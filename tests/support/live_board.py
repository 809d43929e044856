"""A scripted board on the real clock: behind a pseudo-terminal, or plugged straight into a link."""

import asyncio
import os
import tty
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from backplane.firmware_link.transport import OnData, OnLost
from tests.support.scripted_board import ScriptedBoard

TICK_S = 0.01


class LiveBoard:
    """Steps its board each 10 ms, and at once when bytes come."""

    def __init__(self, board: ScriptedBoard) -> None:
        self.board = board
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._send: Callable[[bytes], None] = lambda _: None
        self._ticker = self._loop.call_soon(self._tick)

    def connect(self, send: Callable[[bytes], None]) -> None:
        self._send = send

    def receive(self, data: bytes) -> None:
        self.board.receive(data, self._now_ms)
        self.step()

    def step(self) -> None:
        sent = self.board.step(self._now_ms)
        if sent:
            self._send(sent)

    def stop(self) -> None:
        self._ticker.cancel()

    @property
    def _now_ms(self) -> int:
        return int((self._loop.time() - self._began) * 1000)

    def _tick(self) -> None:
        self.step()
        self._ticker = self._loop.call_later(TICK_S, self._tick)


class PluggedTransport:
    """A transport whose other end is a LiveBoard of this process."""

    def __init__(self, live: LiveBoard) -> None:
        self._live = live
        self._on_lost: OnLost = lambda _: None
        self.is_closed = False

    def start(self, on_data: OnData, on_lost: OnLost) -> None:
        self._on_lost = on_lost
        self._live.connect(on_data)

    def write(self, data: bytes) -> None:
        if not self.is_closed:
            self._live.receive(data)

    def close(self) -> None:
        self.is_closed = True
        self._live.connect(lambda _: None)

    def unplug(self) -> None:
        self.close()
        self._on_lost("it was unplugged")


class PtyPair:
    """A master to play the board on, and the path that a host opens."""

    def __init__(self) -> None:
        self.master, slave = os.openpty()
        tty.setraw(slave)
        self.path = os.ttyname(slave)
        self._slave = slave  # held, so that the pair lives while no host has it open
        os.set_blocking(self.master, False)

    def link_from(self, link: Path) -> str:
        """A by-id name for it, as udev would make."""
        link.unlink(missing_ok=True)
        link.symlink_to(self.path)
        return str(link)

    def serve(self, live: LiveBoard) -> None:
        loop = asyncio.get_running_loop()
        live.connect(self.write)
        loop.add_reader(self.master, lambda: live.receive(self.read()))

    def read(self) -> bytes:
        with suppress(OSError):
            return os.read(self.master, 4096)
        return b""

    def write(self, data: bytes) -> None:
        with suppress(OSError):
            os.write(self.master, data)

    def unplug(self) -> None:
        """What pulling the adapter looks like to a host."""
        if self.master >= 0:
            with suppress(RuntimeError):
                asyncio.get_running_loop().remove_reader(self.master)
            os.close(self._slave)
            os.close(self.master)
            self.master = -1
