"""The messages of BP/1 as values, their bodies as bytes, and one `decode` for them all.

Pure. `decode` reads the prefix it knows, so that a body may grow at its tail; it raises BadBody for
one that is too short and nothing else. Import every message and number of the link from here.
"""

from dataclasses import dataclass
from struct import Struct, error

from backplane.firmware_link.codes import (
    IF_EVENT_ANY,
    LED_AS_LOCAL,
    PROTOCOL_VERSION,
    ByeReason,
    Caps,
    ConfigKey,
    ErrorCode,
    EventKind,
    HelloFlags,
    LedColour,
    LedLayer,
    LedPattern,
    MessageType,
    Op,
    RailCause,
    ResultCode,
    SlotFlags,
)
from backplane.firmware_link.errors import BadBody
from backplane.firmware_link.greeting import Bye, Hello, HelloReq
from backplane.firmware_link.journal import Ack, Event, Replay
from backplane.firmware_link.packing import known
from backplane.firmware_link.readings import (
    Lights,
    SlotReading,
    State,
    Telemetry,
    TelemetryReading,
)

__all__ = [
    "IF_EVENT_ANY",
    "LED_AS_LOCAL",
    "PROTOCOL_VERSION",
    "Ack",
    "Bye",
    "ByeReason",
    "Caps",
    "Cmd",
    "ConfigKey",
    "Console",
    "ErrorCode",
    "ErrorMessage",
    "Event",
    "EventKind",
    "Hello",
    "HelloFlags",
    "HelloReq",
    "LedColour",
    "LedLayer",
    "LedPattern",
    "Lights",
    "Log",
    "Message",
    "MessageType",
    "Op",
    "Ping",
    "Pong",
    "RailCause",
    "Replay",
    "Result",
    "ResultCode",
    "SlotFlags",
    "SlotReading",
    "State",
    "Telemetry",
    "TelemetryReading",
    "UnknownMessage",
    "decode",
    "type_of",
]

_CMD = Struct("<IIBHII")
_RESULT = Struct("<IIB")
_PING = Struct("<Q")
_PONG = Struct("<QQQ")
_CONSOLE = Struct("<BI")


@dataclass(frozen=True, slots=True)
class Cmd:
    """`expires_ms` is the board's uptime after which it must not act any more."""

    epoch: int
    id: int
    op: Op | int
    boot: int
    expires_ms: int
    if_event: int
    args: bytes = b""

    def to_body(self) -> bytes:
        head = _CMD.pack(self.epoch, self.id, self.op, self.boot, self.expires_ms, self.if_event)
        return head + self.args

    @classmethod
    def from_body(cls, body: bytes) -> "Cmd":
        epoch, command_id, op, boot, expires_ms, if_event = _CMD.unpack_from(body)
        return cls(epoch, command_id, known(Op, op), boot, expires_ms, if_event, body[_CMD.size :])


@dataclass(frozen=True, slots=True)
class Result:
    epoch: int
    id: int
    code: ResultCode | int
    data: bytes = b""

    def to_body(self) -> bytes:
        return _RESULT.pack(self.epoch, self.id, self.code) + self.data

    @classmethod
    def from_body(cls, body: bytes) -> "Result":
        epoch, command_id, code = _RESULT.unpack_from(body)
        return cls(epoch, command_id, known(ResultCode, code), body[_RESULT.size :])


@dataclass(frozen=True, slots=True)
class Log:
    level: int
    dropped: int
    text: str

    def to_body(self) -> bytes:
        return bytes((self.level, self.dropped)) + self.text.encode()

    @classmethod
    def from_body(cls, body: bytes) -> "Log":
        return cls(body[0], body[1], body[2:].decode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class ErrorMessage:
    """`about` is the type of the frame that was refused."""

    code: ErrorCode | int
    about: int
    detail: bytes = b""

    def to_body(self) -> bytes:
        return bytes((self.code, self.about)) + self.detail

    @classmethod
    def from_body(cls, body: bytes) -> "ErrorMessage":
        return cls(known(ErrorCode, body[0]), body[1], body[2:])

    @property
    def first_held(self) -> int | None:
        """Of GONE: the oldest event number the board still has."""
        if self.code != ErrorCode.GONE or len(self.detail) < 4:
            return None
        return int.from_bytes(self.detail[:4], "little")


@dataclass(frozen=True, slots=True)
class Ping:
    t1: int

    def to_body(self) -> bytes:
        return _PING.pack(self.t1)

    @classmethod
    def from_body(cls, body: bytes) -> "Ping":
        return cls(*_PING.unpack_from(body))


@dataclass(frozen=True, slots=True)
class Pong:
    """Microseconds: t1 as it was asked, t2 on arrival and t3 on leaving by the answerer's clock."""

    t1: int
    t2: int
    t3: int

    def to_body(self) -> bytes:
        return _PONG.pack(self.t1, self.t2, self.t3)

    @classmethod
    def from_body(cls, body: bytes) -> "Pong":
        return cls(*_PONG.unpack_from(body))


@dataclass(frozen=True, slots=True)
class Console:
    slot: int
    offset: int
    data: bytes

    def to_body(self) -> bytes:
        return _CONSOLE.pack(self.slot, self.offset) + self.data

    @classmethod
    def from_body(cls, body: bytes) -> "Console":
        slot, offset = _CONSOLE.unpack_from(body)
        return cls(slot, offset, body[_CONSOLE.size :])


@dataclass(frozen=True, slots=True)
class UnknownMessage:
    """A type of a newer board, kept for traces."""

    type: int
    body: bytes


Message = (
    HelloReq
    | Hello
    | Bye
    | Event
    | Ack
    | Replay
    | Cmd
    | Result
    | State
    | Telemetry
    | Log
    | ErrorMessage
    | Ping
    | Pong
    | Console
)

_CLASSES: dict[int, type[Message]] = {
    MessageType.HELLO_REQ: HelloReq,
    MessageType.HELLO: Hello,
    MessageType.BYE: Bye,
    MessageType.EVENT: Event,
    MessageType.ACK: Ack,
    MessageType.REPLAY: Replay,
    MessageType.CMD: Cmd,
    MessageType.RESULT: Result,
    MessageType.STATE: State,
    MessageType.TELEMETRY: Telemetry,
    MessageType.LOG: Log,
    MessageType.ERROR: ErrorMessage,
    MessageType.PING: Ping,
    MessageType.PONG: Pong,
    MessageType.CONSOLE: Console,
}
_TYPES = {message_class: MessageType(number) for number, message_class in _CLASSES.items()}


def type_of(message: Message) -> MessageType:
    return _TYPES[type(message)]


def decode(frame_type: int, body: bytes) -> Message | UnknownMessage:
    """The message in a good frame. Raises BadBody when the body is too short for its type."""
    message_class = _CLASSES.get(frame_type)
    if message_class is None:
        return UnknownMessage(frame_type, body)
    try:
        return message_class.from_body(body)
    except (error, IndexError) as damage:
        raise BadBody(frame_type, len(body)) from damage
