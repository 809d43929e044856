"""The machines of a process: found by name, safe from other threads, locked against other processes."""

import asyncio
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from backplane.firmware_link.simulator import registry
from backplane.firmware_link.simulator.registry import WorldInUse


@pytest.fixture(autouse=True)
def no_machine_is_left_behind() -> Iterator[None]:
    yield
    registry.stop_all()


async def test_a_machine_is_started_once_and_found_by_name(tmp_path: Path) -> None:
    started = registry.start_machine("lab", tmp_path)
    assert registry.start_machine("lab", tmp_path) is started
    assert registry.machine("lab") is started
    assert registry.machine("other") is None
    registry.stop_machine("lab")
    assert registry.machine("lab") is None


async def test_a_line_from_another_thread_runs_on_the_machines_loop(tmp_path: Path) -> None:
    started = registry.start_machine("lab", tmp_path)
    answer = await asyncio.to_thread(registry.execute_on, "lab", "pull 7")
    assert answer == {"ok": True, "slot": 7}
    assert started.rig.world.bay(7).carrier is None
    assert registry.execute_on("lab", "insert 7") is not None
    assert await asyncio.to_thread(registry.execute_on, "nobody", "state") is None


async def test_a_rack_that_another_process_simulates_is_refused(tmp_path: Path) -> None:
    other = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(other, fcntl.LOCK_EX)
    with pytest.raises(WorldInUse, match="Stop it"):
        registry.start_machine("lab", tmp_path)
    os.close(other)
    assert registry.start_machine("lab", tmp_path).is_running


async def test_a_start_that_fails_lets_the_folder_go(tmp_path: Path) -> None:
    (tmp_path / "world.json").write_text("{")
    with pytest.raises(ValueError, match="Delete that file"):
        registry.start_machine("lab", tmp_path)
    (tmp_path / "world.json").unlink()
    assert registry.start_machine("lab", tmp_path).is_running


def test_a_machine_of_an_ended_loop_gives_way_to_one_of_the_running_loop(tmp_path: Path) -> None:
    async def start() -> object:
        return registry.start_machine("lab", tmp_path)

    first = asyncio.run(start())
    assert asyncio.run(start()) is not first


def test_board_files_are_read_by_name_or_path(tmp_path: Path) -> None:
    assert registry.board_spec().slot_count == 10
    small = tmp_path / "small.toml"
    small.write_text('[board]\nname = "small"\nslots = 2\n')
    assert registry.board_spec(str(small)).slot_count == 2
    small.write_text("[board]\nslots = 99\n")
    with pytest.raises(ValueError, match="describes no board"):
        registry.board_spec(str(small))
    with pytest.raises(
        FileNotFoundError,
        match="Boards: bare-4, hat-4, power-7, rack-15, redundant-10, reference-10, twin-6",
    ):
        registry.board_spec("nonesuch")


async def test_a_full_disk_stops_the_keeping_but_not_the_rack(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    started = registry.start_machine("lab", tmp_path / "rack")
    (tmp_path / "rack" / "world.json.new").mkdir()  # nothing can be written there now
    assert registry.execute_on("lab", "pull 7") == {"ok": True, "slot": 7}
    assert registry.execute_on("lab", "pull 6") == {"ok": True, "slot": 6}
    assert started.rig.world.bay(7).carrier is None
    assert sum("cannot be kept" in record.getMessage() for record in caplog.records) == 1
