"""ESP32s on a USB port: an empty one, and one on which the firmware was installed."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from firmware.tools.compile_firmware import BOARDS
from tests.support.esp32.usb import UsbEsp32

BOARD = "twin-6"  # a small board


@pytest.fixture
def esp32(tmp_path: Path) -> Iterator[UsbEsp32]:
    with UsbEsp32(tmp_path / "flash") as esp32:
        yield esp32


@pytest.fixture
def surprising_board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The board file here has its fan on a pin that is read at reset; gives the warning's beginning."""
    text = (BOARDS / f"{BOARD}.toml").read_text()
    assert "pin = 25" in text
    (tmp_path / f"{BOARD}.toml").write_text(text.replace("pin = 25", "pin = 15"))
    monkeypatch.setattr("firmware.tools.compile_firmware.BOARDS", tmp_path)
    return "Mind: gpio15 "


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
