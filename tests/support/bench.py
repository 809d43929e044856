"""A core on a fake board with a host on its line, in virtual time: the stage of the firmware's tests."""

import struct
from collections.abc import Callable
from dataclasses import dataclass

from firmware import codes
from firmware.core import Core
from firmware.journal import Journal, MemoryJournal
from firmware.wire import Decoder, encode_frame
from tests.support.fake_board import FakeBoard

HOST_ID = 0x1122334455667788


@dataclass(frozen=True, slots=True)
class SeenEvent:
    journal: int
    number: int
    boot: int
    uptime_ms: int
    kind: int
    slot: int
    value: int
    uid: bytes


@dataclass(frozen=True, slots=True)
class SeenSlot:
    flags: int
    lights: int
    mv: int
    ma: int
    cdeg: int


def unpack_event(body: bytes) -> SeenEvent:
    fields: tuple[int, int, int, int, int, int, int] = struct.unpack_from("<IIHIBBI", body)
    return SeenEvent(*fields, body[21:])


class Bench:
    """Drives a core by its own deadlines. frames keeps all that the board sent."""

    def __init__(self, board: FakeBoard | None = None, journal: Journal | None = None) -> None:
        self.board = board or FakeBoard()
        self.journal = journal or MemoryJournal()
        self.now_ms = 0
        self.frames: list[tuple[int, bytes]] = []
        self.steps = 0
        self.acks = True
        self.heartbeats = True
        self.epoch = 1
        self._id = 0
        self._seq = 0
        self._is_greeted = False
        self._boot()

    def _boot(self) -> None:
        self.core = Core(self.board, self.journal, self.now_ms, "9.9")
        self._decoder = Decoder()
        self._heartbeat_at = self.now_ms
        self._is_greeted = False

    def reboot(self, *, chassis_power_was_lost: bool = False) -> None:
        """A new core on the same board and journal; its uptime begins anew."""
        self.board.chassis_power_was_lost = chassis_power_was_lost
        self.now_ms = 0
        self._boot()

    # -- the host's side

    def send(self, kind: int, body: bytes = b"") -> None:
        self.core.receive(encode_frame(kind, self._seq, body), self.now_ms)
        self._seq = (self._seq + 1) & 0xFF
        self._step()

    def greet(self, *, host_id: int = HOST_ID, epoch: int | None = None, flags: int = 0) -> None:
        if epoch is not None:
            self.epoch = epoch
        self._is_greeted = not flags & codes.LISTEN_ONLY
        self.send(codes.HELLO_REQ, struct.pack("<BBQIB", 1, 1, host_id, self.epoch, flags))

    def command_body(self, op: int, *args: int, **guards: int) -> bytes:
        """Guards: id, boot, expires_ms, if_event, epoch."""
        self._id += 1
        return struct.pack(
            "<IIBHII",
            guards.get("epoch", self.epoch),
            guards.get("id", self._id),
            op,
            guards.get("boot", self.journal.boot),
            guards.get("expires_ms", self.now_ms + 60000) & codes.U32,
            guards.get("if_event", codes.NO_CHECK),
        ) + bytes(args)

    def command(self, op: int, *args: int, **guards: int) -> int:
        """Send a command; returns its id."""
        body = self.command_body(op, *args, **guards)
        self.send(codes.CMD, body)
        return guards.get("id", self._id)

    def ask(self, op: int, *args: int, **guards: int) -> tuple[int, bytes]:
        """Send a command and wait for its result: code and data."""
        number = self.command(op, *args, **guards)
        self.run_until(lambda: number in self.results(), 65000)
        return self.results()[number]

    def results(self) -> dict[int, tuple[int, bytes]]:
        found = {}
        for body in self.bodies(codes.RESULT):
            _, number, code = struct.unpack_from("<IIB", body)
            found[number] = (code, body[9:])
        return found

    # -- time

    def run(self, ms: int) -> None:
        """Let time pass; the core is stepped when it asks for it, and at the end."""
        end = self.now_ms + ms
        while self.now_ms < end:
            due = min(self.core.next_due(), end)
            if self._is_greeted and self.heartbeats:
                due = min(due, self._heartbeat_at)
            self.now_ms = max(due, self.now_ms)
            if self._is_greeted and self.heartbeats and self.now_ms >= self._heartbeat_at:
                self._heartbeat_at = self.now_ms + 1000
                self.core.receive(encode_frame(codes.PING, 0, struct.pack("<Q", 7)), self.now_ms)
            self._step()

    def run_until(self, condition: Callable[[], bool], limit_ms: int) -> None:
        end = self.now_ms + limit_ms
        while not condition():
            assert self.now_ms < end, "the condition did not come true"
            self.run(5)

    def change(self, action: Callable[[], None]) -> None:
        """Change an input; the core samples at once, as its loop would within 5 ms."""
        action()
        self._step()

    def _step(self) -> None:
        self.steps += 1
        frames = self._decoder.feed(self.core.step(self.now_ms))
        self.frames += frames
        events = [unpack_event(body) for kind, body in frames if kind == codes.EVENT]
        if events and self.acks and self._is_greeted:
            self.ack(events[-1].number)

    def ack(self, number: int) -> None:
        body = struct.pack("<III", self.epoch, self.journal.id, number)
        self.core.receive(encode_frame(codes.ACK, 0, body), self.now_ms)

    # -- what was seen

    def bodies(self, kind: int) -> list[bytes]:
        return [body for each, body in self.frames if each == kind]

    def told(self) -> list[SeenEvent]:
        """Every event the journal still holds, in order."""
        numbers = range(self.journal.first, self.journal.next)
        return [unpack_event(self.journal.body(number)) for number in numbers]

    def kinds(self, slot: int) -> list[int]:
        return [event.kind for event in self.told() if event.slot == slot]

    def values(self, kind: int, slot: int) -> list[int]:
        return [e.value for e in self.told() if (e.kind, e.slot) == (kind, slot)]

    def flags(self, slot: int) -> int:
        return int(self.core.chassis.slots[slot - 1].flags())

    def has(self, slot: int, flag: int) -> bool:
        return bool(self.flags(slot) & flag)

    def lamps(self, slot: int) -> tuple[int, int, int, int, int]:
        """Status colour, status pattern, blue, white, layer as the board shows them."""
        word = self.board.lights[slot]
        return word & 7, word >> 3 & 7, word >> 6 & 7, word >> 9 & 7, word >> 12 & 3

    def seated(self, *slots: int) -> "Bench":
        """Insert carriers, close their handles and let them settle; greet if nobody did."""
        if not self._is_greeted:
            self.greet()
        for slot in slots:
            self.board.insert(slot)
            self.board.handles_closed |= 1 << slot
        self.run(400)
        return self

    def powered(self, *slots: int) -> "Bench":
        """Insert carriers and switch them on."""
        self.seated(*slots)
        for slot in slots:
            assert self.ask(codes.SET_POWER, slot, 1)[0] == codes.OK
        self.run(400)
        return self

    def forget(self) -> None:
        """Forget the frames seen so far."""
        self.frames = []
