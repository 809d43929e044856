"""How many events of a backlog go into one commit, so that line and disk work at the same time.

Pure. The board sends a window of events and waits for ACKs. A quick commit takes half of it: the other half
arrives meanwhile. A commit that takes longer than a window takes to arrive had better take all of it.
"""

from backplane.firmware_link.happenings import Cursor
from backplane.firmware_link.messages import Event, Hello

# No further event for so long: a frame was lost, or the chip holds its last bytes back.
QUIET_S = 0.005
_FILLED_S = 0.003  # what 8 events take at 921600 baud, until it was seen


class ReplayPace:
    """Times are durations in seconds, as the link measured them."""

    def __init__(self) -> None:
        self._committed_s = 0.0
        self._filled_s = _FILLED_S

    def wanted(self, hello: Hello, events: tuple[Event, ...], cursor: Cursor | None) -> int:
        """How many more to wait for: 0 once all that the board held at its HELLO are here; new ones are never waited for."""
        if cursor is None or events[-1].journal != hello.journal:
            return 0
        last = events[-1].number
        is_slow = self._committed_s > self._filled_s
        batch = hello.window if is_slow else max(1, hello.window // 2)
        return max(
            0, min(batch - len(events), hello.next - 1 - last, cursor.number + hello.window - last)
        )

    def committed(self, took_s: float) -> None:
        """A batch became durable in this time."""
        self._committed_s = took_s

    def gathered(self, count: int, window: int, took_s: float) -> None:
        """So many events were there so long after the last commit: a whole window says how quick the line is."""
        if count >= window:
            self._filled_s = took_s
