"""Frames on their way out: sequence numbers, a bound, and what the line can carry."""

from .compat import const
from .wire import encode_frame

_MOST_BYTES = const(
    4096
)  # more waiting than this and frames are dropped; each kind has its own repair
_PIECE_BYTES = const(
    1024
)  # given to the line at once: a heap that is in pieces has no room for all in one
_BUSY_BYTES = const(1024)  # backlog on the line above which telemetry is left out
_SILENCE_MS = const(100)  # after this much silence a burst starts with a zero


class Outbox:
    """Collects frames until they are taken."""

    def __init__(self, baud: int, now_ms: int) -> None:
        self._baud = baud
        self._frames: list[bytes] = []
        self._size = 0
        self._seq = 0
        self._backlog = (
            0  # ten-thousandths of bytes given to the line and by its speed not sent yet
        )
        self._last_ms = now_ms
        self._last_sent_ms = now_ms - _SILENCE_MS
        self.sent = 0
        self.dropped = 0

    def put(self, kind: int, body: bytes) -> None:
        """Queue one frame."""
        if self._size > _MOST_BYTES:
            self.dropped += 1
            return
        frame = encode_frame(kind, self._seq, body)
        self._seq = (self._seq + 1) & 0xFF
        self._frames.append(frame)
        self._size += len(frame)

    def is_busy(self, now_ms: int) -> bool:
        """Whether the line has more to carry than a few milliseconds' worth."""
        self._drain(now_ms)
        return self._backlog // 10000 + self._size > _BUSY_BYTES

    def take(self, now_ms: int) -> bytes:
        """What is queued, as bytes for the line; what is more than a piece waits for the next call."""
        if not self._frames:
            return b""
        count = size = 0
        while count < len(self._frames) and size < _PIECE_BYTES:
            size += len(self._frames[count])
            count += 1
        data = b"".join(self._frames[:count])
        self._frames = self._frames[count:]
        self._size -= size
        if now_ms - self._last_sent_ms >= _SILENCE_MS:
            data = b"\0" + data
        self.sent += count
        self._drain(now_ms)
        self._backlog += len(data) * 10000
        self._last_sent_ms = now_ms
        return data

    def has_more(self) -> bool:
        """Whether something waits for the next call."""
        return bool(self._frames)

    def _drain(self, now_ms: int) -> None:
        # A byte is 10 bits: in a millisecond the line carries baud / 10000 bytes.
        self._backlog = max(0, self._backlog - (now_ms - self._last_ms) * self._baud)
        self._last_ms = now_ms
