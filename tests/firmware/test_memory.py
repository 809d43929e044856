"""The firmware fits an ESP32 without PSRAM: its heap is counted on real MicroPython, with words of 32 bits as there."""

import subprocess
from pathlib import Path

import pytest

from backplane.firmware_link.simulator.mcu.interpreters import Python, find_interpreter
from firmware.tools.compile_board import compile_board
from firmware.tools.compile_firmware import firmware_files
from tests.support.fake_board import REFERENCE

pytestmark = pytest.mark.live

ROOT = Path(__file__).parents[2]
STAGE = Path(__file__).parent / "micropython"
CORE_MOST = 60_000  # bytes: a board of 24 slots, its core, a full ring, every buffer full
WORST_MOST = 70_000  # with every setting of every slot, and every name and event as long as can be
COMPILED_MOST = 95_000  # the code of the core itself, as .mpy files
HARD_HEAP = "280k"  # of the unix port, whose words take twice as much: 24 slots at their worst, source compiled there
MPY_VERSION = 6


@pytest.fixture
def board(tmp_path: Path) -> Path:
    compile_board(REFERENCE, tmp_path / "board.json")
    (tmp_path / "flash").mkdir()
    return tmp_path / "board.json"


def on_wasm(firmware: Path, board: Path, script: str) -> dict[str, int]:
    command = ["node", str(STAGE / "run.mjs"), str(firmware), str(board), str(STAGE / script)]
    return figures(command)


def on_unix(board: Path, script: str, heap: str) -> dict[str, int]:
    found = find_interpreter(Python.MICROPYTHON)
    if found.port is not Python.UNIX:
        pytest.skip(
            "the unix port of MicroPython is not here (make setup-dev puts it there on x86-64)"
        )
    runner, flash = str(STAGE / "run_parts.py"), str(board.parent / "flash")
    program = [found.command[0], "-X", f"heapsize={heap}", runner]
    return figures([*program, str(ROOT), str(board), str(STAGE / script), flash])


def figures(command: list[str]) -> dict[str, int]:
    """Run a script in parts; return what each part says of itself or has left in use, in bytes."""
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [line.rpartition(" ") for line in done.stdout.splitlines()]
    return {name: int(number) for name, _, number in lines if number.isdigit()}


def test_24_slots_with_a_full_ring_and_full_buffers_fit_in_60_kb(board: Path) -> None:
    uses = on_wasm(ROOT / "firmware", board, "memory.py")
    code = uses["code uses"]
    assert uses["full and in the middle of a compaction uses"] - code <= CORE_MOST
    worst = uses["every setting of every slot and all names at their longest uses"]
    assert worst - code <= WORST_MOST


def test_the_compiled_code_leaves_room_on_an_esp32(board: Path, tmp_path: Path) -> None:
    compiled = tmp_path / "compiled"
    for name, data in firmware_files("reference-10", MPY_VERSION).items():
        path = compiled / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    uses = on_wasm(compiled / "firmware", board, "memory.py")
    assert uses["code uses"] - uses["nothing uses"] <= COMPILED_MOST
    assert uses["full and in the middle of a compaction uses"] - uses["code uses"] <= CORE_MOST


def test_a_heap_that_really_ends_is_enough_at_the_worst(board: Path) -> None:
    assert on_unix(board, "memory.py", HARD_HEAP)["started again from this flash uses"] > 0


def test_the_heap_does_not_grow_in_200000_steps_and_idle_ones_take_nothing(board: Path) -> None:
    uses = on_unix(board, "long_run.py", HARD_HEAP)
    assert uses["steps"] == 200_000
    assert uses["events"] > 2000
    assert uses["later uses"] - uses["warm uses"] <= 1024
    assert uses["an idle step takes"] == 0
    assert (uses["failures"], uses["compactions"] > 0) == (0, True)
