"""The real firmware core with its boots, for a link bench: the core in it is a new one after each."""

from pathlib import Path
from typing import Any

from backplane.firmware_link.simulator.flash import start_from
from backplane.firmware_link.simulator.machine import Microcontroller as Runner
from firmware.core import Core
from firmware.journal import MemoryJournal
from tests.support.fake_board import FakeBoard


class Microcontroller:
    """Its board and flash outlive `boot`; time goes on. `runner` runs the core elsewhere, with its flash in `folder`."""

    def __init__(self, runner: Runner | None = None, folder: Path | None = None) -> None:
        self.board = FakeBoard()
        self.board.present = 0
        self.flash = MemoryJournal()
        self.booted_ms = 0
        self.now_ms = 0
        self._runner = runner
        self._folder = folder
        self.core: Any = None
        self.boot()

    def boot(self) -> None:
        self.booted_ms = self.now_ms
        self.end()
        if self._runner is None or self._folder is None:
            self.core = Core(self.board, self.flash, 0)
        else:
            boot = start_from(self._folder, self.board.spec.name)
            self.core = self._runner.boot(self.board, self._folder, boot)

    def end(self) -> None:
        """Let the core go."""
        if self._runner is not None and self.core is not None:
            self._runner.end(self.core)

    def receive(self, data: bytes, now_ms: int) -> None:
        self.now_ms = now_ms
        self.core.receive(data, now_ms - self.booted_ms)

    def step(self, now_ms: int) -> bytes:
        self.now_ms = now_ms
        sent: bytes = self.core.step(now_ms - self.booted_ms)
        return sent

    def next_due(self) -> int:
        due: int = self.core.next_due()
        return self.booted_ms + due

    def insert(self, slot: int) -> None:
        self.board.present |= 1 << slot

    def remove(self, slot: int) -> None:
        self.board.present &= ~(1 << slot)
