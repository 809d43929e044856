"""One minute of a slot's readings in seven numbers, and many in one. Pure; what nobody read in that time is None, never 0."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Final

from backplane.slots.reading_ring import Reading

# As a row keeps it: the fields of Minute in their order.
Packed = list[int | None]
_WITHOUT_POWER: Final = 6


@dataclass(frozen=True, slots=True)
class Minute:
    """`points`: how many readings there were: 60 of a board that tells them each second, where none was lost.

    `mw` is the mean of what each reading's volts and amps make together, not the product of both means.
    """

    points: int
    mv: int | None  # mean
    ma: int | None  # mean
    ma_max: int | None
    cdeg: int | None  # mean
    cdeg_max: int | None
    mw: int | None = None  # mean


@dataclass(frozen=True, slots=True)
class Period(Minute):
    """Several minutes as one; `minutes`: in how many of its minutes something was heard.

    How many readings a minute has is the board's own choice (`telemetry_period_ms`), so they tell nothing of holes.
    """

    minutes: int = 1


def minute_of(readings: Sequence[Reading]) -> Minute:
    """Return what is kept of these readings."""
    peaks = (each.ma if each.ma_max is None else each.ma_max for each in readings)
    temperatures = [each.cdeg for each in readings]
    return Minute(
        points=len(readings),
        mv=_mean(each.mv for each in readings),
        ma=_mean(each.ma for each in readings),
        ma_max=max(_known(peaks), default=None),
        cdeg=_mean(temperatures),
        cdeg_max=max(_known(temperatures), default=None),
        mw=_mean(_mw(each.mv, each.ma) for each in readings),
    )


def merged(minutes: Sequence[Minute]) -> Period:
    """Return several minutes as one: means by how many readings are behind each, maxima, all points."""
    return Period(
        points=sum(each.points for each in minutes),
        mv=_weighted((each.mv, each.points) for each in minutes),
        ma=_weighted((each.ma, each.points) for each in minutes),
        ma_max=max(_known(each.ma_max for each in minutes), default=None),
        cdeg=_weighted((each.cdeg, each.points) for each in minutes),
        cdeg_max=max(_known(each.cdeg_max for each in minutes), default=None),
        mw=_weighted((each.mw, each.points) for each in minutes),
        minutes=len(minutes),
    )


def packed(minute: Minute) -> Packed:
    """Return a minute as a row keeps it."""
    return list(astuple(minute))


def unpacked(row: Sequence[int | None]) -> Minute:
    """Return the minute that a row keeps; rows of six numbers have no power: there it is mean volts by mean amps."""
    points, *values = row
    minute = Minute(points or 0, *values)
    return minute if len(row) > _WITHOUT_POWER else replace(minute, mw=_mw(minute.mv, minute.ma))


def _mw(mv: int | None, ma: int | None) -> int | None:
    return None if mv is None or ma is None else round(mv * ma / 1000)


def _known(values: Iterable[int | None]) -> list[int]:
    return [value for value in values if value is not None]


def _weighted(values: Iterable[tuple[int | None, int]]) -> int | None:
    known = [(value, weight) for value, weight in values if value is not None and weight]
    total = sum(weight for _, weight in known)
    return round(sum(value * weight for value, weight in known) / total) if total else None


def _mean(values: Iterable[int | None]) -> int | None:
    known = _known(values)
    return round(sum(known) / len(known)) if known else None
