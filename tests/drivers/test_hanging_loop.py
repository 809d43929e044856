"""main.py's own guard: a loop that stands still is noted before the watchdog bites, and nothing else is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from firmware import codes
from firmware.boot_selector import BootState
from firmware.core import Core
from firmware.journal_file import FileJournal
from tests.support.esp32.bench import Esp32Bench

Begin = Callable[[str], Esp32Bench]


def hangs(folder: Path) -> int:
    boot = BootState(str(folder / "hat-4" / "flash"))
    boot.running = 0
    return int(boot.hangs())


def stand_still(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Let the next step of the core do something else first."""
    real, acts = Core.step, [act]

    def step(core: Core, now_ms: int) -> bytes:
        if acts:
            acts.pop()()
        sent: bytes = real(core, now_ms)
        return sent

    monkeypatch.setattr(Core, "step", step)


@pytest.mark.parametrize(("still_ms", "noted"), [(9_000, 1), (6_500, 0)])
def test_a_loop_that_stands_still_is_noted_and_no_rail_moves(
    still_ms: int, noted: int, begin: Begin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = begin("hat-4")
    bench.boot()
    assert bench.ask(codes.SET_POWER, 2, 1) == codes.OK
    before = bench.rack.rail_history(2)
    stand_still(monkeypatch, lambda: bench.esp32.spend(still_ms))
    bench.run(12_000)
    assert hangs(tmp_path) == noted
    assert bench.rack.rail_history(2) == before


def test_a_start_that_never_ends_is_noted_too(
    begin: Begin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = begin("hat-4")
    real, acts = FileJournal.open, [lambda: bench.esp32.spend(9_000)]

    def open_late(journal: FileJournal) -> None:
        if acts:
            acts.pop()()
        real(journal)

    monkeypatch.setattr(FileJournal, "open", open_late)
    bench.boot(greet=False)
    bench.run(12_000)
    assert hangs(tmp_path) == 1


def test_a_restart_from_outside_leaves_no_note(begin: Begin, tmp_path: Path) -> None:
    bench = begin("hat-4")
    bench.boot()
    for _ in range(3):
        bench.restart()
        bench.run(20_000)
    assert hangs(tmp_path) == 0


def test_an_error_that_ends_the_loop_is_no_hang(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = begin("hat-4")
    bench.boot()

    def fail() -> None:
        raise KeyboardInterrupt  # as Ctrl-C on the prompt

    stand_still(monkeypatch, fail)
    with pytest.raises(KeyboardInterrupt):
        bench.run(100)
    assert not bench.esp32.timers
