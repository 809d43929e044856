"""The readings of one slot over the last minutes, packed: 24 bytes a point instead of some 300.

Pure. Knows no clock and no lock; telemetry.py owns both.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple

# No meter tells this; the wire's own "not known" never gets here.
_NOT_KNOWN: Final = -(2**31)
# Points that have passed stay until there are so many of them: moving the others down is not free.
_SLACK: Final = 64
_WIDTH: Final = 4

# [seconds from some moment, mV, mA mean, mA max]; None is not known.
Row = list[float | int | None]


class Reading(NamedTuple):
    """What a meter said of one slot (0: the chassis supply); None is not known.

    A tuple, since eleven a second are made for each chassis.
    """

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


class TimedReading(NamedTuple):
    at: datetime
    reading: Reading


class ReadingRing:
    """Points in the order of their times; the oldest leave as new ones come."""

    def __init__(self, kept_for_s: float, resolution_s: float) -> None:
        self._kept_for_s = kept_for_s
        self._resolution_s = resolution_s
        self._first = 0  # what lies before it has passed
        self._times_s = array("d")
        self._values = array("i")  # four of each point: mV, mA, centi-degrees, highest mA

    def __len__(self) -> int:
        return len(self._times_s) - self._first

    def keep(self, at_s: float, reading: Reading) -> None:
        """Add the newest point and let go of those that are older than is kept.

        One that comes too soon replaces the newest and keeps the maximum of both, which is told once a second only.
        """
        times_s = self._times_s
        # Compared with the point before, so that 10 Hz still leaves one point a second.
        if len(times_s) - self._first > 1 and at_s - times_s[-2] < self._resolution_s:
            reading = _with_maximum(reading, self._pop())
        times_s.append(at_s)
        packed = map(_number, reading) if None in reading else reading
        self._values.extend(packed)  # type: ignore[arg-type]  # no None is left
        while at_s - times_s[self._first] > self._kept_for_s:
            self._first += 1
        if self._first >= _SLACK:
            del times_s[: self._first]
            del self._values[: self._first * _WIDTH]
            self._first = 0

    def _pop(self) -> Reading:
        """Take the newest point away and return it."""
        self._times_s.pop()
        reading = self._reading(len(self._times_s))
        del self._values[-_WIDTH:]
        return reading

    def __iter__(self) -> Iterator[TimedReading]:
        """Yield the points, oldest first."""
        for at in range(self._first, len(self._times_s)):
            moment = datetime.fromtimestamp(self._times_s[at], UTC)
            yield TimedReading(moment, self._reading(at))

    def between(self, from_s: float, to_s: float) -> list[Reading]:
        """Return the readings from `from_s` on and before `to_s`."""
        begin = bisect_left(self._times_s, from_s, lo=self._first)
        end = bisect_left(self._times_s, to_s, lo=begin)
        return [self._reading(index) for index in range(begin, end)]

    def rows(self, from_s: float, to_s: float, zero_s: float) -> list[Row]:
        """Return the points of a span, both ends in it, as rows whose seconds count from `zero_s`."""
        begin = bisect_left(self._times_s, from_s, lo=self._first)
        end = bisect_right(self._times_s, to_s, lo=begin)
        values = self._values[begin * _WIDTH : end * _WIDTH]
        columns = (values[0::_WIDTH], values[1::_WIDTH], values[3::_WIDTH])
        return [
            [round(at_s - zero_s, 2), *(None if each == _NOT_KNOWN else each for each in told)]
            for at_s, *told in zip(self._times_s[begin:end], *columns, strict=True)
        ]

    def _reading(self, index: int) -> Reading:
        told = self._values[index * _WIDTH : (index + 1) * _WIDTH]
        return Reading(*(None if each == _NOT_KNOWN else each for each in told))

    @property
    def size_bytes(self) -> int:
        """Return what the points take in memory, with the room kept for the next ones."""
        return self._times_s.__sizeof__() + self._values.__sizeof__()


def _with_maximum(reading: Reading, replaced: Reading) -> Reading:
    if replaced.ma_max is None:
        return reading
    told = (replaced.ma_max, reading.ma_max, reading.ma)
    return reading._replace(ma_max=max(each for each in told if each is not None))


def _number(value: int | None) -> int:
    return _NOT_KNOWN if value is None else value
