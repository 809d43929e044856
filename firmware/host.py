"""The board's end of the link: takes frames apart, answers, and decides what is sent when.

Nothing is accepted before HELLO_REQ; a listener gets no event and changes nothing.
"""

import struct

from . import codes, owner
from .chassis import Chassis
from .commands import Commands
from .compat import const
from .meters import Meters
from .outbox import Outbox
from .owner import Owner
from .sender import WINDOW, EventSender
from .state import States
from .wire import MAX_BODY, MAX_RAW, Decoder

_HELLO_EVERY_MS = const(1000)
_UNHEARD_MS = const(3000)  # three heartbeats
_LISTENER_MS = const(5000)  # a listener that says nothing more is gone


class Host:
    """The link as the board sees it."""

    def __init__(
        self, chassis: Chassis, commands: Commands, states: States, meters: Meters
    ) -> None:
        self.owner = Owner(chassis)
        self.sender = EventSender(chassis.journal)
        self.version = ""
        self.on_taken = _do_nothing  # another host owns the board from now on
        self.on_greeted = _do_nothing  # the owner is there
        self.can_update = False
        self._chassis = chassis
        self._commands = commands
        self._states = states
        self._meters = meters
        self._decoder = Decoder()
        self._outbox = Outbox(
            chassis.spec.esp32.get("uart", {}).get("baud", 921600), chassis.now_ms
        )
        self._heard_ms = -_UNHEARD_MS  # last valid frame of anybody, after a HELLO_REQ
        self._listener_until = -1
        self._hello_at = chassis.now_ms
        self._telemetry_at = chassis.now_ms
        self._handlers = {
            codes.HELLO_REQ: self._on_hello_req,
            codes.BYE: self._on_bye,
            codes.ACK: self._on_ack,
            codes.REPLAY: self._on_replay,
            codes.CMD: self._on_command,
            codes.ERROR: self._on_error,
            codes.PING: self._on_ping,
            codes.CONSOLE: self._on_console,
        }

    # -- in -------------------------------------------------------------------------------------

    def receive(self, data: bytes) -> None:
        """Take bytes; every whole frame is handled now, its answers leave with the next step."""
        for kind, body in self._decoder.feed(data):
            handler = self._handlers.get(kind)
            if kind != codes.HELLO_REQ and not self._is_open():
                continue
            self._note_heard()
            if handler is None:
                self._error(codes.BAD_TYPE, kind)
                continue
            try:
                handler(body)
            except (ValueError, IndexError):  # a short body; struct.error is a ValueError there
                self._error(codes.BAD_BODY, kind)

    def _is_open(self) -> bool:
        return self.owner.is_greeted or self._chassis.now_ms < self._listener_until

    def _note_heard(self) -> None:
        if self.owner.is_greeted:
            self._heard_ms = self._chassis.now_ms
            self.owner.hear()
        elif self._is_open():
            self._heard_ms = self._chassis.now_ms
            self._listener_until = self._chassis.now_ms + _LISTENER_MS

    def _on_hello_req(self, body: bytes) -> None:
        least, most, host_id, epoch, flags = _unpack("<BBQIB", body)
        if not least <= codes.PROTOCOL <= most:
            self._outbox.put(codes.BYE, bytes((codes.BYE_NO_VERSION,)))
            return
        lease = self.owner.host_id, self.owner.epoch
        answer = self.owner.greet(host_id, epoch, flags)
        if lease != (self.owner.host_id, self.owner.epoch):
            self._commands.change_owner()
        if lease[0] != self.owner.host_id:
            self.on_taken()
        if answer == owner.GREETED:
            self.on_greeted()
        if answer == owner.OUTDATED:
            self._outbox.put(codes.BYE, bytes((codes.BYE_SUPERSEDED,)))
            return
        if answer == owner.REFUSED:
            self._outbox.put(codes.BYE, bytes((codes.BYE_OTHER_OWNER,)))
        elif answer == owner.LISTENING and not self.owner.is_greeted:
            self._listener_until = self._chassis.now_ms + _LISTENER_MS
        if answer != owner.REFUSED:
            self._note_heard()
        self.send_hello()

    def _on_bye(self, body: bytes) -> None:  # noqa: ARG002 - every handler takes a body
        self._listener_until = -1
        self.owner.leave()

    def _on_ack(self, body: bytes) -> None:
        epoch, journal, upto = _unpack("<III", body)
        if not self._is_owner(epoch, codes.ACK) or journal != self._chassis.journal.id:
            return
        if not self.sender.acknowledge(upto):
            self._error(codes.BAD_BODY, codes.ACK)
        elif upto == self._chassis.journal.next - 1:
            self._states.note_caught_up()

    def _on_replay(self, body: bytes) -> None:
        epoch, journal, first = _unpack("<III", body)
        if not self._is_owner(epoch, codes.REPLAY) or journal != self._chassis.journal.id:
            return
        if not self.sender.replay(first):
            held = struct.pack("<I", self._chassis.journal.first)
            self._error(codes.GONE, codes.REPLAY, held)

    def _on_command(self, body: bytes) -> None:
        epoch = _unpack("<II", body)[0]
        if not self.owner.accepts(epoch):
            self._outbox.put(codes.RESULT, self._commands.refuse(body))
            return
        result = self._commands.take(body)
        if result is not None:
            self._outbox.put(codes.RESULT, result)

    def _on_error(self, body: bytes) -> None:
        """The host complains; its log has the reason, and repeating it here would loop."""

    def _on_ping(self, body: bytes) -> None:
        sent_us = _unpack("<Q", body)[0]
        now_us = self._chassis.now_ms * 1000
        self._outbox.put(codes.PONG, struct.pack("<QQQ", sent_us, now_us, now_us))

    def _on_console(self, body: bytes) -> None:  # noqa: ARG002 - every handler takes a body
        """Reserved until consoles are built."""
        self._error(codes.BAD_TYPE, codes.CONSOLE, bytes((codes.E_OP,)))

    def _is_owner(self, epoch: int, kind: int) -> bool:
        if self.owner.accepts(epoch):
            return True
        self._error(codes.NOT_OWNER, kind)
        return False

    def _error(self, code: int, kind: int, detail: bytes = b"") -> None:
        self._outbox.put(codes.ERROR, bytes((code, kind)) + detail)

    # -- out ------------------------------------------------------------------------------------

    def tick(self) -> bytes:
        """Everything that is due for the line now."""
        now = self._chassis.now_ms
        if now >= self._hello_at and now - self._heard_ms >= _UNHEARD_MS:
            self.send_hello()
        if self.owner.came_back:
            self.owner.came_back = False
            self.sender.restart()
            self._states.ask()
        for body in self._commands.results():
            self._outbox.put(codes.RESULT, body)
        if self.owner.is_greeted and self._chassis.has_host:
            for body in self.sender.take(now):
                self._outbox.put(codes.EVENT, body)
        if self._is_heard():
            self._report()
        return self._outbox.take(now)

    def due(self) -> int:
        """When tick() is next needed."""
        if self._outbox.has_more():
            return self._chassis.now_ms
        if not self._is_heard():
            return max(self._hello_at, self._heard_ms + _UNHEARD_MS)
        nearest = min(self._states.due(), self._telemetry_at, self._heard_ms + _UNHEARD_MS)
        if self.owner.is_greeted and self._chassis.has_host:
            nearest = min(nearest, self.sender.due())
        return nearest

    def send_hello(self) -> None:
        """Say who this board is and what it holds."""
        self._hello_at = self._chassis.now_ms + _HELLO_EVERY_MS
        self._outbox.put(codes.HELLO, self._hello())

    def stats(self) -> bytes:
        """STATS: u32 each: good, bad, lost frames in; sent, dropped frames out; events resent; flash failures."""
        return struct.pack(
            "<IIIIIII",
            self._decoder.good & codes.U32,
            self._decoder.bad & codes.U32,
            self._decoder.lost & codes.U32,
            self._outbox.sent & codes.U32,
            self._outbox.dropped & codes.U32,
            self.sender.resent & codes.U32,
            self._chassis.journal.failures & codes.U32,
        )

    def _is_heard(self) -> bool:
        return self._is_open() and self._chassis.now_ms - self._heard_ms < _UNHEARD_MS

    def _report(self) -> None:
        now = self._chassis.now_ms
        for body in self._states.tick():
            self._outbox.put(codes.STATE, body)
        chassis = self._chassis
        for level, text in chassis.logs:
            line = text.encode()[: MAX_BODY - 2]
            self._outbox.put(codes.LOG, bytes((level, chassis.logs_dropped)) + line)
            chassis.logs_dropped = 0
        chassis.logs = []
        if now >= self._telemetry_at:
            self._telemetry_at = now + chassis.config.get(codes.TELEMETRY_PERIOD_MS)
            body = self._meters.telemetry()
            if not self._outbox.is_busy(now):
                self._outbox.put(codes.TELEMETRY, body)

    def _hello(self) -> bytes:
        chassis, journal, board = self._chassis, self._chassis.journal, self._chassis.board
        caps = codes.CAP_SIMULATED if board.simulated else 0
        if chassis.spec.mask("handle"):
            caps |= codes.CAP_HANDLES
        if self.can_update:
            caps |= codes.CAP_UPDATE
        head = struct.pack(
            "<BBBBHBIIIIHIB",
            codes.PROTOCOL,
            codes.PROTOCOL,
            chassis.spec.slot_count,
            WINDOW,
            caps,
            MAX_RAW,
            journal.id,
            journal.first,
            journal.acked,
            journal.next,
            journal.boot,
            chassis.now_ms & codes.U32,
            board.reset_cause,
        )
        board_id = (bytes(board.board_id) + b"\0" * 8)[:8]
        lease = struct.pack("<QI", self.owner.host_id, self.owner.epoch)
        return head + board_id + lease + _text(self.version) + _text(chassis.spec.name)


def _do_nothing() -> None:
    return


def _text(text: str) -> bytes:
    raw = text.encode()[:64]
    return bytes((len(raw),)) + raw


def _unpack(layout: str, body: bytes):
    """The fields a body begins with; ValueError for a short body, on every Python."""
    size = struct.calcsize(layout)
    if len(body) < size:
        raise ValueError("short body")
    return struct.unpack(layout, body[:size])
