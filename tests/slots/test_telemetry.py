"""Ten minutes of readings in little memory: what is kept, what is merged, and what it takes."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backplane.slots.reading_ring import ReadingRing
from backplane.slots.telemetry import KEPT_FOR, Reading, TelemetryStore
from tests.support.slots import NOW, later

values = st.none() | st.integers(-40_000, 65_535)


def test_the_latest_reading_wins_and_history_is_one_a_second() -> None:
    store = TelemetryStore()
    for tenth in range(51):
        store.put(1, 7, Reading(12_000, tenth, None), later(tenth / 10))
    latest = store.latest(1, 7)
    assert latest is not None
    assert latest.reading.ma == 50
    assert 5 <= len(store.history(1, 7)) <= 8
    assert store.latest_of_chassis(1) == {7: latest}
    assert store.latest_of_chassis(2) == {}


def test_ten_minutes_are_kept_and_a_hole_stays_a_hole() -> None:
    store = TelemetryStore()
    store.put(1, 7, Reading(), NOW)
    store.put(1, 7, Reading(), later(300))
    store.put(1, 7, Reading(), NOW + KEPT_FOR + timedelta(seconds=1))
    assert [point.at for point in store.history(1, 7)] == [later(300), later(601)]


def test_a_chassis_can_be_forgotten() -> None:
    store = TelemetryStore()
    store.hear(1, NOW)
    store.put(1, 7, Reading(), NOW)
    store.put(2, 7, Reading(), NOW)
    assert store.heard_at(1) == NOW
    store.forget(1)
    assert (store.heard_at(1), store.latest(1, 7), store.history(1, 7)) == (None, None, ())
    assert store.latest(2, 7) is not None


def test_power_is_known_only_when_volts_and_amps_are() -> None:
    assert Reading(12_000, 500).mw == 6_000
    assert Reading(12_000, None).mw is None
    assert Reading(None, 500).peak_mw is None
    assert Reading(12_000, 500, None, 750).peak_mw == 9_000
    assert Reading(12_000, 500).peak_mw == 6_000


@pytest.mark.parametrize(("then", "kept"), [(None, 900), (600, 900), (1_000, 1_000)])
def test_a_point_that_replaces_another_keeps_the_maximum(then: int | None, kept: int) -> None:
    store = TelemetryStore()
    store.put(1, 7, Reading(12_000, 500), NOW)
    store.put(1, 7, Reading(12_000, 500, 4_700, 900), later(0.5))
    store.put(1, 7, Reading(12_000, then), later(0.6))  # a snapshot tells no maximum
    assert [point.reading.ma_max for point in store.history(1, 7)] == [None, kept]


def test_the_readings_around_a_moment_are_found_for_every_slot() -> None:
    store = TelemetryStore()
    for second in range(20):
        for slot in (0, 7):
            store.put(
                1, slot, Reading(12_000, second, None, None if second == 16 else 50), later(second)
            )
    store.put(1, 8, Reading(12_000, 1), NOW)
    found = store.rows_around(1, later(17), timedelta(seconds=2), timedelta(seconds=1))
    rows = [[-2, 12_000, 15, 50], [-1, 12_000, 16, None], [0, 12_000, 17, 50], [1, 12_000, 18, 50]]
    assert found == {0: rows, 7: rows}
    assert store.rows_around(2, NOW, timedelta(seconds=2), timedelta(0)) == {}


@given(st.lists(st.tuples(values, values, values, values), max_size=40))
def test_what_is_packed_comes_back_as_it_was(told: list[tuple[int | None, ...]]) -> None:
    readings = [Reading(*each) for each in told]
    store = TelemetryStore()
    for second, reading in enumerate(readings):
        store.put(1, 7, reading, later(second + 0.123457))
    points = store.history(1, 7)
    assert [point.reading for point in points] == readings
    assert [point.at for point in points] == [later(n + 0.123457) for n in range(len(readings))]


def test_ten_minutes_of_a_slot_fit_into_forty_kilobytes() -> None:
    ring = ReadingRing(KEPT_FOR.total_seconds(), 0.0)
    for half in range(3 * 1_200):  # twice a second: telemetry and snapshots that fall in between
        ring.keep(half / 2, Reading(12_000, half, 4_700, half + 1))
    assert len(ring) == 1_201
    assert ring.size_bytes < 40_000
