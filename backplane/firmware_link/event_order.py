"""Which event may be taken next: sequence, duplicates and holes of the board's journal.

Pure. Holds two positions: received (handed on) and committed (safe, may be acknowledged). A reader
without a settled cursor takes nothing.
"""

from collections import OrderedDict
from enum import Enum, auto

from backplane.firmware_link.happenings import Cursor
from backplane.firmware_link.messages import Event

REMEMBERED = 256  # as many as the board's ring, so that any it can send again is compared


class Verdict(Enum):
    NEXT = auto()
    AWAITING_COMMIT = auto()  # sent again before our ACK: say nothing
    ALREADY_COMMITTED = auto()  # the ACK was lost: say it again
    HOLE_BEFORE = auto()
    DIFFERS = auto()  # the same number, another content
    OTHER_JOURNAL = auto()
    NOT_SETTLED = auto()


class EventOrder:
    def __init__(self, cursor: Cursor | None) -> None:
        self.committed = cursor
        self.received = 0 if cursor is None else cursor.number
        self.is_settled = False
        self._bodies: OrderedDict[int, bytes] = OrderedDict()

    def settle(self, cursor: Cursor) -> None:
        """From now on events right after `cursor` are taken."""
        if self.committed is None or self.committed.journal != cursor.journal:
            self._bodies.clear()
        self.committed = cursor
        self.received = cursor.number
        self.is_settled = True

    def skip_to(self, number: int) -> None:
        """What lies up to there will never come; it counts as received until its gap is committed."""
        self.received = max(self.received, number)

    def resume(self) -> None:
        """Go on where we were: what was received before a reboot of the board stays received."""
        self.is_settled = self.committed is not None

    def unsettle(self) -> None:
        self.is_settled = False

    def commit(self, cursor: Cursor) -> bool:
        """True when the cursor moved on; one of another journal or the past is ignored."""
        now = self.committed
        if now is None or cursor.journal != now.journal or cursor.number < now.number:
            return False
        self.committed = cursor
        self.received = max(self.received, cursor.number)
        return True

    def judge(self, event: Event) -> Verdict:
        """What to do with `event`; NEXT also moves `received` on to it."""
        if not self.is_settled or self.committed is None:
            return Verdict.NOT_SETTLED
        if event.journal != self.committed.journal:
            return Verdict.OTHER_JOURNAL
        if event.number == self.received + 1:
            self._remember(event)
            return Verdict.NEXT
        if event.number > self.received:
            return Verdict.HOLE_BEFORE
        if self._bodies.get(event.number, event.raw) != event.raw:
            return Verdict.DIFFERS
        is_committed = event.number <= self.committed.number
        return Verdict.ALREADY_COMMITTED if is_committed else Verdict.AWAITING_COMMIT

    def know(self, number: int, raw: bytes) -> None:
        """The body recorded under `number` in an earlier session, to compare a duplicate with."""
        self._bodies[number] = raw

    def knows(self, number: int) -> bool:
        """Whether a duplicate of that number can be compared."""
        return number in self._bodies

    def _remember(self, event: Event) -> None:
        self.received = event.number
        self._bodies[event.number] = event.raw
        if len(self._bodies) > REMEMBERED:
            self._bodies.popitem(last=False)
