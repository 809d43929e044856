"""A small host on the ESP32's line: greets, acknowledges, commands, and keeps what it hears."""

import struct

from firmware import codes
from firmware.wire import Decoder, encode_frame
from tests.support.bench import HOST_ID, SeenEvent, SeenSlot, unpack_event
from tests.support.esp32.chip import Esp32

_HEARTBEAT_MS = 1_000


class SmallHost:
    """Speaks BP/1 as the owner of the board."""

    def __init__(self, esp32: Esp32) -> None:
        self._esp32 = esp32
        self._decoder = Decoder()
        self._is_greeted = False
        self._next_ping_ms = 0.0
        self._journal = self._boot = self._uptime_ms = self._id = 0
        self._heard_ms = 0.0
        self.events: list[SeenEvent] = []
        self.logs: list[str] = []
        self.slots: dict[int, SeenSlot] = {}
        self.results: dict[int, tuple[int, bytes]] = {}
        self.hello = b""

    def greet(self) -> None:
        """Say HELLO_REQ; events are acknowledged from now on."""
        self._is_greeted = True
        self._send(codes.HELLO_REQ, struct.pack("<BBQIB", 1, 1, HOST_ID, 1, 0))

    def command(self, op: int, *args: int) -> int:
        """Send a command that any later event may not stop; its id."""
        self._id += 1
        since_ms = int(self._esp32.true_ms - self._heard_ms)
        expires = self._uptime_ms + since_ms + 60_000 & codes.U32
        head = struct.pack("<IIBHII", 1, self._id, op, self._boot, expires, codes.NO_CHECK)
        self._send(codes.CMD, head + bytes(args))
        return self._id

    def tick(self) -> None:
        """Once a millisecond: hear what was sent, and keep the line alive."""
        if self._esp32.sent:
            frames = self._decoder.feed(bytes(self._esp32.sent))
            self._esp32.sent.clear()
            for kind, body in frames:
                self._take(kind, body)
        if self._is_greeted and self._esp32.true_ms >= self._next_ping_ms:
            self._next_ping_ms = self._esp32.true_ms + _HEARTBEAT_MS
            self._send(codes.PING, struct.pack("<Q", 1))

    def _send(self, kind: int, body: bytes) -> None:
        self._esp32.received += encode_frame(kind, 0, body)

    def _take(self, kind: int, body: bytes) -> None:
        if kind == codes.EVENT:
            self._take_event(unpack_event(body))
        elif kind == codes.HELLO:
            self.hello = body
            self._journal, _, _, _, self._boot, self._uptime_ms = struct.unpack_from(
                "<IIIIHI", body, 7
            )
            self._heard_ms = self._esp32.true_ms
        elif kind == codes.RESULT:
            _, number, code = struct.unpack_from("<IIB", body)
            self.results[number] = (code, body[9:])
        elif kind == codes.STATE:
            self._take_state(body)
        elif kind == codes.LOG:
            self.logs.append(body[2:].decode())

    def _take_event(self, event: SeenEvent) -> None:
        if not self._is_greeted:
            return
        newest = self.events[-1].number if self.events else event.number - 1
        if event.number == newest + 1:
            self.events.append(event)
        ack = struct.pack("<III", 1, event.journal, min(event.number, newest + 1))
        self._send(codes.ACK, ack)

    def _take_state(self, body: bytes) -> None:
        first, count, stride = body[12:15]
        for at in range(count):
            start = 15 + at * stride
            self.slots[first + at] = SeenSlot(*struct.unpack_from("<IHHHh", body, start))
