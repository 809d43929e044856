"""Counts failures by sender and says how long one must wait. In memory: a restart forgives everybody.

For secrets of 256 bits and codes that expire; passwords are django-axes' business. Time comes in as seconds.
"""

from collections import deque
from threading import Lock
from typing import Final

_MOST_SENDERS: Final = 4096  # beyond it the oldest are forgotten: memory is bounded


class Tries:
    """At most `limit` failures of one sender within `window_s` seconds."""

    def __init__(self, limit: int, window_s: float) -> None:
        self._limit = limit
        self._window_s = window_s
        self._failures: dict[str, deque[float]] = {}
        self._lock = Lock()

    def wait_s(self, sender: str, now_s: float) -> float:
        """Return for how long `sender` is refused; 0.0 when it is not."""
        with self._lock:
            failures = self._recent(sender, now_s)
            return failures[0] + self._window_s - now_s if len(failures) >= self._limit else 0.0

    def note_failure(self, sender: str, now_s: float) -> None:
        """Count one failure of `sender`."""
        with self._lock:
            failures = self._recent(sender, now_s)
            failures.append(now_s)
            self._failures.pop(sender, None)
            self._failures[sender] = failures  # newest last
            while len(self._failures) > _MOST_SENDERS:
                del self._failures[next(iter(self._failures))]

    def forget_all(self) -> None:
        with self._lock:
            self._failures.clear()

    def _recent(self, sender: str, now_s: float) -> deque[float]:
        failures = self._failures.get(sender) or deque(maxlen=self._limit)
        while failures and failures[0] <= now_s - self._window_s:
            failures.popleft()
        return failures
