"""The world's file: what is kept, and what happens to a damaged one."""

import json
from pathlib import Path

import pytest

from backplane.firmware_link.simulator.demo import board_id_of, demo_world, make_carrier
from backplane.firmware_link.simulator.pi import PiPhase
from backplane.firmware_link.simulator.world import (
    BENCH_LIMIT,
    WORLD_FILE,
    WorldUnreadable,
    load_world,
    save_world,
)


def test_a_world_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    world = demo_world("demo", 10)
    world.bay(3).is_tripped = True
    world.bay(2).brownout_until_ms = 1234
    carrier = world.bay(7).pull(500)
    assert carrier is not None
    world.lay_on_bench(carrier, 7)
    save_world(world, tmp_path)
    assert load_world(tmp_path, 10) == world
    assert [file.name for file in tmp_path.iterdir()] == [WORLD_FILE]


def test_no_file_means_no_world_yet(tmp_path: Path) -> None:
    assert load_world(tmp_path, 10) is None


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"format":99}', '{"format":1}', '{"format":1,"bays":[{}]}', "\x00"],
)
def test_a_damaged_file_is_refused_and_named(tmp_path: Path, text: str) -> None:
    (tmp_path / WORLD_FILE).write_text(text)
    with pytest.raises(WorldUnreadable, match="Delete that file") as caught:
        load_world(tmp_path, 10)
    assert str(tmp_path / WORLD_FILE) in str(caught.value)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / WORLD_FILE).write_bytes(b"\xff\xfe\x80")
    with pytest.raises(WorldUnreadable):
        load_world(tmp_path, 10)


def test_an_unknown_phase_is_refused(tmp_path: Path) -> None:
    save_world(demo_world("demo", 10), tmp_path)
    data = json.loads((tmp_path / WORLD_FILE).read_text())
    data["bays"][0]["carrier"]["pi"]["phase"] = "dancing"
    (tmp_path / WORLD_FILE).write_text(json.dumps(data))
    with pytest.raises(WorldUnreadable, match="dancing"):
        load_world(tmp_path, 10)


def test_a_world_of_another_board_is_refused(tmp_path: Path) -> None:
    save_world(demo_world("demo", 10), tmp_path)
    with pytest.raises(WorldUnreadable, match="10 slots, the board has 4"):
        load_world(tmp_path, 4)


def test_the_bench_is_bounded() -> None:
    world = demo_world("demo", 10)
    for number in range(BENCH_LIMIT + 20):
        world.lay_on_bench(make_carrier(f"C-{number}"), 7)
    assert len(world.bench) == BENCH_LIMIT
    assert f"C-{BENCH_LIMIT + 19}" in world.bench


@pytest.mark.parametrize("slot_count", [1, 2, 10, 24])
def test_the_demo_rack_suits_every_size_and_repeats(slot_count: int) -> None:
    world = demo_world("demo", slot_count)
    assert len(world.bays) == slot_count
    assert world == demo_world("demo", slot_count)


def test_the_demo_rack_shows_each_sort_of_slot() -> None:
    bays = {bay.number: bay for bay in demo_world("demo", 10).bays}
    empty = [number for number, bay in bays.items() if bay.carrier is None]
    off = [n for n, bay in bays.items() if bay.carrier and not bay.rail_is_commanded]
    warm = bays[6].carrier
    assert empty == [5, 10]
    assert off == [8]
    assert warm is not None
    assert warm.pi.phase is PiPhase.RUNNING
    assert 7_000 < warm.pi.temperature_cdeg(0) < 7_500


def test_each_name_has_a_board_id_of_its_own() -> None:
    ids = {board_id_of(name) for name in ("demo", "lab-1", "lab-2")}
    assert len(ids) == 3
    assert all(len(board_id) == 8 and board_id[0] & 3 == 2 for board_id in ids)
