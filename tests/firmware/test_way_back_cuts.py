"""The power fails while a version that turned out bad gives way: the word is kept or is not, and there is no to and fro."""

from pathlib import Path

import pytest

from backplane.firmware_link.image import Image, make_image
from firmware import boot_selector
from firmware.boot_selector import CRASHED, HUNG, BootState
from tests.support.cut_flash import CutFlash, PowerCut
from tests.support.update_bench import put_folder

pytestmark = pytest.mark.long


def small_image(version: str) -> Image:
    return make_image({"board.json": version.encode()}, version, "reference-10", 0)


OLD, NEW = small_image("1.0"), small_image("2.0")


def started(root: Path) -> BootState:
    boot = BootState(str(root))
    boot.running = boot.choose()
    return boot


def fail(root: Path, how: str) -> None:
    """What runs now ends badly once."""
    boot = started(root)
    if how == "hangs":
        boot.note_hang()
    else:
        BootState(str(root)).crashed(boot.running)


def fail_and_start(root: Path, how: str) -> None:
    """The third failure and the start that follows: all that is written for giving way."""
    fail(root, how)
    assert started(root).running == 1


def world(root: Path, how: str) -> None:
    """Folder a has failed twice."""
    put_folder(root, "a", OLD)
    put_folder(root, "b", NEW)
    for _ in range(2):
        fail(root, how)


@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize(("how", "outcome"), [("hangs", HUNG), ("stops", CRASHED)])
def test_a_cut_at_every_byte_of_giving_way(
    how: str, outcome: int, keeps: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flash = CutFlash(keeps=keeps)
    flash.install(monkeypatch, boot_selector)
    world(tmp_path / "whole", how)
    flash.spent = 0
    fail_and_start(tmp_path / "whole", how)
    cost = flash.spent
    for cut in range(cost):
        root = tmp_path / str(cut)
        world(root, how)
        flash.left = cut
        with pytest.raises(PowerCut):
            fail_and_start(root, how)
        flash.left = None
        if started(root).running == 0:  # its third failure was not kept whole
            fail(root, how)
        assert (started(root).running, started(root).outcome) == (1, outcome)
        for each in ("hangs", "stops"):
            for _ in range(4):
                fail(root, each)
                assert started(root).running == 1  # the way back is closed
