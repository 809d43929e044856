"""main.py and board_esp32.py as a whole: the core, the parts and simulated chips, on every board there is."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from firmware import codes
from tests.support.esp32.bench import BOARDS, Esp32Bench, give_time

NAMES = sorted(path.stem for path in BOARDS.glob("*.toml"))
Begin = Callable[[str], Esp32Bench]


@pytest.fixture
def begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Begin]:
    made: list[Esp32Bench] = []

    def make(name: str) -> Esp32Bench:
        bench = Esp32Bench(BOARDS / f"{name}.toml", tmp_path / name)
        give_time(monkeypatch, bench)
        made.append(bench)
        return bench

    yield make
    for bench in made:
        bench.close()


@pytest.mark.parametrize("name", NAMES)
def test_boots_and_switches(name: str, begin: Begin) -> None:
    bench = begin(name)
    bench.boot()
    bench.rack.seat(1)
    bench.run(500)
    assert bench.ask(codes.SET_POWER, 1, 1) == codes.OK
    assert bench.rack.rail(1)
