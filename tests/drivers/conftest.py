"""Whole ESP32s for the tests of this folder."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.esp32.bench import BOARDS, Esp32Bench, give_time


@pytest.fixture
def begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Esp32Bench]]:
    """Make an ESP32 with the hardware of a board file; its thread ends with the test."""
    made: list[Esp32Bench] = []

    def make(name: str) -> Esp32Bench:
        bench = Esp32Bench(BOARDS / f"{name}.toml", tmp_path / name)
        give_time(monkeypatch, bench)
        made.append(bench)
        return bench

    yield make
    for bench in made:
        bench.close()
