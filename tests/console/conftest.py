"""ESP32s on a USB port: an empty one, and one on which the firmware was installed."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.support.esp32.usb import UsbEsp32

BOARD = "twin-6"  # a small board


@pytest.fixture
def esp32(tmp_path: Path) -> Iterator[UsbEsp32]:
    with UsbEsp32(tmp_path / "flash") as esp32:
        yield esp32


@pytest.fixture(scope="session")
def installed_flash(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is in the flash after an installation into folder a."""
    flash = tmp_path_factory.mktemp("esp32") / "flash"
    with UsbEsp32(flash) as esp32:
        call_command("install_firmware", port=esp32.port, board=BOARD)
    return flash


@pytest.fixture
def installed(installed_flash: Path, tmp_path: Path) -> Iterator[UsbEsp32]:
    shutil.copytree(installed_flash, tmp_path / "flash")
    with UsbEsp32(tmp_path / "flash") as esp32:
        yield esp32
