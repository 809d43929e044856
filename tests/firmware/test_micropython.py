"""The firmware tells the same story, byte for byte, on real MicroPython and on CPython."""

import subprocess
import sys
from pathlib import Path

import pytest

from firmware.tools.compile_board import compile_board

ROOT = Path(__file__).parents[2]
BOARDS = sorted((ROOT / "firmware" / "boards").glob("*.toml"))
STAGE = Path(__file__).parent / "micropython"


def output_of(command: list[str]) -> str:
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.live
@pytest.mark.parametrize("source", BOARDS, ids=[path.stem for path in BOARDS])
def test_both_pythons_tell_the_same_story(source: Path, tmp_path: Path) -> None:
    board = tmp_path / "board.json"
    compile_board(source, board)
    (tmp_path / "flash").mkdir()
    play = STAGE / "play.py"
    places = f"BOARD, FLASH = {str(board)!r}, {str(tmp_path / 'flash')!r}\n"
    places += f"import sys\nsys.path.append({str(STAGE)!r})\n"  # stage_board.py
    on_cpython = output_of([sys.executable, "-c", places + play.read_text()])
    runner = str(STAGE / "run.mjs")
    on_micropython = output_of(["node", runner, str(ROOT / "firmware"), str(board), str(play)])
    assert on_micropython.splitlines() == on_cpython.splitlines()
    assert len(on_cpython.splitlines()) > 80  # a board that senses little tells less
    assert "again True" in on_cpython


@pytest.mark.live
@pytest.mark.parametrize("source", BOARDS, ids=[path.stem for path in BOARDS])
def test_both_pythons_drive_the_same_chips(source: Path, tmp_path: Path) -> None:
    board = tmp_path / "board.json"
    compile_board(source, board)
    script = STAGE / "board.py"
    places = f"BOARD, FLASH = {str(board)!r}, ''\n"
    on_cpython = output_of([sys.executable, "-c", places + script.read_text()])
    runner = str(STAGE / "run.mjs")
    on_micropython = output_of(["node", runner, str(ROOT / "firmware"), str(board), str(script)])
    assert on_micropython.splitlines() == on_cpython.splitlines()
    assert on_cpython.splitlines()[-1] == "reset"
    assert "write" in on_cpython
