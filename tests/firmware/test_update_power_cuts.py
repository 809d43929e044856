"""The power fails at every byte and every step of an update: the board always starts, with a whole firmware."""

import random
from pathlib import Path

import pytest

from backplane.firmware_link.image import Image, make_image
from firmware import boot_selector, update_folder
from firmware.boot_selector import BootState, is_whole
from firmware.update_folder import CHECKED, CHECKING, CLEARING, UpdateFolder
from tests.support.cut_flash import CutFlash, PowerCut
from tests.support.update_bench import put_folder, version_in

pytestmark = pytest.mark.long


def small_image(version: str) -> Image:
    files = {"board.json": b"{}", "firmware/a.py": b"", "firmware/sub/b.py": version.encode() * 9}
    return make_image(files, version, "reference-10", 0)


OLD, NEW = small_image("1.0"), small_image("2.0")


def update(root: str) -> None:
    """All that is ever written, from BEGIN to the confirmation."""
    boot = BootState(root)
    boot.running = boot.choose()
    image = UpdateFolder(
        boot.folder(1 - boot.running),
        len(NEW.manifest),
        len(NEW.data),
        NEW.digest,
        "reference-10",
    )
    while image.phase == CLEARING:
        image.work()
    while image.received < image.size:
        at = image.received
        assert image.take(at, NEW.data[at : at + 50])
        assert not image.fault
    image.begin_check()
    while image.phase == CHECKING:
        image.work()
    assert image.phase == CHECKED
    boot.commit(NEW.digest)
    start_and_confirm(root)


def start_and_confirm(root: str) -> None:
    boot = BootState(root)
    boot.running = boot.choose()
    if boot.is_on_trial():
        boot.confirm()


def world(root: Path) -> str:
    """An older update lies in the other folder, as after a year of use."""
    put_folder(root, "a", OLD)
    put_folder(root, "b", small_image("0.9"))
    (root / "b" / "stray.tmp").write_bytes(b"from an older layout")
    return str(root)


def finish(root: Path) -> None:
    """After the power is back: what starts is whole, and the update can be done to its end."""
    boot = BootState(str(root))
    running = boot.choose()
    assert is_whole(boot.folder(running))
    assert version_in(root, running) in {"1.0", "2.0"}
    boot.running = running
    if boot.is_on_trial():
        boot.confirm()
    if version_in(root, running) == "1.0":
        update(str(root))
    boot = BootState(str(root))
    assert version_in(root, boot.choose()) == "2.0"
    assert is_whole(boot.folder(boot.choose()))


@pytest.mark.parametrize(
    ("keeps", "step"), [(True, 1), (False, 3)], ids=["bytes_stay", "open_files_are_lost"]
)
def test_a_cut_at_every_byte(
    keeps: bool, step: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flash = CutFlash(keeps=keeps)
    flash.install(monkeypatch, boot_selector, update_folder)
    (tmp_path / "whole").mkdir()
    update(world(tmp_path / "whole"))
    cost = flash.spent
    assert cost > 300
    for cut in range(0, cost, step):
        root = tmp_path / str(cut)
        root.mkdir()
        path = world(root)
        flash.left = cut
        with pytest.raises(PowerCut):
            update(path)
        flash.left = None
        finish(root)


def test_cuts_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flash = CutFlash(keeps=False)
    flash.install(monkeypatch, boot_selector, update_folder)
    for seed in range(40):
        dice = random.Random(seed)
        root = tmp_path / str(seed)
        root.mkdir()
        path = world(root)
        for _ in range(6):
            flash.left = dice.randrange(450)
            try:
                boot = BootState(path)
                assert is_whole(boot.folder(boot.choose()))
                update(path)
            except PowerCut:
                pass
        flash.left = None
        finish(root)


def test_a_flash_that_takes_no_word_starts_the_old_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = world(tmp_path)
    boot = BootState(path)
    put_folder(tmp_path, "b", NEW)
    boot.commit(NEW.digest)

    def refuse(path: str, mode: str = "r") -> object:
        if "w" in mode:
            raise OSError(5)
        return Path(path).open(mode)

    monkeypatch.setattr(boot_selector, "open", refuse, raising=False)
    assert BootState(path).choose() == 0


@pytest.mark.parametrize("damage", [b"", b"BPB1", bytes(25), b"\xff" * 25])
def test_without_any_word_the_folder_that_is_there_starts(damage: bytes, tmp_path: Path) -> None:
    put_folder(tmp_path, "b", NEW)
    for name in ("boot.0", "boot.1"):
        (tmp_path / name).write_bytes(damage)
    assert BootState(str(tmp_path)).choose() == 1
    put_folder(tmp_path, "a", OLD)
    assert BootState(str(tmp_path)).choose() == 0


def test_bytes_of_the_word_are_golden(tmp_path: Path) -> None:
    """The selector in the root is never updated: what later versions write it must still read."""
    boot = BootState(str(tmp_path))
    boot.commit(bytes(range(32)))
    golden = "42504231010000000001000100" + "0001020304050607"
    assert (tmp_path / "boot.1").read_bytes()[:-4].hex() == golden
