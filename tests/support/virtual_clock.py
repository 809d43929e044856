"""A clock that moves only when told to, with the two methods of an asyncio loop that a machine uses."""

import heapq
import itertools
from collections.abc import Callable


class VirtualTimer:
    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback = callback
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


class VirtualClock:
    """Time in seconds from 0. `advance` runs what falls due, each at its own time, in order."""

    def __init__(self) -> None:
        self._now = 0.0
        self._order = itertools.count()
        self._due: list[tuple[float, int, VirtualTimer]] = []

    def time(self) -> float:
        return self._now

    def call_at(self, when: float, callback: Callable[[], None], /) -> VirtualTimer:
        timer = VirtualTimer(callback)
        heapq.heappush(self._due, (max(when, self._now), next(self._order), timer))
        return timer

    def advance(self, seconds: float) -> int:
        """Let so many seconds pass; return how many callbacks ran."""
        end = self._now + seconds
        ran = 0
        while self._due and self._due[0][0] <= end:
            self._now, _, timer = heapq.heappop(self._due)
            if not timer.is_cancelled:
                ran += 1
                timer.callback()
        self._now = end
        return ran
