"""Frames of BP/1: COBS, checksum, sequence numbers. Knows no message and keeps no time."""

import struct
from binascii import crc32

from .compat import const

MAX_RAW = 253  # type, seq, body and checksum; COBS then costs exactly one byte
MAX_BODY = MAX_RAW - 6
_MAX_FRAME = const(255)  # on the wire, with the closing zero
_SEQ_MASK = const(0xFF)


def cobs_encode(raw: bytes) -> bytes:
    """Stuff at most 253 bytes; the result holds no zero and is one byte longer."""
    return b"".join([bytes((len(part) + 1,)) + part for part in raw.split(b"\0")])


def cobs_decode(stuffed: bytes) -> bytes | None:
    """Undo cobs_encode; None for what no encoder makes."""
    parts = []
    at = 0
    while at < len(stuffed):
        end = at + stuffed[at]
        if end == at or end > len(stuffed):
            return None
        parts.append(stuffed[at + 1 : end])
        at = end
    return b"\0".join(parts)


def encode_frame(kind: int, seq: int, body: bytes) -> bytes:
    """One frame with its closing zero; the body must fit MAX_BODY."""
    raw = bytes((kind, seq)) + body
    return cobs_encode(raw + struct.pack("<I", crc32(raw))) + b"\0"


class Decoder:
    """Bytes in, (type, body) out. Its buffer never grows over one frame."""

    def __init__(self) -> None:
        self.good = 0
        self.bad = 0
        self.lost = 0
        self._buffer = b""
        self._skipping = False
        self._next_seq = -1

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """Whole valid frames in the data, in order; everything else is counted as bad."""
        frames = []
        pieces = bytes(data).split(b"\0")
        for piece in pieces[:-1]:
            self._extend(piece)
            frame = self._close()
            if frame:
                frames.append(frame)
        self._extend(pieces[-1])
        return frames

    def _extend(self, piece: bytes) -> None:
        if self._skipping or not piece:
            return
        if len(self._buffer) + len(piece) >= _MAX_FRAME:
            self._skipping = True
            self._buffer = b""
            self.bad += 1
        else:
            self._buffer += piece

    def _close(self) -> tuple[int, bytes] | None:
        stuffed = self._buffer
        self._buffer = b""
        if self._skipping:
            self._skipping = False
            return None
        if not stuffed:  # a zero alone starts a burst
            return None
        raw = cobs_decode(stuffed)
        if raw is None or len(raw) < 6 or struct.unpack("<I", raw[-4:])[0] != crc32(raw[:-4]):
            self.bad += 1
            return None
        self.good += 1
        if self._next_seq >= 0:
            self.lost += (raw[1] - self._next_seq) & _SEQ_MASK
        self._next_seq = (raw[1] + 1) & _SEQ_MASK
        return raw[0], raw[2:-4]
