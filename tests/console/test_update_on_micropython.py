"""An update over the link on a real MicroPython: the compiled files that were sent are what runs afterwards."""

import asyncio
import contextlib
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from backplane.bridge.updates import UpdateDesk
from backplane.console.esp32.host_line import wait_for_hello
from backplane.firmware_link.errors import LinkError
from backplane.firmware_link.image import Image, make_image
from backplane.firmware_link.link import Link
from backplane.firmware_link.messages import Hello, Result
from backplane.firmware_link.status import LinkStatus
from backplane.firmware_link.updater import UpdateFailed, Updater, Verdict
from firmware.boot_selector import HUNG, BootState
from firmware.tools import compile_firmware
from firmware.tools.compile_firmware import (
    FIRMWARE,
    firmware_files,
    firmware_version,
    mpy_of_compiler,
)
from tests.console.conftest import BOARD
from tests.support.esp32.usb import UsbEsp32
from tests.support.recording_handler import RecordingHandler
from tests.support.update_bench import put_folder

pytestmark = pytest.mark.live

BROKEN = 'raise ValueError("this one is broken")\n'
WATCHDOG_S = 5
HANGS = "while True:\n    pass\n"


class Host(RecordingHandler):
    """A host without a database: its link serves an updater."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = UpdateDesk()

    async def command_done(self, result: Result) -> None:
        self.desk.answered(result.id, result)

    async def command_lost(self, command_id: int, why: str) -> None:
        self.desk.answered(command_id, None)

    async def link_up(self, hello: Hello) -> None:
        self.ups.append(hello)
        self.desk.link_up(hello.boot)

    async def link_down(self, status: LinkStatus) -> None:
        self.desk.link_down()


def new_firmware(folder: Path, addition: str, monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401  (an async function)
    """The firmware as it is, but for its version and what is added to its core."""
    copy = folder / "firmware"
    shutil.copytree(FIRMWARE, copy)
    core = copy / "core.py"
    core.write_text(
        core.read_text().replace(f'VERSION = "{firmware_version()}"', 'VERSION = "9.9.9"')
        + addition
    )
    monkeypatch.setattr(compile_firmware, "FIRMWARE", copy)

    async def image_for(mpy: int) -> Image:
        return make_image(firmware_files(BOARD, mpy), "9.9.9", BOARD, mpy & 0xFF)

    return image_for


HANGS_LATER = """
_step = Core.step

def _hang(self, now_ms):
    while now_ms > 300:
        pass
    return _step(self, now_ms)

Core.step = _hang
"""


def test_one_that_hangs_later_gives_way_after_three_times(
    installed_flash: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flash, former = tmp_path / "flash", firmware_version()
    shutil.copytree(installed_flash, flash)
    image = asyncio.run(new_firmware(tmp_path, HANGS_LATER, monkeypatch)(mpy_of_compiler()))
    put_folder(flash, "b", image)
    word = BootState(str(flash))
    word.good = 1
    word.save()
    with UsbEsp32(flash, hurry=10) as esp32:
        until = time.monotonic() + 60
        while BootState(str(flash)).outcome != HUNG:
            assert time.monotonic() < until
            time.sleep(0.1)
        hello = asyncio.run(first_hello(esp32))
    assert (hello.version, esp32.restarts) == (former, 3)


async def first_hello(esp32: UsbEsp32) -> Hello:
    """What the version that starts now says first; until it runs nobody listens on its line."""
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(LinkError):
                hello = await wait_for_hello(esp32.line, 10.0)
                if hello is not None:
                    return hello
            await asyncio.sleep(0.1)


async def update(esp32: UsbEsp32, image_for: Any) -> tuple[Verdict, Host]:  # noqa: ANN401  (an async function)
    host = Host()
    link = Link(esp32.line, host, data_dir=Path())
    host.desk.connect(link.send)
    running = asyncio.create_task(link.run())
    watchdog = asyncio.create_task(bite(esp32))

    async def progress(have: int, size: int) -> None:
        """Nobody looks."""

    try:
        async with asyncio.timeout(60):
            await host.desk.wait_until_up()
            return await Updater(host.desk, image_for, progress).run(), host
    finally:
        for task in (running, watchdog):
            task.cancel()
        await asyncio.gather(running, watchdog, return_exceptions=True)


async def bite(esp32: UsbEsp32) -> None:
    """The hardware watchdog, for the short while of a trial: it resets what reached no host."""
    while True:
        await asyncio.sleep(0.1)
        boot = BootState(str(esp32.flash))
        if boot.tries:
            await asyncio.sleep(WATCHDOG_S)
            if BootState(str(esp32.flash)).tries:
                esp32.press_reset()


async def test_the_files_that_were_sent_run(
    installed: UsbEsp32, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = firmware_version()
    verdict, host = await update(installed, new_firmware(tmp_path, "", monkeypatch))
    assert (verdict.version, verdict.folder) == ("9.9.9", "B")
    assert [hello.version for hello in host.ups] == [old, "9.9.9"]
    assert host.ups[0].journal == host.ups[1].journal
    numbers = [event.number for event in host.events]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert BootState(str(installed.flash)).good == 1


@pytest.mark.parametrize(
    ("addition", "words"), [(BROKEN, "stopped with an error"), (HANGS, "reached no host")]
)
async def test_a_bad_one_gives_way(
    addition: str, words: str, installed: UsbEsp32, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UpdateFailed, match=words):
        await update(installed, new_firmware(tmp_path, addition, monkeypatch))
    assert BootState(str(installed.flash)).good == 0
