"""One minute of a slot's readings in six numbers. Pure; a value that nobody read in that minute is None, never 0."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

from backplane.slots.reading_ring import Reading

# As a row keeps it: the fields of Minute in their order.
Packed = list[int | None]


@dataclass(frozen=True, slots=True)
class Minute:
    """`points`: how many readings there were, 60 where none was lost."""

    points: int
    mv: int | None  # mean
    ma: int | None  # mean
    ma_max: int | None
    cdeg: int | None  # mean
    cdeg_max: int | None

    @property
    def mw(self) -> int | None:
        """Mean power, as far as volts and amps are both known."""
        return None if self.mv is None or self.ma is None else self.mv * self.ma // 1000


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
    )


def packed(minute: Minute) -> Packed:
    """Return a minute as a row keeps it."""
    return list(astuple(minute))


def unpacked(row: Sequence[int | None]) -> Minute:
    """Return the minute that a row keeps."""
    points, *values = row
    return Minute(points or 0, *values)


def _known(values: Iterable[int | None]) -> list[int]:
    return [value for value in values if value is not None]


def _mean(values: Iterable[int | None]) -> int | None:
    known = _known(values)
    return round(sum(known) / len(known)) if known else None
