"""The journal in flash: two alternating files of checksummed records, appended to, compacted in slices.

What is kept between two flush() goes into flash as one write: a write stalls both cores for tens of
milliseconds, whatever its size. A last record that is cut short is ignored, because an event is sent only
after it was flushed. The old file is removed before the new one is appended to, so an intact old file proves
that nothing was sent after it. A file that refused a write is set aside under a third name and a new one is
made; if a reset comes first, the facts are taken from it, and a new journal begins: what was sent meanwhile is
nowhere. So it does wherever continuity cannot be proven. No method raises for what the flash does.
"""

import os
import struct

from .compat import const
from .journal import RING, Journal
from .journal_records import (
    END,
    HEADER,
    MAGIC,
    NO_KEY,
    RENEWED,
    Image,
    Reader,
    Summary,
    event_record,
    fact_record,
    record,
)

_COMPACT_AT = const(49152)  # bytes; a full ring with its facts takes about 25,000
_COMPACT_NOW = const(98304)  # so long that a slice is written beside what is flushed
_AGAIN_AFTER = const(200)  # flushes until a flash that refused is tried with a new file again
_SLICE = const(1024)  # bytes of a snapshot written per step: flash writes stall both cores
_NAMES = ("journal.0", "journal.1", "journal.old")
_SET_ASIDE = const(2)


class _Snapshot:
    """What a compaction has still to write. It follows the journal while that goes on, instead of copying it.

    The ring may overtake it: then the numbering would have a hole, and it begins again.
    """

    def __init__(self, facts: dict, first: int) -> None:
        self.number = first  # of the next event to write
        self.keys = list(facts)  # of the facts to write, the changed ones again

    def note_fact(self, key: int) -> None:
        """A fact has changed: write it, also if it was written before."""
        if key not in self.keys:
            self.keys.append(key)


class FileJournal(Journal):
    """A journal in a folder that exists. Safe to cut the power at any byte."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self._paths = [folder + "/" + name for name in _NAMES]
        self._file = 0  # index of the file that is appended to
        self._target = 1  # index of the one that a snapshot is written to
        self._generation = 0
        self._size = 0
        self._unwritten: list[bytes] = []  # records that wait for flush()
        self._refusals = 0  # flushes since the file could no longer be appended to; 0: it can
        self._snapshot: _Snapshot | None = None  # being written

    def open(self) -> None:
        """Load the better file, or begin a new journal, then count a boot."""
        files = [self._read(index, Summary) for index in range(len(_NAMES))]
        self._file = 0 if files[0].generation > files[1].generation else 1
        if not files[self._file].complete and files[1 - self._file].complete:
            self._file = 1 - self._file  # power was cut during compaction; the old file is whole
        if not files[self._file].complete and files[_SET_ASIDE].complete:
            self._file = _SET_ASIDE
        best = files[self._file]
        is_whole = self._adopt(best.size) and best.complete and not best.damaged
        is_whole = is_whole and self._file != _SET_ASIDE
        self._generation = max([file.generation for file in files])
        if self.id == 0 or not is_whole:
            self.renew()
        if best.torn or not is_whole:
            self._unwritten = []  # nothing is appended to such a file
            self._begin_compaction()
            while self.work():
                pass
        else:
            self._remove(1 - self._file)
            self._remove(_SET_ASIDE)
        super().open()

    def flush(self) -> None:
        """As Journal.flush: one write, of which a reset keeps all or what came first."""
        if self._refusals:
            self._refusals += 1
            self._unwritten = []  # the next snapshot holds it
        if not self._unwritten:
            return
        data = b"".join(self._unwritten)
        self._unwritten = []
        if self._append_to(self._file, data, "ab"):
            self._size += len(data)
        else:
            self._refusals = 1  # nobody knows how much of it is there
            self._set_aside()

    def append(self, body: bytes, key: int, fact: bytes) -> None:
        """As Journal.append."""
        super().append(body, key, fact)
        self._note_fact(key)
        self._write(event_record(self.acked, key, fact, body))

    def put(self, key: int, value: bytes) -> None:
        """As Journal.put; writes only what differs."""
        if self._facts.get(key) != value:
            super().put(key, value)
            self._note_fact(key)
            self._write(fact_record(key, value))

    def renew(self) -> None:
        """As Journal.renew."""
        super().renew()
        self._write(record(RENEWED, struct.pack("<I", self.id)))
        if self._snapshot is not None:
            self._begin_compaction()

    def work(self) -> bool:
        """Flush, or else write a slice of the snapshot under way or due: one write at a time."""
        wrote = bool(self._unwritten)
        self.flush()
        if wrote and not self._refusals and self._size < _COMPACT_NOW:
            return self._snapshot is not None
        if self._snapshot is not None:
            self._write_slice()
        elif self._size >= _COMPACT_AT or self._refusals % _AGAIN_AFTER == 1:
            self._begin_compaction()
        return self._snapshot is not None

    def _adopt(self, size: int) -> bool:
        """Take over the contents of the better file; whether it reads as it did a moment ago."""
        image = self._read(self._file, Image)
        self.id, self.boot, self.acked = image.id, image.boot, image.acked
        self.first, self.next = image.first, image.next
        self._facts, self._ring = image.contents()
        self._size = size
        return image.size == size and image.is_in_order

    def _note_fact(self, key: int) -> None:
        if self._snapshot is not None:
            self._snapshot.note_fact(key)

    def _write(self, data: bytes) -> None:
        if self._generation:
            self._unwritten.append(data)

    def _begin_compaction(self) -> None:
        self._generation += 1
        values = (self._generation, self.id, self.first, self.next, self.acked, self.boot)
        header = record(HEADER, MAGIC + struct.pack("<IIIIIH", *values))
        self._target = 0 if self._file else 1
        if self._append_to(self._target, header, "wb"):
            self._snapshot = _Snapshot(self._facts, self.first)
        else:
            self._give_up()

    def _write_slice(self) -> None:
        snapshot = self._snapshot
        if snapshot is None:
            return
        if snapshot.number < self.first:
            self._begin_compaction()
            return
        piece = self._slice_of(snapshot)
        is_last = not snapshot.keys and snapshot.number == self.next
        if is_last:
            piece += record(END, b"")
        if not self._append_to(self._target, piece, "ab"):
            self._give_up()
        elif is_last:
            self._snapshot = None
            self._remove(self._file)  # before anything is appended to the new file
            self._file = self._target
            self._size = self._length(self._file)
            self._refusals = 0

    def _slice_of(self, snapshot: _Snapshot) -> bytes:
        pieces = []
        size = 0
        while size < _SLICE:
            if snapshot.keys:
                key = snapshot.keys.pop(0)
                pieces.append(fact_record(key, self._facts[key]))
            elif snapshot.number < self.next:
                body = self.body(snapshot.number)
                pieces.append(event_record(self.acked, NO_KEY, b"", body))
                snapshot.number += 1
            else:
                break
            size += len(pieces[-1])
        return b"".join(pieces)

    def _give_up(self) -> None:
        """No room now: try again after as much has been appended."""
        self._snapshot = None
        self._size = 0

    def _append_to(self, index: int, data: bytes, mode: str) -> bool:
        try:
            with open(self._paths[index], mode) as file:
                file.write(data)
        except OSError:
            self.failures += 1
            return False
        return True

    def _set_aside(self) -> None:
        try:
            os.rename(self._paths[self._file], self._paths[_SET_ASIDE])
        except OSError:
            return  # then only the host can find out, when it compares
        self._file = _SET_ASIDE

    def _remove(self, index: int) -> None:
        try:
            os.remove(self._paths[index])
        except OSError:
            return  # it was not there

    def _length(self, index: int) -> int:
        try:
            return os.stat(self._paths[index])[6]
        except OSError:
            return 0

    def _read(self, index: int, kind):
        """A Summary or an Image of a file; a blank one where it cannot be read to its end."""
        found = kind()
        try:
            with open(self._paths[index], "rb") as file:
                found.read(Reader(file))
        except OSError:
            return kind()
        return found

    def _new_id(self) -> int:
        return struct.unpack("<I", os.urandom(4))[0] or 1


__all__ = ["RING", "FileJournal"]
