"""An asyncio loop whose clock leaves out what a busy machine adds: it counts this thread's CPU time, and skips waiting.

When nothing is ready, the next timer's moment comes at once. So a figure is what an idle machine with one
core would show, whoever else runs on this one. For loops whose timers are all there is to wait for: no files.
"""

import time
from collections.abc import Coroutine
from typing import Any, TypeVar

from tests.support.virtual_loop import VirtualLoop

T = TypeVar("T")


class IdleLoop(VirtualLoop):
    """Time in seconds from 0: CPU seconds used, plus seconds skipped."""

    def __init__(self) -> None:
        super().__init__()
        self._began_s = time.thread_time()

    def time(self) -> float:
        return super().time() + time.thread_time() - self._began_s

    def _skip_to(self, when: float) -> None:
        self._now_s += max(0.0, when - self.time())


def run_idle(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end on a loop of its own."""
    loop = IdleLoop()
    try:
        return loop.do(work)
    finally:
        loop.close()
