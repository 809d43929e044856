"""Sends journalled events: window 8, go-back-N, time-out 150 ms doubling to 2 s. Writes nothing."""

from . import codes
from .compat import const
from .journal import Journal

WINDOW = 8
_FIRST_TIMEOUT_MS = const(150)
_LAST_TIMEOUT_MS = const(2000)


class EventSender:
    """Which events go out next. Acknowledged events stay in the journal until overwritten."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._sent = journal.acked  # number of the last one sent
        self._highest = journal.acked  # the highest ever sent, to count what is resent
        self._timeout_ms = _FIRST_TIMEOUT_MS
        self._resend_at = codes.NEVER
        self.resent = 0

    def restart(self) -> None:
        """A host has just greeted or come back: send what it has not acknowledged, now."""
        self._sent = self._journal.acked
        self._timeout_ms = _FIRST_TIMEOUT_MS
        self._resend_at = codes.NEVER

    def acknowledge(self, upto: int) -> bool:
        """The host holds every event up to this one. False for a number that was never given."""
        journal = self._journal
        if upto >= journal.next:
            return False
        if upto > journal.acked:
            journal.acknowledge(upto)
            self._sent = max(self._sent, upto)
            self._timeout_ms = _FIRST_TIMEOUT_MS
            self._resend_at = codes.NEVER
        return True

    def replay(self, first: int) -> bool:
        """Send again from this number. False when it is gone, or was never given.

        No ACK: what lies before it was received, which does not mean that it is committed.
        """
        journal = self._journal
        if not journal.first <= first <= journal.next:
            return False
        journal.acknowledge(min(journal.acked, first - 1))
        self.restart()
        self._sent = first - 1
        return True

    def take(self, now_ms: int) -> list[bytes]:
        """EVENT bodies to send now."""
        journal = self._journal
        acked = max(journal.acked, journal.first - 1)
        if now_ms >= self._resend_at:
            self._sent = acked
            self._timeout_ms = min(self._timeout_ms * 2, _LAST_TIMEOUT_MS)
            self._resend_at = codes.NEVER
        self._sent = max(self._sent, acked)
        upto = min(journal.next - 1, acked + WINDOW)
        numbers = range(self._sent + 1, upto + 1)
        bodies = [journal.body(number) for number in numbers]
        self.resent += max(0, min(upto, self._highest) - self._sent)
        self._sent = max(self._sent, upto)
        self._highest = max(self._highest, upto)
        if self._resend_at == codes.NEVER and self._sent > acked:
            self._resend_at = now_ms + self._timeout_ms
        return bodies

    def renew(self) -> None:
        """The journal begins anew."""
        self._highest = 0
        self.restart()

    def due(self) -> int:
        """When take() is next needed; new events are told by their own step."""
        return self._resend_at
