"""How readings over an hour, a day or a month are drawn: lines and their holes, and the same in a sentence.

Pure. A period of which nothing or less than half was heard is a hatched hole, never a bridge; each period has its
mean and its highest, and what was heard of a hole is in the sentence and as its highest in the drawing.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby
from typing import Final

from backplane.slots.rollups import Minute, Period

WIDTH: Final = 600
HEIGHT: Final = 90
_NO_BREAK: Final = "\u00a0"  # a number and its unit stay together
_ROOM: Final = 1.1  # above the highest of what is drawn
_MINUTE: Final = timedelta(minutes=1)
_DRAWN: Final = 0.5  # heard of a period: with less its mean is not drawn over all of it

Periods = Sequence[Period | None]
Value = Callable[[Minute], float | None]


@dataclass(frozen=True, slots=True)
class Quantity:
    """What is drawn of a period. `floor`: the lower end of the scale; `digits` behind the point."""

    key: str
    title: str
    unit: str
    mean: Value
    highest: Value
    floor: float = 0.0
    digits: int = 1
    least: float = 1.0  # so that nothing is not drawn as if it raged
    may_sink: bool = False  # what is below the floor lowers it

    def reaching(self, series: Iterable[Periods]) -> "Quantity":
        """Return this quantity on a scale that begins low enough for all of these."""
        values = [self.mean(one) for periods in series for one in periods if one is not None]
        lowest = min((value for value in values if value is not None), default=self.floor)
        if not self.may_sink or lowest >= self.floor:
            return self
        return replace(self, floor=float(math.floor(lowest)))

    def number(self, value: float) -> str:
        return f"{value:.{self.digits}f}"

    def words(self, value: float) -> str:
        return f"{self.number(value)}{_NO_BREAK}{self.unit}"

    def range(self, low: float, high: float) -> str:
        if self.number(low) == self.number(high):
            return f"Steady at {self.words(high)}"
        return f"{self.number(low)} to {self.words(high)}"


def _scaled(name: str, scale: int) -> Value:
    def value(minute: Minute) -> float | None:
        found = getattr(minute, name)
        return None if found is None else found / scale

    return value


def _nothing(_: Minute) -> None:
    return None


TEMPERATURE: Final = Quantity(
    "celsius", "Temperature", "°C", _scaled("cdeg", 100), _scaled("cdeg_max", 100),
    15.0, 0, 40.0, may_sink=True,
)  # fmt: skip
POWER: Final = Quantity("watts", "Power", "W", _scaled("mw", 1000), _nothing, least=5.0)
CURRENT: Final = Quantity(
    "amps", "Current", "A", _scaled("ma", 1000), _scaled("ma_max", 1000), digits=2
)
VOLTAGE: Final = Quantity("volts", "Voltage", "V", _scaled("mv", 1000), _nothing, digits=2)


@dataclass(frozen=True, slots=True)
class Hole:
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Chart:
    """`lines` are means, `peaks` the highest of each period, `limit_y` where the limit stands if it is in the picture."""

    quantity: Quantity
    lines: tuple[str, ...]
    peaks: tuple[str, ...]
    holes: tuple[Hole, ...]
    limit_y: float | None
    top: str
    sentence: str


def top_of(quantity: Quantity, series: Iterable[Periods], limit: float | None) -> float:
    """Return the upper end of a scale on which all of these fit, and their limit with them."""
    values = [
        value
        for periods in series
        for minute in periods
        if minute is not None
        for value in (quantity.mean(minute), quantity.highest(minute))
        if value is not None
    ]
    return _ROOM * max([quantity.least, *values, *([] if limit is None else [limit])])


def chart_of(
    quantity: Quantity, periods: Periods, width: timedelta, limit: float | None, top: float
) -> Chart:
    """Return the drawing of one quantity over periods of `width`, oldest first."""
    means = [None if one is None else quantity.mean(one) for one in periods]
    highest = [None if one is None else quantity.highest(one) for one in periods]
    shares = [
        0.0 if mean is None else heard_share(one, width)
        for one, mean in zip(periods, means, strict=True)
    ]
    drawn = [mean if share >= _DRAWN else None for mean, share in zip(means, shares, strict=True)]
    missing = width * sum(1 - share for share in shares)
    return Chart(
        quantity,
        _lines(drawn, quantity.floor, top),
        _lines(highest, quantity.floor, top),
        _holes(drawn),
        None if limit is None else _y(limit, quantity.floor, top),
        quantity.words(top),
        _sentence(quantity, means, highest, (limit, missing)),
    )


def heard_share(period: Period | None, width: timedelta) -> float:
    """Return in which share of a period's minutes something was heard."""
    return 0.0 if period is None else min(1.0, period.minutes * _MINUTE / width)


def sum_of(series: Sequence[Periods]) -> list[Period | None]:
    """Return the power of several together, of those whose power is ever known.

    None where it is not of each of these: the sum of fewer would look as if less had been drawn.
    """
    metered = [one for one in series if any(each and each.mw is not None for each in one)]
    return [_sum(some) for some in zip(*metered, strict=True)] or [None] * max(
        map(len, series), default=0
    )


def _sum(some: Periods) -> Period | None:
    known = [one for one in some if one is not None and one.mw is not None]
    if len(known) < len(some):
        return None
    points, minutes = min(one.points for one in known), min(one.minutes for one in known)
    mw = sum(one.mw or 0 for one in known)
    return Period(points, None, None, None, None, None, mw, minutes)


def x_of(share: float) -> float:
    """Return where a moment stands: 0 is the beginning, 1 the end."""
    return round(WIDTH * share, 1)


def _y(value: float, floor: float, top: float) -> float:
    share = (value - floor) / (top - floor)
    return round(HEIGHT * (1 - min(max(share, 0.0), 1.0)), 1)


def _lines(values: Sequence[float | None], floor: float, top: float) -> tuple[str, ...]:
    """Return a polyline for each run of known values; each value is a step as wide as its period."""
    lines = []
    for is_known, run in groupby(enumerate(values), lambda one: one[1] is not None):
        if not is_known:
            continue
        points = [(at, value) for at, value in run if value is not None]
        corners = [
            f"{x_of(edge / len(values)):g},{_y(value, floor, top):g}"
            for at, value in points
            for edge in (at, at + 1)
        ]
        lines.append(" ".join(corners))
    return tuple(lines)


def _holes(values: Sequence[float | None]) -> tuple[Hole, ...]:
    holes = []
    for is_known, run in groupby(enumerate(values), lambda one: one[1] is not None):
        if not is_known:
            places = [at for at, _ in run]
            x = x_of(places[0] / len(values))
            holes.append(Hole(x, round(x_of((places[-1] + 1) / len(values)) - x, 1)))
    return tuple(holes)


def _sentence(
    quantity: Quantity,
    means: Sequence[float | None],
    highest: Sequence[float | None],
    around: tuple[float | None, timedelta],
) -> str:
    limit, missing = around
    known = [value for value in means if value is not None]
    if not known:
        return "Not known in all of this time."
    peak = max([*known, *(value for value in highest if value is not None)])
    said = quantity.range(min(known), max(known))
    said += f", highest {quantity.words(peak)}" if peak > max(known) else ""
    said += f"; limit {quantity.words(limit)}" if limit is not None else ""
    is_whole = missing < _MINUTE / 2
    return f"{said}{'' if is_whole else f'; {span_words(missing)} not known'}."


def span_words(span: timedelta) -> str:
    """Return a length of time as people say it."""
    minutes = round(span.total_seconds() / 60)
    if minutes < 120:
        return f"{minutes}{_NO_BREAK}min"
    hours = minutes / 60
    if hours < 48:
        return f"{hours:.0f}{_NO_BREAK}h"
    return f"{hours / 24:.1f}{_NO_BREAK}days"
