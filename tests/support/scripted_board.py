"""A small board that follows BP/1 by the page, for tests of the host's side.

It has the three methods of the firmware's core (receive, step, next_due), so that a test bench takes
either. It keeps what a flash would keep over `reboot`.
"""

from dataclasses import dataclass, field

from backplane.firmware_link.framing import FrameDecoder
from backplane.firmware_link.messages import (
    Ack,
    Bye,
    ByeReason,
    Caps,
    Cmd,
    ErrorCode,
    ErrorMessage,
    Event,
    EventKind,
    Hello,
    HelloFlags,
    HelloReq,
    Message,
    MessageType,
    Op,
    Ping,
    Pong,
    Replay,
    Result,
    ResultCode,
    SlotFlags,
    SlotReading,
    State,
    Telemetry,
    decode,
)
from backplane.firmware_link.outbox import Outbox

RING = 256
WINDOW = 8
RESEND_MS = 150
BOARD_ID = bytes.fromhex("a4cf123456780000")


@dataclass
class ScriptedBoard:
    slots: int = 10
    proto: int = 1
    journal: int = 0x1000
    boot: int = 1
    owner_host: int = 0
    owner_epoch: int = 0
    acked: int = 0
    events: list[Event] = field(default_factory=list)  # all of this journal; the ring is its end
    acted: list[Cmd] = field(default_factory=list)
    byes: list[int] = field(default_factory=list)
    loses_states: int = 0  # so many STATE answers do not arrive
    is_dumb: bool = False  # hears nothing, says nothing

    def __post_init__(self) -> None:
        self._start(0)

    def _start(self, now_ms: int) -> None:
        self.started_ms = now_ms
        self.now_ms = now_ms
        self.is_greeted = False
        self.sent = self.acked
        self.resend_at = 0
        self.hello_at = now_ms
        self.telemetry_at = now_ms
        self.results: dict[int, Result] = {}
        self.decoder = FrameDecoder()
        self.outbox = Outbox()

    # What a test does to it.

    def happen(self, kind: EventKind, slot: int = 1, value: int = 0) -> None:
        number = len(self.events) + 1
        event = Event(self.journal, number, self.boot, self.uptime_ms, kind, slot, value)
        self.events.append(event)

    def reboot(self) -> None:
        self.boot += 1
        self._start(self.now_ms)
        self.happen(EventKind.BOOT, 0, 1)

    def forget_journal(self, journal: int) -> None:
        self.journal, self.events = journal, []
        self.acked = self.sent = 0

    @property
    def uptime_ms(self) -> int:
        return self.now_ms - self.started_ms

    @property
    def first(self) -> int:
        return max(1, len(self.events) - RING + 1)

    # What the core offers.

    def receive(self, data: bytes, now_ms: int) -> None:
        self.now_ms = now_ms
        for frame_type, _, body in self.decoder.feed(data):
            message = decode(frame_type, body)
            if isinstance(message, HelloReq):
                self._on_hello_req(message)
            elif self.is_greeted:
                self._on_message(message)

    def step(self, now_ms: int) -> bytes:
        self.now_ms = now_ms
        if self.is_greeted:
            if self.sent > self.acked and now_ms >= self.resend_at:
                self.sent = max(self.acked, self.first - 1)
            self._send_window()
            self._send_telemetry()
        elif now_ms >= self.hello_at:
            self._say_hello()
        sent = self.outbox.take()
        return b"" if self.is_dumb else sent

    def next_due(self) -> int:
        if not self.is_greeted:
            return self.hello_at
        resend_at = self.resend_at if self.sent > self.acked else self.telemetry_at
        return min(resend_at, self.telemetry_at)

    # The rules.

    def _send_window(self) -> None:
        gone = self.first - 1  # counts as acknowledged: nobody can have it any more
        while self.sent < min(len(self.events), max(self.acked, gone) + WINDOW):
            self.outbox.put(self.events[self.sent])
            self.sent += 1
            self.resend_at = self.now_ms + RESEND_MS

    def _send_telemetry(self) -> None:
        if self.now_ms >= self.telemetry_at:
            self.telemetry_at = self.now_ms + 1000
            self.outbox.put(Telemetry(self.uptime_ms, {}))

    def _say_hello(self) -> None:
        self.hello_at = self.now_ms + 1000
        shape = (self.proto, self.proto, self.slots, WINDOW, Caps.SIMULATED, 253)
        journal = (self.journal, self.first, self.acked, len(self.events) + 1)
        owner = (self.owner_host, self.owner_epoch)
        self.outbox.put(Hello(*shape, *journal, self.boot, self.uptime_ms, 1, BOARD_ID, *owner))

    def _on_hello_req(self, request: HelloReq) -> None:
        if HelloFlags.LISTEN_ONLY not in request.flags:
            is_ours = self.owner_host in {0, request.host_id} or HelloFlags.TAKE in request.flags
            if not is_ours:
                self.outbox.put(Bye(ByeReason.OTHER_OWNER))
            elif self.owner_host == request.host_id and request.epoch < self.owner_epoch:
                self.outbox.put(Bye(ByeReason.SUPERSEDED))
                return
            else:
                self.owner_host, self.owner_epoch = request.host_id, request.epoch
                self.is_greeted = True
        self._say_hello()

    def _on_message(self, message: object) -> None:
        if isinstance(message, Ack) and message.journal == self.journal:
            self.acked = max(self.acked, message.upto)
            self.sent = max(self.sent, self.acked)
        elif isinstance(message, Replay):
            self._on_replay(message)
        elif isinstance(message, Cmd):
            if message.id not in self.results:
                self.results[message.id] = self._act(message)
            self.outbox.put(self.results[message.id])
        elif isinstance(message, Bye):
            self.byes.append(message.reason)
        elif isinstance(message, Ping):
            self.outbox.put(Pong(message.t1, self.uptime_ms * 1000, self.uptime_ms * 1000))

    def _on_replay(self, replay: Replay) -> None:
        if replay.start < self.first:
            detail = self.first.to_bytes(4, "little")
            self.outbox.put(ErrorMessage(ErrorCode.GONE, MessageType.REPLAY, detail))
            return
        self.acked = min(self.acked, replay.start - 1)
        self.sent = replay.start - 1

    def _act(self, cmd: Cmd) -> Result:
        code = ResultCode.OK
        if cmd.boot != self.boot or cmd.expires_ms < self.uptime_ms:
            code = ResultCode.E_EXPIRED
        elif cmd.op == Op.GET_STATE:
            if self.loses_states:
                self.loses_states -= 1
                return Result(cmd.epoch, cmd.id, code)
            for report in self.state():
                self.outbox.put(report)
        elif cmd.op == Op.NEW_JOURNAL:
            self.forget_journal(self.journal + 1)
        else:
            self.acted.append(cmd)
        return Result(cmd.epoch, cmd.id, code)

    def state(self) -> list[Message]:
        """The STATE frames of this moment, 19 slots in each at most."""
        flags = SlotFlags.CAN_SENSE_PRESENCE
        readings = [SlotReading(slot, flags, 0, 0, 0, None) for slot in range(1, self.slots + 1)]
        parts = [tuple(readings[start : start + 19]) for start in range(0, self.slots, 19)]
        head = (self.journal, len(self.events), self.uptime_ms)
        return [State(*head, part[0].number, part) for part in parts]
