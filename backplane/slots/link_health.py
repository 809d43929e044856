"""How the link to each chassis does: the last ten minutes, in this process's memory, a sample each five seconds.

Nothing of it is written to the database. A moment of which nothing is known is a hole, never a guess.
"""

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

KEPT_FOR: Final = timedelta(minutes=10)
RESOLUTION: Final = timedelta(seconds=5)
_MOST: Final = KEPT_FOR // RESOLUTION + 2


@dataclass(frozen=True, slots=True)
class LinkSample:
    """The link at one moment. Frames are counted since this program started; `bad` were damaged or made no sense.

    `boot`: which life of the board the clock belongs to. `clock_offset_ms`: the board's clock less ours.
    """

    at: datetime
    is_up: bool
    good: int = 0
    bad: int = 0
    lost: int = 0
    resent: int = 0
    sessions: int = 0
    boot: int = 0
    round_trip_ms: float | None = None
    clock_offset_ms: float | None = None


@dataclass(frozen=True, slots=True)
class BoardStart:
    """What a board said of its last start: why (as MicroPython numbers it), and how long ago that was."""

    reset_cause: int
    boot: int
    at: datetime


@dataclass(frozen=True, slots=True)
class LinkHealth:
    """All that is known: samples oldest first; `start` None: no board has greeted this program."""

    samples: tuple[LinkSample, ...] = ()
    start: BoardStart | None = None


@dataclass(slots=True)
class _Chassis:
    samples: deque[LinkSample] = field(default_factory=lambda: deque(maxlen=_MOST))
    start: BoardStart | None = None


class LinkHealthStore:
    """Samples by chassis; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._chassis: dict[int, _Chassis] = {}

    def put(self, chassis_id: int, sample: LinkSample) -> None:
        """Keep a sample; of those within five seconds the newest, with the slowest round trip."""
        with self._lock:
            kept = self._chassis.setdefault(chassis_id, _Chassis()).samples
            if len(kept) > 1 and sample.at - kept[-2].at < RESOLUTION:
                sample = _slower(kept.pop(), sample)
            kept.append(sample)

    def note_start(self, chassis_id: int, start: BoardStart) -> None:
        """Keep what the board said of its start."""
        with self._lock:
            self._chassis.setdefault(chassis_id, _Chassis()).start = start

    def of(self, chassis_id: int, now: datetime) -> LinkHealth:
        """Return what is known of the last ten minutes."""
        with self._lock:
            kept = self._chassis.get(chassis_id)
            if kept is None:
                return LinkHealth()
            samples = tuple(sample for sample in kept.samples if now - sample.at <= KEPT_FOR)
            return LinkHealth(samples, kept.start)


def _slower(before: LinkSample, now: LinkSample) -> LinkSample:
    if before.round_trip_ms is None or now.round_trip_ms is None:
        return now  # up only by now, or not any more
    return replace(now, round_trip_ms=max(before.round_trip_ms, now.round_trip_ms))


store = LinkHealthStore()
