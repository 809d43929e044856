"""What is remembered of adapters and boards, and where a missing board is looked for."""

import json
from pathlib import Path

import pytest

from backplane.firmware_link.adapters import FILE_NAME, Adapter, KnownPorts
from backplane.firmware_link.port_finder import device_of

CH340 = Adapter(0x1A86, 0x7523, "")
CP2102 = Adapter(0x10C4, 0xEA60, "0001")


def test_boards_stay_known_when_a_port_leads_to_another_one(tmp_path: Path) -> None:
    KnownPorts(tmp_path).note("/dev/ttyUSB0", CH340, "aa")
    KnownPorts(tmp_path).note("/dev/ttyUSB0", CP2102, "bb")
    KnownPorts(tmp_path).note("/dev/ttyUSB1", CH340, "bb")
    known = KnownPorts(tmp_path).read()
    assert known.adapters == {"/dev/ttyUSB0": CP2102, "/dev/ttyUSB1": CH340}
    assert known.board_ids == {"aa", "bb"}


def test_what_is_no_news_is_not_written(tmp_path: Path) -> None:
    KnownPorts(tmp_path).note("/dev/ttyUSB0", CH340, "aa")
    before = (tmp_path / FILE_NAME).stat()
    KnownPorts(tmp_path).note("/dev/ttyUSB0", CH340, "aa")
    after = (tmp_path / FILE_NAME).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"adapters": {"/dev/x": {}}}', "\x00\xff"])
def test_a_damaged_file_is_begun_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text, encoding="latin-1")
    assert KnownPorts(tmp_path).read().adapters == {}
    KnownPorts(tmp_path).note("/dev/ttyUSB0", CH340, "aa")
    assert json.loads((tmp_path / FILE_NAME).read_text())["board_ids"] == ["aa"]


def test_a_folder_that_cannot_be_written_costs_nothing_else(tmp_path: Path) -> None:
    KnownPorts(tmp_path / "nowhere").note("/dev/ttyUSB0", CH340, "aa")


def test_a_link_leads_to_the_device_that_is_there(tmp_path: Path) -> None:
    device, name = tmp_path / "ttyUSB1", tmp_path / "by-id"
    device.touch()
    name.symlink_to("ttyUSB1")
    assert device_of(f"{name}?baud=115200", {str(device): CH340}) == str(device)
    assert device_of(str(tmp_path / "gone"), {}) == str(tmp_path / "gone")
    name.unlink()
    name.symlink_to(name)
    assert device_of(str(name), {}) == str(name)
