"""What is drawn of readings over a long time: steps, holes, limits, and the sentence beside them."""

from dataclasses import replace
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
from backplane.slots.rollups import Period

PERIOD = timedelta(minutes=10)


def at(celsius: float, highest: float | None = None, watts: float | None = None) -> Period:
    peak = celsius if highest is None else highest
    mw = None if watts is None else int(watts * 1000)
    return Period(600, 12_050, 400, 900, int(celsius * 100), int(peak * 100), mw, minutes=10)


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
    heard = Period(600, 12_050, None, None, None, None, minutes=10)
    assert chart_of(POWER, [heard], PERIOD, None, 5).holes
    assert chart_of(VOLTAGE, [heard], PERIOD, None, 15).sentence.startswith("Steady at 12.05")


def test_the_scale_holds_the_limit_and_every_highest_value() -> None:
    assert top_of(TEMPERATURE, [[at(40, 90)], [None]], 75) == 90 * 1.1
    assert round(top_of(TEMPERATURE, [[at(40)]], 75), 3) == 82.5
    assert round(top_of(POWER, [], None), 3) == 5.5  # nothing is not drawn as if it raged
    over = chart_of(TEMPERATURE, [at(200), at(0)], PERIOD, None, 80)
    assert over.lines == (f"0,0 300,0 300,{HEIGHT} 600,{HEIGHT}",)


def test_a_whole_is_the_sum_of_all_that_are_measured_and_of_no_fewer() -> None:
    unknown = Period(600, 12_000, None, None, None, None, minutes=10)
    never = [unknown, unknown, None]  # no meter
    added = sum_of(
        [[at(40, watts=3), at(40, watts=1), None], [at(40, watts=4), unknown, None], never]
    )
    assert [one.mw if one else None for one in added] == [7_000, None, None]
    assert sum_of([never, never]) == [None] * 3
    assert sum_of([]) == []


def test_what_was_heard_for_less_than_half_of_a_period_is_no_line_across_it() -> None:
    little, most = replace(at(50, 70), minutes=1), replace(at(40), minutes=7)
    chart = chart_of(TEMPERATURE, [at(40), little, most], PERIOD, None, 80)
    assert [(hole.x, hole.width) for hole in chart.holes] == [(200, 200)]
    assert len(chart.lines) == 2
    assert len(chart.peaks) == 1  # how hot it was is not left out
    said = chart.sentence.replace("\u00a0", " ")
    assert (
        said == "40 to 50 °C, highest 70 °C; 12 min not known."
    )  # 9 of one period, 3 of the other


def test_a_board_that_tells_its_readings_rarely_leaves_no_holes() -> None:
    chart = chart_of(VOLTAGE, [replace(at(40), points=10)] * 6, PERIOD, None, 15)
    assert chart.sentence.endswith("12.05\u00a0V.")
    assert chart.holes == ()


def test_frost_is_below_the_usual_scale_and_drawn_there() -> None:
    cold = TEMPERATURE.reaching([[at(-4.5), None, at(20)]])
    assert cold.floor == -5
    assert chart_of(cold, [at(-5), at(20)], PERIOD, None, 45).lines == (
        "0,90 300,90 300,45 600,45",
    )
    assert TEMPERATURE.reaching([[at(20)], []]) is TEMPERATURE
    assert POWER.reaching([[at(20, watts=-1)]]) is POWER


def test_lengths_of_time_are_told_as_people_do() -> None:
    told = [span_words(timedelta(hours=hours)).replace("\u00a0", " ") for hours in (1, 3, 36, 60)]
    assert told == ["60 min", "3 h", "36 h", "2.5 days"]
