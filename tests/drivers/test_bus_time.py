"""How long one step of the loop keeps the I2C bus busy, on every board: in clocks on the wire, so the same each time.

Lamps, a wrong pull and the host line wait for a step at most, so its bus time is bounded.
"""

import tomllib
from collections.abc import Callable
from functools import partial

import pytest

from firmware import codes
from firmware.core import Core
from tests.support.esp32.bench import BOARDS, Esp32Bench

Begin = Callable[[str], Esp32Bench]
NAMES = sorted(path.stem for path in BOARDS.glob("*.toml"))
# What docs/boards.md states, in ms at the board's own clock.
AT_REST_MOST_MS = 3.5
SEATING_MOST_MS = 7.0
METERS_WITHIN_MS = 120


def watch(bench: Esp32Bench, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Bus time of each step from now on, in ms."""
    found: list[float] = []
    real, bus = Core.step, bench.rack.bus
    hz = bench.rack.data["esp32"]["i2c"]["hz"]

    def step(core: Core, now_ms: int) -> bytes:
        before = bus.clocks
        sent: bytes = real(core, now_ms)
        found.append((bus.clocks - before) * 1000 / hz)
        return sent

    monkeypatch.setattr(Core, "step", step)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_no_step_waits_long_for_the_bus(
    name: str, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = begin(name)
    bench.boot()
    bench.run(500)
    steps = watch(bench, monkeypatch)
    for slot in bench.rack.places:  # all at once
        bench.rack.seat(slot)
    bench.run(2000)
    seating = max(steps)
    steps.clear()
    bench.run(5000)
    longest = max(steps)
    assert longest <= AT_REST_MOST_MS
    assert seating <= SEATING_MOST_MS


def trips(bench: Esp32Bench, slot: int) -> bool:
    return codes.TRIP in bench.kinds(slot)


@pytest.mark.parametrize("name", ["reference-10", "rack-15"])
def test_every_meter_is_still_read_ten_times_a_second(name: str, begin: Begin) -> None:
    bench = begin(name)
    bench.boot()
    slots = list(bench.rack.places)
    for slot in slots:
        bench.rack.seat(slot)
    bench.run(1000)
    for slot in slots:
        assert bench.ask(codes.SET_POWER, slot, 1) == codes.OK
        bench.run(600)
    limit_ma = tomllib.loads((BOARDS / f"{name}.toml").read_text())["limits"]["limit_ma"]
    for slot in (slots[0], slots[-1]):
        bench.rack.places[slot].ma = limit_ma + 200
        took_ms = bench.run_until(partial(trips, bench, slot), 1000)
        assert took_ms <= 2 * METERS_WITHIN_MS  # two readings in a row
