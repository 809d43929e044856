"""The last ten minutes of one slot's temperature: lines for the drawing, and the same in a sentence.

Pure. A hole in the readings is a hole in the line, never a bridge over it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from backplane.slots.telemetry import KEPT_FOR, TimedReading

WIDTH: Final = 300
HEIGHT: Final = 60
_LONGEST_STEP: Final = timedelta(seconds=5)  # readings come each second; past this they are missing
_FLOOR_C: Final = 15.0  # lower end of the scale: a machine room
_ABOVE_LIMIT_C: Final = 10.0  # room above the limit
_STEADY_C: Final = 2.0  # a smaller change is called steady


@dataclass(frozen=True, slots=True)
class Trend:
    """`lines`: points of the polylines; `limit_y`: where the limit is drawn."""

    lines: tuple[str, ...]
    limit_y: float
    sentence: str


def trend_of(readings: Sequence[TimedReading], limit_c: float, now: datetime) -> Trend:
    """Return the temperature's trend up to `now`, oldest reading first."""
    points = [
        (entry.at, entry.reading.cdeg / 100)
        for entry in readings
        if entry.reading.cdeg is not None and now - entry.at <= KEPT_FOR
    ]
    top_c = limit_c + _ABOVE_LIMIT_C
    return Trend(
        lines=tuple(_line(run, top_c, now) for run in runs_of(points, _LONGEST_STEP)),
        limit_y=_y(limit_c, top_c),
        sentence=_sentence([value for _, value in points], limit_c),
    )


def runs_of(
    points: Sequence[tuple[datetime, float]], longest_step: timedelta
) -> list[list[tuple[datetime, float]]]:
    """Return the points in pieces that are drawn as one line each: past `longest_step` something is missing."""
    runs: list[list[tuple[datetime, float]]] = []
    for point in points:
        if runs and point[0] - runs[-1][-1][0] <= longest_step:
            runs[-1].append(point)
        else:
            runs.append([point])
    return runs


def _line(run: list[tuple[datetime, float]], top_c: float, now: datetime) -> str:
    if len(run) == 1:  # a single reading is drawn as a short dash, or it could not be seen
        run = [(run[0][0] - timedelta(seconds=1), run[0][1]), *run]
    return " ".join(f"{_x(at, now):g},{_y(value, top_c):g}" for at, value in run)


def _x(at: datetime, now: datetime) -> float:
    return round(WIDTH * (1 - (now - at) / KEPT_FOR), 1)


def _y(value: float, top_c: float) -> float:
    share = (value - _FLOOR_C) / (top_c - _FLOOR_C)
    return round(HEIGHT * (1 - min(max(share, 0.0), 1.0)), 1)


def _sentence(values: list[float], limit_c: float) -> str:
    if not values:
        return "No temperature has been read in the last 10 minutes."
    first, last, highest = values[0], values[-1], max(values)
    if abs(last - first) < _STEADY_C:
        moved = f"Steady at {last:.0f} °C"
    else:
        moved = f"{'Rose' if last > first else 'Fell'} from {first:.0f} to {last:.0f} °C"
    peak = f", highest {highest:.0f} °C" if highest - max(first, last) >= _STEADY_C else ""
    return f"{moved}{peak}; limit {limit_c:.0f} °C."
