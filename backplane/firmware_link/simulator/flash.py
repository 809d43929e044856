"""The flash of a simulated microcontroller: two folders and the boot selector's word, as on the ESP32.

What an update brings is kept, checked and chosen as there. The code that runs is always this process's own, under the
version that the chosen folder names: bytes that came over a line are never executed by the server.
"""

from pathlib import Path
from typing import Any

from backplane.firmware_link.image import make_image
from firmware.boot_selector import FOLDERS, MANIFEST, BootState, has_firmware, read_head
from firmware.core import VERSION


def start_from(flash: Path, board: str) -> Any:  # noqa: ANN401  (the firmware has no types for mypy)
    """Choose a folder as the boot selector does; the word on it, with `running` set. Raises OSError."""
    flash.mkdir(parents=True, exist_ok=True)
    if not any(has_firmware(str(flash / name)) for name in FOLDERS):
        first = flash / FOLDERS[0]
        first.mkdir(exist_ok=True)
        (first / MANIFEST).write_bytes(make_image({}, VERSION, board, 0).manifest)
    boot = BootState(str(flash))
    boot.running = boot.choose()
    return boot


def version_of(boot: Any) -> str:  # noqa: ANN401  (the firmware has no types for mypy)
    """Return the version that the running folder names."""
    version: str = read_head(f"{boot.folder(boot.running)}/{MANIFEST}")[0]
    return version
