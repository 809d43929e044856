"""What an ESP32's MicroPython says of itself, and whether the firmware can run on it."""

from dataclasses import dataclass
from typing import Final

from backplane.console.esp32.errors import InstallFailed
from backplane.console.esp32.prompt import Prompt

LEAST_VERSION: Final = (1, 24)
MPY: Final = 6
_DOWNLOAD = "https://micropython.org/download/ESP32_GENERIC/"


class TooOld(InstallFailed):
    """MicroPython is there, and older than the firmware needs."""


@dataclass(frozen=True, slots=True)
class Chip:
    """`mpy` as sys.implementation._mpy has it."""

    platform: str
    machine: str
    version: tuple[int, ...]
    mpy: int
    free_bytes: int

    @property
    def version_text(self) -> str:
        return ".".join(str(number) for number in self.version)


def read_chip(prompt: Prompt) -> Chip:
    """Ask; raises InstallFailed for a chip that is no ESP32, TooOld for a MicroPython that is."""
    prompt.run("import sys, os")
    told = prompt.ask(
        "(sys.platform, getattr(sys.implementation, '_machine', ''), tuple(sys.implementation[1][:3]), "
        "getattr(sys.implementation, '_mpy', 0), os.statvfs('/')[1] * os.statvfs('/')[4])"
    )
    chip = Chip(*told)
    if chip.platform != "esp32":
        raise InstallFailed(
            f"This is not an ESP32: MicroPython calls it {chip.platform} ({chip.machine}). The firmware needs an ESP32."
        )
    if chip.machine and not chip.machine.endswith("ESP32"):
        raise InstallFailed(
            f"This is {chip.machine}. The pins of the board files are those of a plain ESP32 (WROOM, WROVER); use one."
        )
    if chip.version < LEAST_VERSION:
        raise TooOld(
            f"MicroPython {chip.version_text} is too old: {LEAST_VERSION[0]}.{LEAST_VERSION[1]} or newer is needed. Get "
            f"ESP32_GENERIC-....bin from {_DOWNLOAD} and add --micropython FILE.bin (it empties the flash)."
        )
    if chip.mpy & 0xFF != MPY:
        raise InstallFailed(
            f"This MicroPython takes .mpy files of version {chip.mpy & 0xFF}; the firmware is compiled for version {MPY}. "
            f"Get a usual build from {_DOWNLOAD} and add --micropython FILE.bin."
        )
    return chip
