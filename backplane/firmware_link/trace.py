"""A stream of bytes of one direction, taken apart for a person: each frame in words, each bad one as hex. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from backplane.firmware_link.errors import BadBody
from backplane.firmware_link.framing import MAX_ENCODED, decode_frame, fault_of
from backplane.firmware_link.messages import Message, MessageType, UnknownMessage, decode
from backplane.firmware_link.trace_words import describe, details, type_name

_HEX_AT_MOST = 64


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes that passed at once."""

    at_s: float
    is_from_board: bool
    data: bytes


@dataclass(frozen=True, slots=True)
class Traced:
    """One frame. `message` is None for a bad one; then `fault` says why and `raw` is what came."""

    raw: bytes
    message: Message | UnknownMessage | None
    frame_type: int
    lost: int
    fault: str = ""

    def lines(self, *, with_details: bool = False) -> list[str]:
        """What to print of it, without time and direction."""
        if self.message is None:
            return [f"BAD {len(self.raw)} bytes, {self.fault}: {_hex(self.raw)}"]
        lost = f"  [{self.lost} frames lost before]" if self.lost else ""
        lines = [f"{type_name(self.frame_type):9} {describe(self.message)}{lost}"]
        return lines + [f"  {line}" for line in details(self.message) if with_details]


class Tracer:
    """Feed it what went one way; it never raises and keeps at most one frame."""

    def __init__(self) -> None:
        self._tail = b""
        self._next_seq: int | None = None
        self._is_skipping = False

    def feed(self, data: bytes) -> Iterator[Traced]:
        """Each frame that `data` completes, good or bad."""
        *parts, self._tail = (self._tail + data).split(b"\0")
        for part in parts:
            if self._is_skipping:
                self._is_skipping = False
            elif part:
                yield self._traced(part)
        if len(self._tail) > MAX_ENCODED:
            if not self._is_skipping:
                yield Traced(self._tail, None, -1, 0, f"more than {MAX_ENCODED} without a 0x00")
            self._is_skipping = True
            self._tail = b""

    def end(self) -> Iterator[Traced]:
        """What was begun and never ended."""
        if self._tail and not self._is_skipping:
            yield Traced(self._tail, None, -1, 0, "cut off")
        self._tail = b""

    def _traced(self, part: bytes) -> Traced:
        frame = decode_frame(part)
        if frame is None:
            return Traced(part, None, -1, 0, fault_of(part))
        frame_type, seq, body = frame
        lost = self._lost_before(frame_type, seq)
        try:
            return Traced(part, decode(frame_type, body), frame_type, lost)
        except BadBody as error:
            return Traced(part, None, frame_type, lost, str(error).rstrip("."))

    def _lost_before(self, frame_type: int, seq: int) -> int:
        # A side that just started counts from 0 again, and begins with a greeting.
        is_known = self._next_seq is not None and frame_type not in {
            MessageType.HELLO,
            MessageType.HELLO_REQ,
        }
        lost = (seq - (self._next_seq or 0)) & 0xFF if is_known else 0
        self._next_seq = (seq + 1) & 0xFF
        return lost


def _hex(raw: bytes) -> str:
    more = f" ... {len(raw) - _HEX_AT_MOST} more" if len(raw) > _HEX_AT_MOST else ""
    return raw[:_HEX_AT_MOST].hex(" ") + more
