"""The machines of this process, by name, each with its folder locked against other processes.

A machine lives as long as the process (or until `stop`); links come and go without it.
"""

import asyncio
import concurrent.futures
import fcntl
import os
import threading
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import firmware
from backplane.firmware_link.simulator.control import execute
from backplane.firmware_link.simulator.machine import Machine, Microcontroller
from backplane.firmware_link.simulator.rig import Rig
from firmware.board_spec import BoardSpec

DEFAULT_BOARD = "reference-10"
ANSWER_WITHIN_S = 5.0  # how long a caller on another thread waits for the machine's loop


class WorldInUse(Exception):  # noqa: N818  (named for what happened)
    """Another process simulates the rack in that folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder

    def __str__(self) -> str:
        return (
            f"Another process already simulates the rack in {self.folder}. "
            f"Stop it, or choose another name or folder."
        )


@dataclass(slots=True)
class _Place:
    machine: Machine
    loop: asyncio.AbstractEventLoop
    thread: int
    lock_fd: int


_places: dict[str, _Place] = {}


def board_spec(name: str = DEFAULT_BOARD) -> BoardSpec:
    """Read a board file by its name, or by its path if it ends in .toml.

    Raises FileNotFoundError that names the boards there are, or ValueError for a file that is none.
    """
    boards = Path(firmware.__file__).parent / "boards"
    path = Path(name) if name.endswith(".toml") else boards / f"{name}.toml"
    try:
        return BoardSpec(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        known = ", ".join(sorted(file.stem for file in boards.glob("*.toml")))
        raise FileNotFoundError(f"There is no board file {path}. Boards: {known}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} describes no board: {error}") from error


def start_machine(
    name: str,
    folder: Path,
    *,
    board: str = DEFAULT_BOARD,
    mcu: Microcontroller | None = None,
) -> Machine:
    """Start the rack `name` kept in `folder` on the running loop, or return it if it runs there.

    Raises WorldInUse, WorldUnreadable, and what `board_spec` raises.
    """
    loop = asyncio.get_running_loop()
    place = _places.get(name)
    if place is not None:
        if place.loop is loop:
            return place.machine
        stop_machine(name)  # its loop has ended, or is not ours
    spec = board_spec(board)
    lock_fd = _lock(folder)
    try:
        machine = Machine(Rig(name, spec, folder), loop, mcu=mcu)
        machine.start()
    except BaseException:
        os.close(lock_fd)
        raise
    _places[name] = _Place(machine, loop, threading.get_ident(), lock_fd)
    return machine


def stop_machine(name: str) -> None:
    """Stop a rack's firmware and let its folder go; nothing happens if there is none."""
    place = _places.pop(name, None)
    if place is not None:
        place.machine.stop()
        os.close(place.lock_fd)


def stop_all() -> None:
    """Stop every machine of this process."""
    for name in list(_places):
        stop_machine(name)


def machine(name: str) -> Machine | None:
    """Return the running machine of that name, or None."""
    place = _places.get(name)
    return place.machine if place is not None else None


def execute_on(name: str, line: str) -> dict[str, Any] | None:
    """Run one control line on a machine from any thread; None if there is no such machine.

    Raises TimeoutError if the machine's loop does not answer within ANSWER_WITHIN_S.
    """
    place = _places.get(name)
    if place is None:
        return None
    if threading.get_ident() == place.thread:
        return execute(place.machine, line)
    answer: concurrent.futures.Future[dict[str, Any]] = concurrent.futures.Future()

    def on_loop() -> None:
        try:
            answer.set_result(execute(place.machine, line))
        except Exception as error:  # noqa: BLE001  (it belongs to the caller on the other thread)
            answer.set_exception(error)

    place.loop.call_soon_threadsafe(on_loop)
    return answer.result(ANSWER_WITHIN_S)


def _lock(folder: Path) -> int:
    """Lock a world's folder for this process; the lock falls with the process, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise WorldInUse(folder) from error
    return descriptor
