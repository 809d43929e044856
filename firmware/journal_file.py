"""The journal in flash: two alternating files of checksummed records, appended to, compacted in slices.

A torn last record is ignored, because an event is sent only after it was appended. The old file is
removed before the new one is appended to, so an intact old file proves that nothing was sent after it.
A new journal begins where continuity cannot be proven. No method raises for what the flash does.
"""

import os
import struct
from binascii import crc32

from .compat import const
from .journal import RING, Journal

_HEADER = const(1)  # magic 4, generation u32, id u32, first u32, next u32, acked u32, boot u16
_FACT = const(2)  # key u16, value
_EVENT = const(3)  # acked u32, key u16, fact length u8, fact, EVENT body
_END = const(4)  # the snapshot above is complete
_RENEWED = const(5)  # id u32
_MAGIC = b"BPJ1"
_MAX_RECORD = const(261)
_COMPACT_AT = const(49152)  # bytes; a full ring with its facts takes about 25,000
_SLICE = const(1024)  # bytes of a snapshot written per step: flash writes stall both cores
_NAMES = ("journal.0", "journal.1")


def record(kind: int, payload: bytes) -> bytes:
    """One record: kind, length, payload, CRC-32."""
    head = bytes((kind, len(payload))) + payload
    return head + struct.pack("<I", crc32(head))


def _record_at(data: bytes, at: int) -> tuple[int, bytes] | None:
    if at + 2 > len(data):
        return None
    end = at + 2 + data[at + 1]
    if end + 4 > len(data) or struct.unpack("<I", data[end : end + 4])[0] != crc32(data[at:end]):
        return None
    return data[at], data[at + 2 : end]


class Image(Journal):
    """What one file says. complete: the snapshot ends; torn: the tail is not a record; damaged: more follows."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.generation = 0
        self.complete = False
        at = 0
        while True:
            found = _record_at(data, at)
            if found is None:
                break
            self._replay(found[0], found[1])
            at += 6 + len(found[1])
        self.size = at
        self.torn = at < len(data)
        self.damaged = self.torn and _has_record_after(data, at)

    def _replay(self, kind: int, payload: bytes) -> None:
        if kind == _HEADER and payload[:4] == _MAGIC:
            (self.generation, self.id, self.first, self.next, self.acked, self.boot) = (
                struct.unpack("<IIIIIH", payload[4:])
            )
            self.next = self.first  # the events follow
        elif kind == _FACT:
            self._facts[struct.unpack("<H", payload[:2])[0]] = payload[2:]
        elif kind == _EVENT:
            self.acked, key, length = struct.unpack("<IHB", payload[:7])
            if key != 0xFFFF:
                self._facts[key] = payload[7 : 7 + length]
            self._keep(payload[7 + length :])
        elif kind == _RENEWED:
            self.renew()
            self.id = struct.unpack("<I", payload)[0]
        elif kind == _END:
            self.complete = True

    def _new_id(self) -> int:
        return 0


def _has_record_after(data: bytes, at: int) -> bool:
    """Whether a valid record follows the bad one: then it is not the torn tail of a last write."""
    if len(data) - at > _MAX_RECORD:
        return True
    for start in range(at + 1, len(data) - 5):
        if _record_at(data, start) is not None:
            return True
    return False


class FileJournal(Journal):
    """A journal in a folder that exists. Safe to cut the power at any byte."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self._paths = [folder + "/" + name for name in _NAMES]
        self._file = 0  # index of the file that is appended to
        self._generation = 0
        self._size = 0
        self._pending: list[bytes] | None = None  # records of the snapshot being written

    def open(self) -> None:
        """Load the better file, or begin a new journal, then count a boot."""
        images = [Image(self._read(path)) for path in self._paths]
        self._file = 0 if images[0].generation > images[1].generation else 1
        if not images[self._file].complete and images[1 - self._file].complete:
            self._file = 1 - self._file  # power was cut during compaction; the old file is whole
        best = images[self._file]
        self._adopt(best)
        self._generation = max(images[0].generation, images[1].generation)
        if best.id == 0 or not best.complete or best.damaged:
            self.renew()
        if best.torn or not best.complete:
            self._begin_compaction()
            while self.work():
                pass
        else:
            self._remove(1 - self._file)
        super().open()

    def append(self, body: bytes, key: int, fact: bytes) -> None:
        """As Journal.append; the record is in flash when this returns."""
        super().append(body, key, fact)
        self._write(record(_EVENT, struct.pack("<IHB", self.acked, key, len(fact)) + fact + body))

    def put(self, key: int, value: bytes) -> None:
        """As Journal.put; writes only what differs."""
        if self._facts.get(key) != value:
            super().put(key, value)
            self._write(record(_FACT, struct.pack("<H", key) + value))

    def renew(self) -> None:
        """As Journal.renew."""
        super().renew()
        self._write(record(_RENEWED, struct.pack("<I", self.id)))

    def work(self) -> bool:
        """Write a slice of the snapshot under way, or start one when the file has grown long."""
        if self._pending is None:
            if self._size < _COMPACT_AT:
                return False
            self._begin_compaction()
        self._write_slice()
        return self._pending is not None

    def _adopt(self, image: Image) -> None:
        self.id, self.boot, self.acked = image.id, image.boot, image.acked
        self.first, self.next = image.first, image.next
        self._facts, self._ring = image.contents()
        self._size = image.size

    def _write(self, data: bytes) -> None:
        if self._pending is not None:
            self._pending.append(data)
        if self._generation and self._append_to(self._file, data, "ab"):
            self._size += len(data)

    def _begin_compaction(self) -> None:
        self._generation += 1
        values = (self._generation, self.id, self.first, self.next, self.acked, self.boot)
        self._pending = [record(_HEADER, _MAGIC + struct.pack("<IIIIIH", *values))]
        for key, value in self._facts.items():
            self._pending.append(record(_FACT, struct.pack("<H", key) + value))
        for number in range(self.first, self.next):
            event = struct.pack("<IHB", self.acked, 0xFFFF, 0) + self.body(number)
            self._pending.append(record(_EVENT, event))
        self._append_to(1 - self._file, b"", "wb")

    def _write_slice(self) -> None:
        pending = self._pending or []
        piece = b""
        while pending and len(piece) < _SLICE:
            piece += pending.pop(0)
        if not pending:
            piece += record(_END, b"")
        written = self._append_to(1 - self._file, piece, "ab")
        if not pending or not written:
            self._pending = None
        if not pending and written:
            self._remove(self._file)  # before anything is appended to the new file
            self._file = 1 - self._file
            self._size = self._length(self._file)
        elif not written:
            self._size = 0  # no room now: try again after as much has been appended

    def _append_to(self, index: int, data: bytes, mode: str) -> bool:
        try:
            with open(self._paths[index], mode) as file:
                file.write(data)
        except OSError:
            self.failures += 1
            return False
        return True

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

    def _read(self, path: str) -> bytes:
        try:
            with open(path, "rb") as file:
                return file.read()
        except OSError:
            return b""

    def _new_id(self) -> int:
        return struct.unpack("<I", os.urandom(4))[0] or 1


__all__ = ["RING", "FileJournal", "Image", "record"]
