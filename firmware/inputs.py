"""One contact: debounce and the guard against chatter. Knows no slot and no event."""

from .codes import NEVER
from .compat import const

_WINDOW_MS = const(1000)  # changes are counted within this time, and it ends flapping when quiet
_MOST_CHANGES = const(4)  # more in a second is flapping
_RESTLESS_GAP_MS = const(250)  # bounces closer than this are one restlessness


class Contact:
    """A debounced input. level is what holds; flapping says that its changes should not be told."""

    def __init__(self, level: bool, closed_ms: int, open_ms: int) -> None:
        self.level = level
        self.flapping = False
        self._open_ms = open_ms  # how long a new level must be stable
        self._closed_ms = closed_ms
        self._since = -1  # when the other level was first seen; -1: not now
        self._changes: (
            list[int] | tuple
        ) = ()  # times of the last settled changes; most never have one
        self._last_edge = -_WINDOW_MS
        self._restless_since = -1

    def feed(self, raw: bool, now_ms: int) -> bool:
        """Take a sample; whether the settled level changed with it."""
        if raw == self.level:
            if self._since >= 0:
                self._note_bounce(now_ms)
            self._since = -1
            return False
        if self._since < 0:
            self._since = now_ms
        if now_ms - self._since < (self._closed_ms if raw else self._open_ms):
            return False
        self._since = -1
        self.level = raw
        self._note_change(now_ms)
        return True

    def calmed(self, now_ms: int) -> bool:
        """Whether flapping has just ended: no edge for a second."""
        if self.flapping and self._since < 0 and now_ms - self._last_edge >= _WINDOW_MS:
            self.flapping = False
            self._restless_since = -1
            self._changes = ()
            return True
        return False

    def settles_at(self) -> int:
        """When the level seen now will have been stable long enough; NEVER while nothing changes."""
        if self._since < 0:
            return NEVER
        return self._since + (self._open_ms if self.level else self._closed_ms)

    def is_unsettled(self) -> bool:
        """Whether samples are needed at full speed."""
        return self._since >= 0 or self.flapping

    def _note_change(self, now_ms: int) -> None:
        self._last_edge = now_ms
        self._changes = [at for at in self._changes if now_ms - at < _WINDOW_MS]
        self._changes.append(now_ms)
        if len(self._changes) > _MOST_CHANGES:
            self.flapping = True

    def _note_bounce(self, now_ms: int) -> None:
        if self._restless_since < 0 or now_ms - self._last_edge > _RESTLESS_GAP_MS:
            self._restless_since = now_ms
        self._last_edge = now_ms
        if now_ms - self._restless_since >= _WINDOW_MS:
            self.flapping = True
