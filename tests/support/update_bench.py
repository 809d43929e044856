"""A bench whose core runs from one of two folders in a real directory, started by the real boot selector."""

from pathlib import Path

from backplane.firmware_link.commands import Order
from backplane.firmware_link.image import Image, make_image
from backplane.firmware_link.update_orders import (
    MAX_DATA,
    UpdateStatus,
    update_begin,
    update_commit,
    update_data,
    update_status,
)
from firmware import codes
from firmware.boot_selector import FOLDERS, BootState
from firmware.core import Core
from firmware.journal_file import FileJournal
from firmware.wire import Decoder
from tests.support.bench import Bench
from tests.support.fake_board import FakeBoard

BOARD = "reference-10"


def play_image(version: str, *, board: str = BOARD, mpy: int = 0, filler: int = 0) -> Image:
    """A small image with a folder in a folder, an empty file and one of some length."""
    files = {
        "board.json": b"{}",
        "firmware/__init__.py": b"",
        "firmware/core.py": f"VERSION = {version!r}\n".encode() * 40,
        "firmware/drivers/chip.py": bytes(range(256)) * 20,
    }
    if filler:
        files["firmware/filler.py"] = bytes(range(251)) * (filler // 251)
    return make_image(files, version, board, mpy)


def put_folder(root: Path, name: str, image: Image) -> None:
    """What install_firmware leaves in a folder."""
    for path, content in image.files:
        place = root / name / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    (root / name / "manifest").write_bytes(image.manifest)


def version_in(root: Path, index: int) -> str:
    folder: str = FOLDERS[index]
    return (root / folder / "manifest").read_text().split()[1]


class UpdateBench(Bench):
    """`folder` is the one that runs. A reboot goes through the selector; nothing else of the rack changes."""

    def __init__(self, root: Path, board: FakeBoard | None = None) -> None:
        self.root = root
        self.starts: list[tuple[int, bool]] = []  # folder, on trial
        super().__init__(board, FileJournal(str(root)))

    def _boot(self) -> None:
        boot = BootState(str(self.root))
        boot.running = boot.choose()
        self.starts.append((boot.running, boot.is_on_trial()))
        self.journal = FileJournal(str(self.root))
        version = version_in(self.root, boot.running)
        self.core = Core(self.board, self.journal, self.now_ms, version, boot)
        self.boot = boot
        self._decoder = Decoder()
        self._heartbeat_at = self.now_ms
        self._is_greeted = False

    @property
    def folder(self) -> int:
        running: int = self.boot.running
        return running

    def run_through_reboot(self, limit_ms: int = 100_000) -> None:
        """Let time pass until the board restarts by itself, and start it again."""
        before = self.board.reboots
        self.run_until(lambda: self.board.reboots > before, limit_ms)
        self.reboot()

    def order(self, order: Order, **guards: int) -> tuple[int, bytes]:
        return self.ask(int(order.op), *order.args, **guards)

    def status(self) -> UpdateStatus:
        code, data = self.order(update_status())
        assert code == codes.OK
        status = UpdateStatus.from_data(data)
        assert status is not None
        return status

    def begin(self, image: Image) -> UpdateStatus:
        code, data = self.order(update_begin(image))
        assert code == codes.OK, code
        status = UpdateStatus.from_data(data)
        assert status is not None
        return status

    def send_image(self, image: Image) -> None:
        """Begin, or go on where it stopped, up to the last byte."""
        data, at = image.data, self.begin(image).received
        while at < len(data):
            piece = data[at : at + MAX_DATA]
            assert self.order(update_data(at, piece))[0] == codes.OK
            at += len(piece)

    def update_to(self, image: Image) -> None:
        """Everything up to the restart into the new version."""
        self.send_image(image)
        assert self.order(update_commit(image))[0] == codes.OK
        self.run_through_reboot()
