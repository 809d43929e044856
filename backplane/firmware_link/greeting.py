"""HELLO_REQ, HELLO and BYE: who speaks on the line, and who may. Pure."""

from dataclasses import dataclass, replace
from struct import Struct
from typing import Any

from backplane.firmware_link.codes import PROTOCOL_VERSION, ByeReason, Caps, HelloFlags
from backplane.firmware_link.packing import known, pack_short, short_at

_HELLO_REQ = Struct("<BBQIB")
_HELLO = Struct("<BBBBHBIIIIHIB8sQI")


@dataclass(frozen=True, slots=True)
class HelloReq:
    host_id: int
    epoch: int
    flags: HelloFlags = HelloFlags.NONE
    proto_min: int = PROTOCOL_VERSION
    proto_max: int = PROTOCOL_VERSION

    def to_body(self) -> bytes:
        return _HELLO_REQ.pack(self.proto_min, self.proto_max, self.host_id, self.epoch, self.flags)

    @classmethod
    def from_body(cls, body: bytes) -> "HelloReq":
        proto_min, proto_max, host_id, epoch, flags = _HELLO_REQ.unpack_from(body)
        return cls(host_id, epoch, HelloFlags(flags), proto_min, proto_max)


@dataclass(frozen=True, slots=True)
class Hello:
    """What a board says of itself. `first`, `acked`, `next` are numbers in its `journal`."""

    proto: int
    proto_min: int
    slots: int
    window: int
    caps: Caps
    max_raw: int
    journal: int
    first: int
    acked: int
    next: int
    boot: int
    uptime_ms: int
    reset_cause: int
    board_id: bytes
    owner_host: int
    owner_epoch: int
    version: str = ""
    board_name: str = ""

    def to_body(self) -> bytes:
        numbers = (self.proto, self.proto_min, self.slots, self.window, self.caps, self.max_raw)
        journal = (self.journal, self.first, self.acked, self.next)
        life = (self.boot, self.uptime_ms, self.reset_cause, self.board_id)
        fixed = _HELLO.pack(*numbers, *journal, *life, self.owner_host, self.owner_epoch)
        return fixed + pack_short(self.version.encode()) + pack_short(self.board_name.encode())

    @classmethod
    def from_body(cls, body: bytes) -> "Hello":
        fixed: tuple[Any, ...] = _HELLO.unpack_from(body)
        version = short_at(body, _HELLO.size)
        board_name = short_at(body, _HELLO.size + 1 + len(version))
        return replace(
            cls(*fixed),
            caps=Caps(fixed[4]),
            version=version.decode("utf-8", "replace"),
            board_name=board_name.decode("utf-8", "replace"),
        )

    @property
    def is_simulated(self) -> bool:
        return Caps.SIMULATED in self.caps


@dataclass(frozen=True, slots=True)
class Bye:
    reason: ByeReason | int

    def to_body(self) -> bytes:
        return bytes((self.reason,))

    @classmethod
    def from_body(cls, body: bytes) -> "Bye":
        return cls(known(ByeReason, body[0]))
