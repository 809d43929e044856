"""The readings of one slot over the last minutes, packed: 24 bytes a point instead of some 300.

Pure. Knows no clock and no lock; telemetry.py owns both.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

# No meter tells this; the wire's own "not known" never gets here.
_NOT_KNOWN: Final = -(2**31)
# Points that have passed stay until there are so many of them: moving the others down is not free.
_SLACK: Final = 64

# [seconds from some moment, mV, mA mean, mA max]; None is not known.
Row = list[float | int | None]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a meter said of one slot (0: the chassis supply); None is not known."""

    mv: int | None = None
    ma: int | None = None
    cdeg: int | None = None
    ma_max: int | None = None

    @property
    def mw(self) -> int | None:
        """Power in milliwatts; None unless volts and amps are both known."""
        return None if self.mv is None or self.ma is None else self.mv * self.ma // 1000

    @property
    def peak_mw(self) -> int | None:
        """Highest power of the period; the mean where no maximum was told."""
        amps = self.ma if self.ma_max is None else self.ma_max
        return None if self.mv is None or amps is None else self.mv * amps // 1000


@dataclass(frozen=True, slots=True)
class TimedReading:
    at: datetime
    reading: Reading


class ReadingRing:
    """Points in the order of their times; the oldest leave as new ones come."""

    def __init__(self, kept_for_s: float) -> None:
        self._kept_for_s = kept_for_s
        self._first = 0  # what lies before it has passed
        self._times_s = array("d")
        self._columns = tuple(array("i") for _ in range(4))

    def __len__(self) -> int:
        return len(self._times_s) - self._first

    def append(self, at_s: float, reading: Reading) -> None:
        """Add the newest point and let go of those that are older than is kept."""
        self._times_s.append(at_s)
        for column, value in zip(self._columns, _packed(reading), strict=True):
            column.append(value)
        while at_s - self._times_s[self._first] > self._kept_for_s:
            self._first += 1
        if self._first >= _SLACK:
            del self._times_s[: self._first]
            for column in self._columns:
                del column[: self._first]
            self._first = 0

    def pop(self) -> Reading:
        """Take the newest point away and return it."""
        self._times_s.pop()
        return _unpacked(*(column.pop() for column in self._columns))

    def time_s(self, index: int) -> float:
        """Return the time of a point as seconds since 1970; -1 is the newest."""
        return self._times_s[index]

    def __iter__(self) -> Iterator[TimedReading]:
        """Yield the points, oldest first."""
        for at in range(self._first, len(self._times_s)):
            moment = datetime.fromtimestamp(self._times_s[at], UTC)
            yield TimedReading(moment, _unpacked(*(column[at] for column in self._columns)))

    def rows(self, from_s: float, to_s: float, zero_s: float) -> list[Row]:
        """Return the points of a span, both ends in it, as rows whose seconds count from `zero_s`."""
        begin = bisect_left(self._times_s, from_s, lo=self._first)
        end = bisect_right(self._times_s, to_s, lo=begin)
        mv, ma, _, ma_max = (column[begin:end] for column in self._columns)
        return [
            [round(at_s - zero_s, 2), *(None if value == _NOT_KNOWN else value for value in values)]
            for at_s, *values in zip(self._times_s[begin:end], mv, ma, ma_max, strict=True)
        ]

    @property
    def size_bytes(self) -> int:
        """Return what the points take in memory, with the room kept for the next ones."""
        return sum(each.__sizeof__() for each in (self._times_s, *self._columns))


def _packed(reading: Reading) -> tuple[int, ...]:
    values = (reading.mv, reading.ma, reading.cdeg, reading.ma_max)
    return tuple(_NOT_KNOWN if value is None else value for value in values)


def _unpacked(*values: int) -> Reading:
    return Reading(*(None if value == _NOT_KNOWN else value for value in values))
