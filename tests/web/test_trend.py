from datetime import UTC, datetime, timedelta

from backplane.live.pages.trend import trend_of
from backplane.slots.telemetry import Reading, TimedReading

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def readings(*pairs: tuple[float, float | None]) -> list[TimedReading]:
    """Make readings of (seconds ago, °C)."""
    return [
        TimedReading(
            NOW - timedelta(seconds=ago),
            Reading(cdeg=None if celsius is None else round(celsius * 100)),
        )
        for ago, celsius in pairs
    ]


def test_ten_minutes_fill_the_drawing_from_left_to_right() -> None:
    trend = trend_of(readings((600, 40), *[(s, 40.0) for s in range(599, -1, -1)]), 75, NOW)
    assert len(trend.lines) == 1
    assert trend.lines[0].startswith("0,")
    assert trend.lines[0].split()[-1].startswith("300,")


def test_a_hole_in_the_readings_is_a_hole_in_the_line() -> None:
    trend = trend_of(readings((100, 40), (99, 41), (50, 42), (49, 43)), 75, NOW)
    assert len(trend.lines) == 2


def test_hotter_is_drawn_higher_and_the_limit_lies_between() -> None:
    line = trend_of(readings((2, 20), (1, 80)), 75, NOW).lines[0]
    cool, hot = (float(point.split(",")[1]) for point in line.split())
    assert hot < trend_of([], 75, NOW).limit_y < cool


def test_the_sentence_says_where_it_went() -> None:
    assert trend_of(readings((9, 40), (0, 52)), 75, NOW).sentence == (
        "Rose from 40 to 52 °C; limit 75 °C."
    )
    assert trend_of(readings((9, 52), (5, 60), (0, 40)), 75, NOW).sentence == (
        "Fell from 52 to 40 °C, highest 60 °C; limit 75 °C."
    )
    assert trend_of(readings((9, 40), (0, 41)), 75, NOW).sentence == (
        "Steady at 41 °C; limit 75 °C."
    )


def test_not_known_is_never_drawn_as_a_value() -> None:
    trend = trend_of(readings((3, None), (2, None)), 75, NOW)
    assert trend.lines == ()
    assert trend.sentence == "No temperature has been read in the last 10 minutes."
