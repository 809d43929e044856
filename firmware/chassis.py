"""What every part shares: the board, the slots, the configuration, the clock, and the way to tell.

Set the facts first, then emit: the journal keeps an event and the facts after it in one record.
"""

import struct

from . import codes
from .board import Board
from .config import Config
from .journal import KEY_SLOT, Journal
from .slot import Slot

_LOG_QUEUE = 8  # lines waiting for the wire; more are counted, not kept


class Chassis:
    """The shared facts of one board while it runs."""

    def __init__(self, board: Board, journal: Journal, now_ms: int) -> None:
        self.board = board
        self.spec = board.spec
        self.journal = journal
        self.config = Config(journal, board.spec)
        self.now_ms = now_ms
        self.touched = True  # a fact may have changed in this step: lamps and STATE look again
        self.has_host = False  # an owner was heard within the last 5 s
        self.supply_mv = codes.UNKNOWN
        self.supply_ma = codes.UNKNOWN
        self.newest = 0  # number of the newest event of the chassis itself
        self.logs: list[tuple[int, str]] = []
        self.logs_dropped = 0
        self.slots = [Slot(n, board.spec) for n in range(1, board.spec.slot_count + 1)]
        for slot in self.slots:
            slot.unpack(journal.get(KEY_SLOT + slot.number) or b"")
        kept = journal.get(KEY_SLOT)
        if kept:
            self.newest = struct.unpack("<I", kept[:4])[0]

    def slot(self, number: int) -> Slot | None:
        """The slot of that number, or None."""
        if 1 <= number <= len(self.slots):
            return self.slots[number - 1]
        return None

    def emit(self, kind: int, slot: Slot | None, value: int = 0, tail: bytes = b"") -> None:
        """Journal an event of a slot, or of the chassis for None; it is sent in its turn."""
        self.touched = True
        self._keep_room()
        self._append(kind, slot, value, tail)

    def measure(self, slot: Slot) -> None:
        """Read a slot's meter now; a reading that no meter can give is not known."""
        if slot.has_meter:
            slot.mv, slot.ma = [_word(value) for value in self.board.meter(slot.number)]

    def measure_supply(self) -> None:
        """Read the meter of the chassis supply."""
        self.supply_mv, self.supply_ma = [_word(value) for value in self.board.meter(0)]

    def save(self, slot: Slot) -> None:
        """Keep facts that changed without an event."""
        self.touched = True
        self.journal.put(KEY_SLOT + slot.number, slot.pack())

    def log(self, level: int, text: str) -> None:
        """A line for the host's log: 0 debug, 1 info, 2 warning, 3 error."""
        if len(self.logs) < _LOG_QUEUE:
            self.logs.append((level, text))
        else:
            self.logs_dropped = min(255, self.logs_dropped + 1)

    def forget_numbers(self) -> None:
        """After a new journal: no slot has an event yet."""
        self.newest = 0
        self.journal.put(KEY_SLOT, struct.pack("<I", 0))
        for slot in self.slots:
            slot.newest = 0
            self.save(slot)

    def _keep_room(self) -> None:
        """Before the first un-acknowledged event is overwritten, tell that by OVERFLOW."""
        journal = self.journal
        waiting = journal.next - 1 - journal.acked
        if journal.next - journal.first >= 255 and journal.acked + 1 == journal.first and waiting:
            self._append(codes.OVERFLOW, None, waiting, b"")

    def _append(self, kind: int, slot: Slot | None, value: int, tail: bytes) -> None:
        journal = self.journal
        number = journal.next
        where = slot.number if slot else 0
        body = struct.pack(
            "<IIHIBBI",
            journal.id,
            number,
            journal.boot,
            self.now_ms & codes.U32,
            kind,
            where,
            value & codes.U32,
        )
        if slot:
            slot.newest = number
            journal.append(body + tail, KEY_SLOT + where, slot.pack())
        else:
            self.newest = number
            journal.append(body + tail, KEY_SLOT, struct.pack("<I", number))


def _word(value: int) -> int:
    return value if 0 <= value <= codes.UNKNOWN else codes.UNKNOWN
