"""How the link to a chassis does, for people: counters, clock, last start, and ten minutes of drawing.

Pure. What is not known says so: a hole in the samples is a hole in the drawing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from backplane.live.pages.trend import runs_of
from backplane.slots.link_health import KEPT_FOR, RESOLUTION, BoardStart, LinkHealth, LinkSample

WIDTH: Final = 300
HEIGHT: Final = 40
_LONGEST_STEP: Final = 3 * RESOLUTION  # past this samples are missing
_LEAST_TOP_MS: Final = 5.0  # a quiet link is a low line, not noise blown up
_LEAST_TOP_FRAMES: Final = 5
_BAR: Final = RESOLUTION / KEPT_FOR * WIDTH
# As MicroPython numbers them on the ESP32; docs/firmware.md.
_RESETS: Final = {
    1: "power on, or a brown-out",
    2: "software, or a crash of the firmware",
    3: "watchdog: the firmware hung",
    4: "wake from deep sleep",
    5: "soft reset",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """Bad frames of five seconds, in the drawing's units."""

    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class LinkPanel:
    """`rows`: (label, value, explanation). `trips`: points of the polylines; `tops` say what the full height is."""

    rows: tuple[tuple[str, str, str], ...]
    trips: tuple[str, ...]
    bars: tuple[Bar, ...]
    trip_top: str
    bar_top: str
    sentence: str
    is_known: bool


def panel_of(health: LinkHealth, now: datetime) -> LinkPanel:
    """Return what the panel shows at `now`."""
    samples = health.samples
    trips = [(one.at, one.round_trip_ms) for one in samples if one.round_trip_ms is not None]
    bad = _bad_between(samples)
    top_ms = max([_LEAST_TOP_MS, *(trip for _, trip in trips)])
    top_frames = max([_LEAST_TOP_FRAMES, *(count for _, count in bad)])
    return LinkPanel(
        rows=(*_times(samples, trips, health.start, now), *_counts(samples)),
        trips=tuple(_line(run, top_ms, now) for run in runs_of(trips, _LONGEST_STEP)),
        bars=tuple(_bar(at, count, top_frames, now) for at, count in bad if count),
        trip_top=f"{top_ms:.0f} ms",
        bar_top=f"{top_frames} frames",
        sentence=_sentence(samples, trips, bad, now),
        is_known=bool(samples),
    )


def _counts(samples: Sequence[LinkSample]) -> tuple[tuple[str, str, str], ...]:
    last = samples[-1] if samples else None
    told = (
        ("Good frames", "good", ""),
        ("Bad frames", "bad", "damaged on the way"),
        ("Lost frames", "lost", "gaps in the numbering"),
        ("Sent again", "resent", "no answer in time"),
        ("Connections", "sessions", ""),
    )
    return tuple(
        (label, "not known" if last is None else f"{getattr(last, name):,}", why)
        for label, name, why in told
    )


def _times(
    samples: Sequence[LinkSample],
    trips: Sequence[tuple[datetime, float]],
    start: BoardStart | None,
    now: datetime,
) -> tuple[tuple[str, str, str], ...]:
    is_up = _is_up(samples, now)
    values = [trip for _, trip in trips]
    is_measured = is_up and samples[-1].round_trip_ms is not None
    trip = f"{values[-1]:.1f} ms" if is_measured else "not known"
    span = f"{min(values):.1f} to {max(values):.1f} ms" if values else ""
    cause = "not known" if start is None else _reset_words(start.reset_cause)
    ago = "" if start is None else f"{_duration(now - start.at)} ago"
    return (
        ("Round trip", trip, span),
        ("Board's clock", *_drift(samples if is_up else ())),
        ("Last reset", cause, ago),
    )


def _is_up(samples: Sequence[LinkSample], now: datetime) -> bool:
    """Whether the link is up as far as is known now: a sample that is old says nothing of now."""
    return bool(samples) and samples[-1].is_up and now - samples[-1].at <= _LONGEST_STEP


def _reset_words(cause: int) -> str:
    return _RESETS.get(cause, f"cause {cause}")


def _drift(samples: Sequence[LinkSample]) -> tuple[str, str]:
    """Return how far the board's clock went ahead of ours, in one life of the board, and over how long."""
    if not samples:
        return "not known", ""
    boot = samples[-1].boot
    told = [
        (one.at, one.clock_offset_ms)
        for one in samples
        if one.boot == boot and one.clock_offset_ms is not None
    ]
    if len(told) < 2:
        return "not known yet", ""
    (began, first), (ended, last) = told[0], told[-1]
    moved_ms = last - first
    way = "ahead" if moved_ms >= 0 else "behind"
    return f"{abs(moved_ms):.1f} ms {way}", f"against ours, in {_duration(ended - began)}"


def _duration(span: timedelta) -> str:
    """Return a length of time in its largest unit or two."""
    minutes, seconds = divmod(max(0, int(span.total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s"))
    shown = [f"{count} {unit}" for count, unit in parts if count]
    return " ".join(shown[:2]) or "0 s"


def _bad_between(samples: Sequence[LinkSample]) -> list[tuple[datetime, int]]:
    """Return how many bad frames came up to each sample; nothing where samples are missing."""
    return [
        (after.at, max(0, after.bad - before.bad))
        for before, after in pairwise(samples)
        if after.at - before.at <= _LONGEST_STEP
    ]


def _line(run: list[tuple[datetime, float]], top_ms: float, now: datetime) -> str:
    if len(run) == 1:  # a single sample is drawn as a short dash, or it could not be seen
        run = [(run[0][0] - RESOLUTION, run[0][1]), *run]
    return " ".join(f"{_x(at, now):g},{_y(value / top_ms):g}" for at, value in run)


def _bar(at: datetime, count: int, top: int, now: datetime) -> Bar:
    height = round(HEIGHT * count / top, 1)
    return Bar(round(max(0.0, _x(at, now) - _BAR), 1), HEIGHT - height, height)


def _x(at: datetime, now: datetime) -> float:
    return round(WIDTH * (1 - (now - at) / KEPT_FOR), 1)


def _y(share: float) -> float:
    return round(HEIGHT * (1 - min(max(share, 0.0), 1.0)), 1)


def _sentence(
    samples: Sequence[LinkSample],
    trips: Sequence[tuple[datetime, float]],
    bad: Sequence[tuple[datetime, int]],
    now: datetime,
) -> str:
    if not samples:
        return "This program has not heard this link in the last 10 minutes."
    down = "" if _is_up(samples, now) else "The link is not up now. "
    count = sum(each for _, each in bad)
    frames = "no bad frame" if not count else f"{count:,} bad frame{'s' if count != 1 else ''}"
    downs = sum(not after.is_up for before, after in pairwise(samples) if before.is_up)
    lost = f", lost {downs} time{'s' if downs != 1 else ''}" if downs else ""
    if not trips:
        return f"{down}No round trip was measured in the last 10 minutes; {frames}{lost}."
    slowest = max(trip for _, trip in trips)
    return f"{down}Last 10 minutes: round trip at most {slowest:.1f} ms, {frames}{lost}."
