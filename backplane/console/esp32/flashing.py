"""MicroPython itself onto an empty ESP32: esptool, and whether a file is an image for this chip."""

import importlib.util
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from backplane.console.esp32.errors import InstallFailed

Say = Callable[[str], None]

_START = "0x1000"  # where an ESP32's ROM looks for its first program
_MAGIC = 0xE9
_LEAST_BYTES = 500_000  # a MicroPython has 1.5 MB
_CHIPS = {0: "ESP32", 2: "ESP32-S2", 5: "ESP32-C3", 9: "ESP32-S3", 13: "ESP32-C6", 16: "ESP32-H2"}
_WITHIN_S = 300.0
CONNECT_ATTEMPTS = "3"


def check_image(file: Path) -> None:
    """Raise InstallFailed unless this is a MicroPython for a plain ESP32, as far as its header tells."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InstallFailed(f"{file} cannot be read: {error.strerror}.") from error
    if len(data) < _LEAST_BYTES or data[0] != _MAGIC:
        raise InstallFailed(
            f"{file} is no MicroPython for an ESP32. Get ESP32_GENERIC-....bin (not .elf, .map or .app-bin) from "
            "https://micropython.org/download/ESP32_GENERIC/"
        )
    chip = int.from_bytes(data[12:14], "little")
    if chip != 0:
        name = _CHIPS.get(chip, f"chip {chip}")
        raise InstallFailed(f"{file} is for an {name}. Get the one named ESP32_GENERIC.")


def flash_micropython(port: str, file: Path, say: Say) -> None:
    """Empty the flash and write MicroPython. Raises InstallFailed."""
    check_image(file)
    if importlib.util.find_spec("esptool") is None:
        raise InstallFailed(
            "esptool is not installed. Run: .venv/bin/python -m pip install -r requirements-esp32.txt"
        )
    chip = _chip_of(_esptool(port, "chip-id"))
    if chip != "ESP32":
        raise InstallFailed(f"The chip on {port} is an {chip}; the firmware needs a plain ESP32.")
    say(f"Emptying the flash of the ESP32 on {port} ...")
    _esptool(port, "erase-flash")
    say(f"Writing {file.name}; this takes a minute ...")
    _esptool(port, "--baud", "460800", "write-flash", _START, str(file))


def _chip_of(told: str) -> str:
    found = re.search(r"(?:Chip type:|Chip is|Detecting chip type\.*)\s*(ESP[0-9A-Z-]+)", told)
    if found is None:
        raise InstallFailed("esptool does not say which chip this is.")
    # ESP32-D0WD, ESP32-U4WDH and so on are plain ones; ESP32-S3, -C3 and so on are not.
    name = re.match(r"ESP32-(?:S|C|H|P)\d", found[1])
    return name[0] if name else found[1].partition("-")[0]


def _esptool(port: str, *arguments: str) -> str:
    command = [
        sys.executable,
        "-m",
        "esptool",
        "--port",
        port,
        "--connect-attempts",
        CONNECT_ATTEMPTS,
    ]
    try:
        done = subprocess.run(  # noqa: S603  (a package of ours, with a port and a file)
            [*command, *arguments], capture_output=True, text=True, timeout=_WITHIN_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise InstallFailed(f"esptool did not end within {_WITHIN_S:.0f} s on {port}.") from error
    told = done.stdout + done.stderr
    if done.returncode == 0:
        return told
    if "connect" in told.lower():
        raise InstallFailed(
            f"No ESP32 answers on {port}. Hold its BOOT button, press EN once, let BOOT go, and try again."
        )
    last = [line for line in told.splitlines() if line.strip()][-1:] or ["no reason"]
    raise InstallFailed(f"esptool failed on {port}: {last[0].strip()}")
