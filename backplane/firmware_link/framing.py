"""Frames of BP/1 on the wire: COBS, CRC-32, the 0x00 between frames.

Pure. Knows nothing of what a body means, and never raises on bytes from the line: a bad frame is
counted and the decoder goes on after the next 0x00 (docs/firmware-link.md, "Frame").
"""

from zlib import crc32

MAX_RAW = 253  # bytes from type to CRC: COBS then costs exactly one byte
MAX_ENCODED = MAX_RAW + 1  # without the 0x00 that ends it
MIN_RAW = 6  # type, seq and CRC around an empty body
MAX_BODY = MAX_RAW - MIN_RAW

# CRC-32 over data followed by its own little-endian CRC is always this number, so that a check
# needs neither a slice nor an unpack.
_CRC_RESIDUE = 0x2144DF1C
# A start that one zero byte turns into the usual one: crc32(b"\0", _BEFORE_A_ZERO) == 0. So the zero
# too many in front need not be cut off, which would move the whole frame.
_BEFORE_A_ZERO = 0x0F6A7026

Frame = tuple[int, int, bytes]
"""(type, seq, body). A plain tuple: it is made for every frame on the reading path."""


def encode_frame(frame_type: int, seq: int, body: bytes) -> bytes:
    """One frame with the 0x00 that ends it. ValueError for a body over 247 bytes."""
    if len(body) > MAX_BODY:
        raise ValueError(f"a body of {len(body)} bytes does not fit: {MAX_BODY} at most")
    checked = bytes((frame_type, seq)) + body
    raw = checked + crc32(checked).to_bytes(4, "little")
    encoded = bytearray()
    for part in raw.split(b"\0"):
        encoded.append(len(part) + 1)
        encoded += part
    encoded.append(0)
    return bytes(encoded)


def decode_frame(encoded: bytes) -> Frame | None:
    """The frame inside `encoded` (the bytes between two 0x00), or None when it is damaged."""
    end = len(encoded)
    if not MIN_RAW < end <= MAX_ENCODED:
        return None
    raw = bytearray(encoded)
    position = 0
    while position < end:
        # Each COBS code byte stands where a zero was; the first one is a zero too many.
        code = raw[position]
        raw[position] = 0
        position += code or MAX_ENCODED
    if position != end or crc32(raw, _BEFORE_A_ZERO) != _CRC_RESIDUE:
        return None
    return raw[1], raw[2], bytes(raw[3:-4])


def fault_of(encoded: bytes) -> str:
    """Why `decode_frame` refuses these bytes, in words. For traces: slow, and only asked about bad ones."""
    if len(encoded) > MAX_ENCODED:
        return f"longer than a frame of {MAX_ENCODED}"
    if len(encoded) <= MIN_RAW:
        return f"shorter than the shortest frame of {MIN_RAW + 1}"
    raw = bytearray()
    position = 0
    while position < len(encoded):
        end = position + encoded[position]
        raw += encoded[position + 1 : end] + b"\0"
        position = end
    if position != len(encoded):
        return f"its COBS leads to byte {position} of {len(encoded)}"
    checked, sent = raw[:-5], int.from_bytes(raw[-5:-1], "little")
    return f"its CRC is {sent:08x}, its bytes give {crc32(checked):08x}"


class FrameDecoder:
    """Cuts a stream of bytes into frames. Memory is bounded whatever the line says."""

    def __init__(self) -> None:
        self.bad_frames = 0
        self._tail = b""
        self._is_skipping = False

    def feed(self, data: bytes) -> list[Frame]:
        """Whole good frames that `data` completes, in order. Never raises."""
        parts = (self._tail + data).split(b"\0")
        tail = parts.pop()
        if self._is_skipping and parts:
            del parts[0]
            self._is_skipping = False
        frames = []
        for part in parts:
            if part:
                frame = decode_frame(part)
                if frame is None:
                    self.bad_frames += 1
                else:
                    frames.append(frame)
        self._keep(tail)
        return frames

    def _keep(self, tail: bytes) -> None:
        if len(tail) <= MAX_ENCODED:
            self._tail = b"" if self._is_skipping else tail
            return
        if not self._is_skipping:
            self.bad_frames += 1
        self._is_skipping = True
        self._tail = b""
