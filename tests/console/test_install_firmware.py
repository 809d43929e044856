"""`manage.py install_firmware` on a real MicroPython at the other end of a pseudo-terminal, and what runs there afterwards."""

import os
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from backplane.console.esp32 import flashing, prompt
from backplane.console.esp32.errors import InstallFailed
from backplane.firmware_link.serial_port import open_serial
from firmware.boot_selector import BootState, is_whole
from firmware.tools.compile_firmware import firmware_version
from tests.console.conftest import BOARD
from tests.support.esp32.usb import UsbEsp32

pytestmark = pytest.mark.live


@pytest.fixture
def silent_port() -> Iterator[str]:
    """A port behind which there is nothing."""
    master, slave = os.openpty()
    tty.setraw(slave)
    yield os.ttyname(slave)
    os.close(master)
    os.close(slave)


def install(esp32: UsbEsp32, capsys: pytest.CaptureFixture[str], **options: Any) -> str:  # noqa: ANN401  (those of the command)
    call_command("install_firmware", port=esp32.port, board=BOARD, **options)
    return capsys.readouterr().out


def test_an_empty_esp32_says_hello(esp32: UsbEsp32, capsys: pytest.CaptureFixture[str]) -> None:
    said = install(esp32, capsys, link=esp32.line)
    assert "MicroPython 1.27.0" in said
    assert f"HELLO: board {BOARD}, id 246f28aabbcc0000, firmware {firmware_version()}." in said
    names = {path.name for path in esp32.flash.iterdir()}
    assert names >= {"main.py", "boot_selector.py", "a", "journal.0"}
    assert is_whole(str(esp32.flash / "a"))
    assert list((esp32.flash / "a" / "firmware").glob("*.mpy"))
    assert not list(esp32.flash.rglob("*.new"))


def test_what_may_surprise_is_told_before_anything_is_copied(
    esp32: UsbEsp32, capsys: pytest.CaptureFixture[str], surprising_board: str
) -> None:
    said = install(esp32, capsys)
    assert 0 < said.find(surprising_board) < said.find("Copying")


def test_again_goes_into_the_other_folder_and_keeps_what_the_board_knows(
    installed: UsbEsp32, capsys: pytest.CaptureFixture[str]
) -> None:
    esp32 = installed
    journal = (esp32.flash / "journal.0").read_bytes()
    (esp32.flash / "main.py").write_text("print('somebody changed this')\n")
    esp32.press_reset()
    said = install(esp32, capsys)
    assert "runs from folder b" in said
    assert "/main.py.old" in said
    assert (esp32.flash / "journal.0").read_bytes().startswith(journal)
    assert BootState(str(esp32.flash)).good == 1


def test_a_copy_that_was_cut_is_taken_up_and_harms_nothing(
    installed: UsbEsp32, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    esp32 = installed

    def cut(*_: object) -> None:
        raise InstallFailed("the cable was pulled")

    with monkeypatch.context() as middle:
        middle.setattr(prompt.Prompt, "put_in_place", cut)
        with pytest.raises(CommandError, match="the cable was pulled"):
            install(esp32, capsys)
    assert BootState(str(esp32.flash)).choose() == 0
    said = install(esp32, capsys)
    assert "Copying 0 files" in said
    assert "runs from folder b" in said


def test_a_firmware_that_stops_is_told_with_its_error(
    esp32: UsbEsp32, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"firmware/__init__.py": b"", "firmware/main.py": b"def run(*_):\n    1 / 0\n"}
    monkeypatch.setattr("backplane.console.esp32.steps.firmware_files", lambda *_: files)
    with pytest.raises(CommandError, match="ZeroDivisionError: divide by zero"):
        install(esp32, capsys)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ({"platform": "esp8266"}, "This is not an ESP32: MicroPython calls it esp8266"),
        ({"platform": "rp2"}, "This is not an ESP32: MicroPython calls it rp2"),
        ({"version": "1.20.0"}, r"MicroPython 1.20.0 is too old: 1.24 or newer .* --micropython"),
        ({"free_blocks": 20}, r"80 kB free, and \d+ kB are needed"),
    ],
)
def test_a_chip_that_cannot_is_named(
    kind: dict[str, Any], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with UsbEsp32(tmp_path / "flash", **kind) as esp32:
        with pytest.raises(CommandError, match=words):
            install(esp32, capsys)
        assert not (esp32.flash / "main.py").exists()


def test_a_port_without_micropython_says_where_to_get_it(
    silent_port: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompt, "TRIES", 1)
    with pytest.raises(CommandError, match=r"micropython.org/download/ESP32_GENERIC") as told:
        call_command("install_firmware", port=silent_port, board=BOARD)
    assert "--micropython FILE.bin" in str(told.value)


def test_a_chip_that_does_not_answer_esptool_is_told_how_to(
    silent_port: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompt, "TRIES", 1)
    monkeypatch.setattr(flashing, "CONNECT_ATTEMPTS", "1")
    image = tmp_path / "ESP32_GENERIC.bin"
    image.write_bytes(b"\xe9" + bytes(600_000))
    with pytest.raises(CommandError, match="Hold its BOOT button"):
        call_command("install_firmware", port=silent_port, board=BOARD, micropython=image)


def test_a_port_that_somebody_has_is_named_with_who(silent_port: str) -> None:
    with (
        open_serial(silent_port, 115200),
        pytest.raises(CommandError, match=rf"in use by .*process {os.getpid()}"),
    ):
        call_command("install_firmware", port=silent_port, board=BOARD)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x7fELF" + bytes(600_000), "is no MicroPython for an ESP32"),
        (b"\xe9" + bytes(11) + b"\x09\0" + bytes(600_000), "is for an ESP32-S3"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_is_no_micropython_touches_nothing(
    content: bytes | None, words: str, tmp_path: Path, silent_port: str
) -> None:
    image = tmp_path / "some.bin"
    if content is not None:
        image.write_bytes(content)
    with pytest.raises(CommandError, match=words):
        call_command("install_firmware", port=silent_port, board=BOARD, micropython=image)


def test_chips_are_told_apart_by_what_esptool_prints() -> None:
    assert flashing._chip_of("Chip type:          ESP32-D0WD-V3 (revision v3.1)") == "ESP32"
    assert flashing._chip_of("Chip is ESP32-U4WDH (revision v3.0)") == "ESP32"
    assert flashing._chip_of("Chip type:          ESP32-S3 (QFN56)") == "ESP32-S3"
    assert flashing._chip_of("Chip type:          ESP8266EX") == "ESP8266EX"
