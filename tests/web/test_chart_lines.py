"""What is drawn of readings over a long time: steps, holes, limits, and the sentence beside them."""

from datetime import timedelta

from backplane.live.pages.chart_lines import (
    HEIGHT,
    POWER,
    TEMPERATURE,
    VOLTAGE,
    WIDTH,
    chart_of,
    span_words,
    sum_of,
    top_of,
)
from backplane.slots.rollups import Minute

PERIOD = timedelta(minutes=10)


def at(celsius: float, highest: float | None = None, watts: float | None = None) -> Minute:
    peak = celsius if highest is None else highest
    mw = None if watts is None else int(watts * 1000)
    return Minute(600, 12_050, 400, 900, int(celsius * 100), int(peak * 100), mw)


def test_each_period_is_a_step_and_a_hole_is_hatched_never_bridged() -> None:
    chart = chart_of(TEMPERATURE, [at(40), at(50), None, at(40)], PERIOD, 75, 115)
    assert chart.lines == ("0,67.5 150,67.5 150,58.5 300,58.5", "450,67.5 600,67.5")
    assert [(hole.x, hole.width) for hole in chart.holes] == [(300, 150)]
    assert chart.limit_y == 36
    said = chart.sentence.replace("\u00a0", " ")
    assert said == "40 to 50 °C; limit 75 °C; 10 min not known."


def test_the_highest_of_a_period_is_drawn_and_told_beside_its_mean() -> None:
    chart = chart_of(TEMPERATURE, [at(40, 70), at(41, 44)], PERIOD, None, 80)
    assert len(chart.peaks) == 1
    assert chart.limit_y is None
    assert "highest 70" in chart.sentence
    assert "not known" not in chart.sentence


def test_what_was_never_heard_is_one_hole_and_no_zero() -> None:
    chart = chart_of(POWER, [None] * 4, PERIOD, None, 5)
    assert (chart.lines, chart.peaks) == ((), ())
    assert [(hole.x, hole.width) for hole in chart.holes] == [(0, WIDTH)]
    assert chart.sentence == "Not known in all of this time."


def test_a_period_that_was_heard_without_this_value_is_a_hole_of_this_value_alone() -> None:
    heard = Minute(600, 12_050, None, None, None, None)
    assert chart_of(POWER, [heard], PERIOD, None, 5).holes
    assert chart_of(VOLTAGE, [heard], PERIOD, None, 15).sentence.startswith("Steady at 12.05")


def test_the_scale_holds_the_limit_and_every_highest_value() -> None:
    assert top_of(TEMPERATURE, [[at(40, 90)], [None]], 75) == 90 * 1.1
    assert round(top_of(TEMPERATURE, [[at(40)]], 75), 3) == 82.5
    assert round(top_of(POWER, [], None), 3) == 5.5  # nothing is not drawn as if it raged
    over = chart_of(TEMPERATURE, [at(200), at(0)], PERIOD, None, 80)
    assert over.lines == (f"0,0 300,0 300,{HEIGHT} 600,{HEIGHT}",)


def test_a_whole_is_the_sum_of_what_is_known() -> None:
    unknown = Minute(600, 12_000, None, None, None, None)
    added = sum_of([[at(40, watts=3), None, None], [at(40, watts=4), at(40, watts=2), unknown]])
    assert [one.mw if one else None for one in added] == [7_000, 2_000, None]


def test_lengths_of_time_are_told_as_people_do() -> None:
    told = [span_words(timedelta(hours=hours)).replace("\u00a0", " ") for hours in (1, 3, 36, 60)]
    assert told == ["60 min", "3 h", "36 h", "2.5 days"]
