"""Frames waiting to leave: numbers them and starts each burst with a 0x00. Pure."""

from backplane.firmware_link.framing import encode_frame
from backplane.firmware_link.messages import Message, type_of


class Outbox:
    def __init__(self) -> None:
        self._seq = 0
        self._bytes = bytearray()

    def put(self, message: Message) -> None:
        if not self._bytes:
            self._bytes.append(0)  # ends whatever noise the line carried while it was idle
        self._bytes += encode_frame(type_of(message), self._seq, message.to_body())
        self._seq = (self._seq + 1) & 0xFF

    def take(self) -> bytes:
        taken = bytes(self._bytes)
        self._bytes.clear()
        return taken
