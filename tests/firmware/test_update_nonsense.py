"""Images that are none: whatever a manifest says, nothing raises, no rail moves, and what runs stays whole."""

import random
import struct
from hashlib import sha256
from pathlib import Path

import pytest

from backplane.firmware_link.codes import Op
from backplane.firmware_link.commands import Order
from backplane.firmware_link.update_orders import MAX_DATA, UpdateFault, update_data
from firmware.boot_selector import is_whole
from tests.support.update_bench import UpdateBench, play_image, put_folder

pytestmark = pytest.mark.long

OLD, NEW = play_image("1.0"), play_image("2.0")
INSERTED = (b"\xff", b"\n", b" ", b"../", b"99999999999 ", b"-1 ", b"\0", b"/")
ROWS = (b"5 %s x/y\n", b"0 %s firmware\n", b"0 %s ./manifest\n", b"0 %s a//b\n", b"0 %s firmware/__init__.py/x\n")  # fmt: skip
HASH = b"a" * 64


def spoilt(manifest: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randint(0, 3)):
        at, length = chance.randrange(len(manifest)), chance.randint(1, 60)
        manifest = chance.choice(
            (
                manifest[:at] + chance.randbytes(1) + manifest[at + 1 :],
                manifest[:at] + chance.choice(INSERTED) + manifest[at:],
                (manifest[:at] + manifest[at + length :]) or b"B",
                manifest + chance.choice(ROWS) % HASH,
            )
        )
    return manifest


def offer(bench: UpdateBench, manifest: bytes, size: int | None = None) -> None:
    """Begin, data and commit, whatever is answered."""
    data = manifest + NEW.data[len(NEW.manifest) :]
    digest = sha256(manifest).digest()
    told = len(data) if size is None else size
    bench.order(Order(Op.UPDATE_BEGIN, struct.pack("<II32s", len(manifest), told, digest)))
    for at in range(0, len(data), MAX_DATA):
        bench.order(update_data(at, data[at : at + MAX_DATA]))
    bench.order(Order(Op.UPDATE_COMMIT, digest))


@pytest.fixture
def bench(tmp_path: Path) -> UpdateBench:
    put_folder(tmp_path, "a", OLD)
    bench = UpdateBench(tmp_path)
    bench.powered(1, 2)
    return bench


@pytest.mark.parametrize("seed", range(3))
def test_images_of_nonsense_switch_nothing_and_hurt_nothing(bench: UpdateBench, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(25):
        size = chance.choice((None, None, chance.randrange(1 << 32)))
        offer(bench, spoilt(NEW.manifest, chance), size)
        op = chance.choice((Op.UPDATE_BEGIN, Op.UPDATE_DATA, Op.UPDATE_COMMIT, Op.UPDATE_STATUS))
        bench.order(Order(op, chance.randbytes(chance.randrange(60))))
        if chance.random() < 0.2:
            bench.reboot()
            bench.greet()
        assert is_whole(bench.boot.folder(bench.boot.running))
        assert bench.board.switches == 0b110


@pytest.mark.parametrize("name", ["./manifest", ".//manifest.new", "a/./b", "a//b", "a/", "../a"])
def test_a_path_that_goes_around_is_refused(bench: UpdateBench, name: str) -> None:
    manifest = NEW.manifest + b"0 %s %s\n" % (HASH, name.encode())
    offer(bench, manifest)
    assert bench.status().fault == UpdateFault.NO_MANIFEST
    assert bench.board.switches == 0b110
