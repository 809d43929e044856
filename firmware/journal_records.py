"""The records of a journal file: their bytes, reading them a piece at a time, and what they add up to.

A file is never held in memory whole: a controller without PSRAM has no room for one.
"""

import struct
from binascii import crc32

from .compat import const
from .journal import Journal

HEADER = 1  # magic 4, generation u32, id u32, first u32, next u32, acked u32, boot u16
FACT = 2  # key u16, value
EVENT = 3  # acked u32, key u16, fact length u8, fact, EVENT body
END = 4  # the snapshot above is complete
RENEWED = 5  # id u32
MAGIC = b"BPJ1"
NO_KEY = 0xFFFF  # an event that changed no fact
_MAX_RECORD = const(261)
_PIECE = const(512)  # bytes read at a time


def record(kind: int, payload: bytes) -> bytes:
    """One record: kind, length, payload, CRC-32."""
    head = bytes((kind, len(payload))) + payload
    return head + struct.pack("<I", crc32(head))


def event_record(acked: int, key: int, fact: bytes, body: bytes) -> bytes:
    """An event, with the fact that it changed."""
    return record(EVENT, struct.pack("<IHB", acked, key, len(fact)) + fact + body)


def fact_record(key: int, value: bytes) -> bytes:
    """A fact that no event carries."""
    return record(FACT, struct.pack("<H", key) + value)


def _record_at(data: bytes, at: int) -> tuple[int, bytes] | None:
    if _is_cut_short(data, at):
        return None
    end = at + 2 + data[at + 1]
    if struct.unpack("<I", data[end : end + 4])[0] != crc32(data[at:end]):
        return None
    return data[at], data[at + 2 : end]


def _is_cut_short(data: bytes, at: int) -> bool:
    return at + 2 > len(data) or at + 6 + data[at + 1] > len(data)


def _is_whole(data: bytes) -> bool:
    """Whether these bytes are a record but for its length, which a bit flip made another one."""
    end = len(data) - 4
    if end < 2:
        return False
    head = bytes((data[0], end - 2)) + data[2:end]
    return struct.unpack("<I", data[end:])[0] == crc32(head)


class Reader:
    """Valid records in their order, up to the first that is none; that one is the torn tail, or damage.

    size: bytes of the records given so far. Known when next() has given None: torn, whether anything
    follows; damaged, whether that is more than a last write cut short, so that what was sent may be missing.
    """

    def __init__(self, file) -> None:
        self.size = 0
        self.torn = False
        self.damaged = False
        self._file = file
        self._data = b""
        self._at = 0

    def next(self) -> tuple[int, bytes] | None:
        """Kind and payload of the next record; None at the end."""
        self._fill()
        found = _record_at(self._data, self._at)
        if found is None:
            self._judge()
        else:
            self._at += 6 + len(found[1])
            self.size += 6 + len(found[1])
        return found

    def _fill(self) -> None:
        """Have a whole record at hand, and one byte more, where the file has them."""
        while len(self._data) - self._at <= _MAX_RECORD:
            more = self._file.read(_PIECE)
            if not more:
                return
            self._data = self._data[self._at :] + more
            self._at = 0

    def _judge(self) -> None:
        data = self._data[self._at :]
        self.torn = bool(data)
        is_tail = len(data) <= _MAX_RECORD and _is_cut_short(data, 0) and not _is_whole(data)
        self.damaged = self.torn and not (
            is_tail and all(_record_at(data, at) is None for at in range(1, len(data) - 5))
        )


class Summary:
    """What matters about a file before it is chosen. complete: its snapshot has an end."""

    def __init__(self) -> None:
        self.generation = 0
        self.complete = False
        self.size = 0
        self.torn = False
        self.damaged = False

    def read(self, reader: Reader) -> None:
        """Look through a file, and keep nothing of its contents."""
        found = reader.next()
        while found is not None:
            kind, payload = found
            if kind == HEADER and payload[:4] == MAGIC:
                self.generation = struct.unpack("<I", payload[4:8])[0]
            elif kind == END:
                self.complete = True
            found = reader.next()
        self.size, self.torn, self.damaged = reader.size, reader.torn, reader.damaged


class Image(Journal):
    """What the records of one file add up to. size: bytes of these records.

    is_in_order: each event has the number that its place gives it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.size = 0
        self.is_in_order = True

    def read(self, reader: Reader) -> None:
        """Take every record."""
        found = reader.next()
        while found is not None:
            self._replay(found[0], found[1])
            found = reader.next()
        self.size = reader.size

    def _replay(self, kind: int, payload: bytes) -> None:
        if kind == HEADER and payload[:4] == MAGIC:
            (_, self.id, self.first, self.next, self.acked, self.boot) = struct.unpack(
                "<IIIIIH", payload[4:]
            )
            self.next = self.first  # the events follow
        elif kind == FACT:
            self._facts[struct.unpack("<H", payload[:2])[0]] = payload[2:]
        elif kind == EVENT:
            self.acked, key, length = struct.unpack("<IHB", payload[:7])
            if key != NO_KEY:
                self._facts[key] = payload[7 : 7 + length]
            body = payload[7 + length :]
            if body[4:8] != struct.pack("<I", self.next):
                self.is_in_order = False
            self._keep(body)
        elif kind == RENEWED:
            self.renew()
            self.id = struct.unpack("<I", payload)[0]

    def _new_id(self) -> int:
        return 0
