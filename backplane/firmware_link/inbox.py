"""Bytes into messages, with the line's quality counted on the way. Pure; never raises."""

from collections.abc import Iterator

from backplane.firmware_link.errors import BadBody
from backplane.firmware_link.framing import FrameDecoder
from backplane.firmware_link.messages import Message, MessageType, UnknownMessage, decode
from backplane.firmware_link.status import LinkCounters

# What only a host sends. Hearing it means hearing ourselves: a loop in the cable, not a board.
_HOST_TYPES = {MessageType.HELLO_REQ, MessageType.ACK, MessageType.REPLAY, MessageType.CMD}


class Inbox:
    def __init__(self, counters: LinkCounters) -> None:
        self.bad_frames = 0
        self._counters = counters
        self._decoder = FrameDecoder()
        self._next_seq: int | None = None

    def messages(self, data: bytes) -> Iterator[Message | UnknownMessage]:
        """Each good message of a board in `data`."""
        frames = self._decoder.feed(data)
        new_bad = self._decoder.bad_frames - self.bad_frames
        self.bad_frames += new_bad
        self._counters.bad += new_bad
        for frame_type, seq, body in frames:
            if frame_type in _HOST_TYPES:
                continue
            self._count(frame_type, seq)
            try:
                yield decode(frame_type, body)
            except BadBody:
                self._counters.malformed += 1

    def _count(self, frame_type: int, seq: int) -> None:
        self._counters.good += 1
        # A board that just started counts from 0 again, and its first frame is a HELLO.
        is_known = self._next_seq is not None and frame_type != MessageType.HELLO
        if is_known and seq != self._next_seq:
            self._counters.lost += (seq - (self._next_seq or 0)) & 0xFF
        self._next_seq = (seq + 1) & 0xFF
