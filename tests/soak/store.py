"""What a host's database holds: exactly what was committed, whatever becomes of the process.

It keeps no rule that could hide a fault: a key committed twice is two rows.
"""

from dataclasses import dataclass, field

from backplane.firmware_link.happenings import Cursor, JournalReason
from backplane.firmware_link.messages import Event


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers of a journal that will not come; last None: nobody knows how many. rows: committed before it."""

    journal: int
    first: int
    last: int | None
    reason: str
    rows: int


@dataclass
class Store:
    """One installation's records. `epoch` is the lease: a commit of an older one is refused."""

    host_id: int
    epoch: int = 0
    rows: list[Event] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    cursor: Cursor | None = None

    def take_lease(self) -> int:
        self.epoch += 1
        return self.epoch

    def commit(self, epoch: int, events: tuple[Event, ...]) -> Cursor | None:
        if epoch != self.epoch:
            return None
        self.rows.extend(events)
        self.cursor = Cursor(events[-1].journal, events[-1].number)
        return self.cursor

    def commit_gap(self, epoch: int, journal: int, missing_from: int, first_held: int) -> bool:
        if epoch != self.epoch:
            return False
        reason = "the board overwrote them"
        self.gaps.append(Gap(journal, missing_from, first_held - 1, reason, len(self.rows)))
        self.cursor = Cursor(journal, first_held - 1)
        return True

    def begin_journal(self, epoch: int, journal: int, first_held: int, why: JournalReason) -> bool:
        if epoch != self.epoch:
            return False
        old = self.cursor
        if old is None or why is JournalReason.FIRST_CONTACT:
            self.cursor = Cursor(journal, first_held - 1)
        else:
            gap = Gap(old.journal, old.number + 1, None, str(why), len(self.rows))
            self.gaps.append(gap)
            self.cursor = Cursor(journal, 0)
        return True

    def newest_raw(self) -> bytes | None:
        if not self.rows or self.cursor is None:
            return None
        last = self.rows[-1]
        return last.raw if Cursor(last.journal, last.number) == self.cursor else None

    def newest_of(self, slot: int) -> Event | None:
        """The newest committed event of a slot in the present journal."""
        for row in reversed(self.rows[-600:]):
            if row.slot == slot and self.cursor and row.journal == self.cursor.journal:
                return row
        return None
