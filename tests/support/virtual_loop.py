"""An asyncio loop whose time jumps: when nothing is ready, it is the next timer's moment at once.

Whatever runs on it, links and machines alike, lives days in seconds and in the same order each time.
"""

import asyncio
import heapq
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time in seconds from 0; only `run` lets it pass."""

    def __init__(self) -> None:
        super().__init__()
        self._now_s = 0.0

    def time(self) -> float:
        return self._now_s

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        self.run_until_complete(asyncio.sleep(seconds))

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` to its end."""
        return self.run_until_complete(work)

    def _run_once(self) -> None:
        timers: list[asyncio.TimerHandle] = self._scheduled  # type: ignore[attr-defined]  # asyncio's own heap
        while timers and timers[0].cancelled():
            self._timer_cancelled_count -= 1  # type: ignore[attr-defined]  # as asyncio's own loop counts
            heapq.heappop(timers)._scheduled = False  # type: ignore[attr-defined]  # asyncio's own queue
        if timers and not self._ready:  # type: ignore[attr-defined]  # asyncio's own queue
            self._skip_to(timers[0].when())
        super()._run_once()  # type: ignore[misc]

    def _skip_to(self, when: float) -> None:
        self._now_s = max(self._now_s, when)
