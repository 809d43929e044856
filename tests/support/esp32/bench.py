"""main.py on an ESP32 without silicon, with a small host on its line: run from its first line, in virtual time.

The firmware's loop never ends, so it has a thread of its own. Only one of the two threads ever runs: the firmware's while
time passes, the test's while it stands still.
"""

import importlib
import sys
import threading
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from firmware import codes
from firmware.tools.compile_board import compile_board
from tests.support.esp32.chip import TICKS_PERIOD, EndOfStory, Restart
from tests.support.esp32.host import SmallHost
from tests.support.esp32.rack import Rack

BOARDS = Path(__file__).parents[3] / "firmware" / "boards"
SOFT_RESET = 5  # machine.reset_cause() of a restart by software


class Esp32Bench:
    """One rack with its controller. `boot` starts it; time passes only in run() and run_until()."""

    def __init__(self, board: Path, folder: Path) -> None:
        self.rack = Rack(tomllib.loads(board.read_text()))
        self.esp32 = self.rack.esp32
        self.host = SmallHost(self.esp32)
        self.esp32.tick = self._tick
        self._flash = folder / "flash"
        (self._flash / "a").mkdir(parents=True)
        compile_board(board, self._flash / "a" / "board.json")
        self._until_ms = 0.0
        self._firmware_runs = threading.Semaphore(0)
        self._test_runs = threading.Semaphore(0)
        self._is_over = False
        self._asked_to_restart = False
        self._failure: BaseException | None = None
        self._thread: threading.Thread | None = None

    # -- the test's side

    def boot(self, *, greet: bool = True) -> None:
        """Give the controller power and let it come up; the host greets it."""
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()
        if greet:
            self.run(100)
            self.host.greet()
        self.run(500)

    def restart(self) -> None:
        """Reset the ESP32 alone; the host greets it again."""
        self._asked_to_restart = True
        self.run(200)
        self.host.greet()
        self.run(300)

    def run(self, ms: float) -> None:
        """Let time pass."""
        self._until_ms = self.esp32.true_ms + ms
        self._firmware_runs.release()
        self._test_runs.acquire()
        if self._failure:
            raise self._failure

    def run_until(self, condition: Callable[[], bool], limit_ms: int) -> float:
        """Let time pass until something is so; returns how long it took."""
        began = self.esp32.true_ms
        while not condition():
            assert self.esp32.true_ms - began < limit_ms, "it did not come true"
            self.run(5)
        return self.esp32.true_ms - began

    def ask(self, op: int, *args: int) -> int:
        """Give a command and wait for its result code."""
        number = self.host.command(op, *args)
        self.run_until(lambda: number in self.host.results, 10_000)
        return self.host.results[number][0]

    def kinds(self, slot: int) -> list[int]:
        return [event.kind for event in self.host.events if event.slot == slot]

    def values(self, kind: int, slot: int) -> list[int]:
        return [
            event.value for event in self.host.events if (event.kind, event.slot) == (kind, slot)
        ]

    def flag(self, slot: int, flag: int) -> bool:
        """A flag of the slot as STATE tells it now."""
        assert self.ask(codes.GET_STATE) == codes.OK
        self.run(50)
        return bool(self.host.slots[slot].flags & flag)

    def close(self) -> None:
        """End the firmware's thread."""
        if self._thread is not None:
            self._is_over = True
            self._firmware_runs.release()
            self._thread.join(10)

    # -- the firmware's side

    def _live(self) -> None:
        self._firmware_runs.acquire()
        try:
            while True:
                try:
                    self._main().run(str(self._flash), "a")
                except Restart:
                    self.esp32.reset(SOFT_RESET)
        except EndOfStory:
            return
        except BaseException as error:  # noqa: BLE001 - the test's thread raises it
            self._failure = error
            self._test_runs.release()

    def _main(self) -> ModuleType:
        """main.py, imported as if for the first time on this ESP32."""
        for name in ("firmware.main", "firmware.board_esp32"):
            sys.modules.pop(name, None)
        sys.modules.update(self.esp32.modules())
        return importlib.import_module("firmware.main")

    def _tick(self) -> None:
        self.host.tick()
        if self._asked_to_restart:
            self._asked_to_restart = False
            raise Restart
        if self.esp32.true_ms >= self._until_ms:
            self._test_runs.release()
            self._firmware_runs.acquire()
            if self._is_over:
                raise EndOfStory


def give_time(monkeypatch: pytest.MonkeyPatch, bench: Esp32Bench) -> None:
    """Give `time` what MicroPython's has, by the bench's clock, and let its modules go with the test."""
    esp32 = bench.esp32

    def ticks_diff(end: int, start: int) -> int:
        half = TICKS_PERIOD // 2
        return (end - start + half) % TICKS_PERIOD - half

    added: dict[str, Any] = {
        "ticks_ms": esp32.ticks_ms,
        "ticks_diff": ticks_diff,
        "sleep_ms": esp32.spend,
    }
    for name, function in added.items():
        monkeypatch.setattr(time, name, function, raising=False)
    for name in (*esp32.modules(), "firmware.main", "firmware.board_esp32"):
        monkeypatch.delitem(sys.modules, name, raising=False)
