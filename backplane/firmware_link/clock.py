"""The board's clock as the host knows it: offset by the least round trip of the last 16 PONGs.

Pure. Turns the board's uptime into ages and expiries; only for the boot it was measured in.
"""

from collections import deque
from dataclasses import dataclass
from operator import attrgetter

from backplane.firmware_link.messages import Hello, Pong

SAMPLES = 16
UPTIME_RANGE_MS = 1 << 32  # uptime on the wire wraps after 49 days


@dataclass(frozen=True, slots=True)
class _Sample:
    round_trip_us: int
    offset_us: int


class BoardClock:
    """All times of the host are its monotonic clock in seconds."""

    def __init__(self) -> None:
        self.boot: int | None = None
        self._samples: deque[_Sample] = deque(maxlen=SAMPLES)
        self._best: _Sample | None = None  # of these, the one with the least round trip

    def heard_hello(self, hello: Hello, now: float) -> None:
        """A first, rough offset: HELLO took an unknown time to come."""
        if hello.boot != self.boot:
            self.boot = hello.boot
            self._samples.clear()
            self._best = None
        if not self._samples:
            rough = _Sample(1 << 62, hello.uptime_ms * 1000 - int(now * 1e6))
            self._add(rough)

    def heard_pong(self, pong: Pong, now: float) -> float | None:
        """Round trip in ms without the board's own time, or None when it makes no sense."""
        t4 = int(now * 1e6)
        round_trip_us = t4 - pong.t1 - (pong.t3 - pong.t2)
        if self.boot is None or pong.t1 > t4 or round_trip_us < 0:
            return None
        offset_us = (pong.t2 - pong.t1 + pong.t3 - t4) // 2
        self._add(_Sample(round_trip_us, offset_us))
        return round_trip_us / 1000

    @property
    def least_round_trip_ms(self) -> float | None:
        best = self._best
        return None if best is None or best.round_trip_us >> 62 else best.round_trip_us / 1000

    @property
    def offset_ms(self) -> float | None:
        """The board's uptime less our clock, as the quickest PONG of the last 16 told it; None before the first."""
        best = self._best
        return None if best is None or best.round_trip_us >> 62 else best.offset_us / 1000

    def uptime_ms(self, now: float) -> int | None:
        """The board's uptime at `now`, as it stands on the wire (32 bits)."""
        best = self._best
        if best is None:
            return None
        return (int(now * 1e6) + best.offset_us) // 1000 % UPTIME_RANGE_MS

    def age_s(self, boot: int, uptime_ms: int, now: float) -> float | None:
        """How long ago `uptime_ms` of `boot` was; None for a boot that is not the present one."""
        board_now = self.uptime_ms(now)
        if board_now is None or boot != self.boot:
            return None
        age_ms = (board_now - uptime_ms) % UPTIME_RANGE_MS
        # A moment ahead of our estimate is the estimate's error, not an age of 49 days.
        return 0.0 if age_ms >= UPTIME_RANGE_MS // 2 else age_ms / 1000

    def _add(self, sample: _Sample) -> None:
        self._samples.append(sample)
        self._best = min(self._samples, key=attrgetter("round_trip_us"))
