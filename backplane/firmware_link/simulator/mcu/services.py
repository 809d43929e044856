"""What the core's process may ask: the board, as the rig is one, random bytes, and the files of its flash."""

import os
from collections.abc import Callable
from pathlib import Path

from backplane.firmware_link.simulator.mcu.flash_folder import FlashFolder
from firmware.board import Board

SAMPLED = (
    "present",
    "handles_closed",
    "power_good",
    "tripped",
    "halted",
    "answering",
    "supplies_good",
)


ORDERS = (
    "set_rail",
    "set_shutdown_line",
    "clear_trip",
    "rearm_halted",
    "set_lights",
    "show_lights",
    "set_fan",
    "forget_power_loss",
    "reboot",
)
NUMBERS = ("rails", "temperature", "device_address", "fan_rpm")


class McuServices:
    """Answers one question after the other. What is an OSError here becomes "!" and its number."""

    def __init__(self, board: Board, flash: Path) -> None:
        self._board = board
        self._questions: dict[str, Callable[..., str]] = {
            "sample": self._sample,
            "meter": self._meter,
            "identity": self._identity,
            "random": lambda count: os.urandom(int(count)).hex(),
            **FlashFolder(flash).questions(),
        }

    def answer(self, line: str) -> str:
        """Answer one question."""
        name, *words = line.split()
        if name in ORDERS:
            getattr(self._board, name)(*map(int, words))
            return ""
        if name in NUMBERS:
            return str(getattr(self._board, name)(*map(int, words)))
        try:
            return self._questions[name](*words)
        except OSError as error:
            return f"!{error.errno}"

    def _sample(self, now_ms: str) -> str:
        self._board.sample(int(now_ms))
        return " ".join(str(getattr(self._board, name)) for name in SAMPLED)

    def _meter(self, slot: str) -> str:
        mv, ma = self._board.meter(int(slot))
        return f"{mv} {ma}"

    def _identity(self, slot: str) -> str:
        found = self._board.identity(int(slot))
        return ",".join(part.hex() for part in found) if found else ""
