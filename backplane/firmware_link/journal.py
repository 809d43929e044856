"""EVENT, ACK and REPLAY: the board's numbered journal on the wire. Pure."""

from dataclasses import dataclass, field
from struct import Struct

from backplane.firmware_link.codes import EventKind, RailCause
from backplane.firmware_link.packing import known, pack_short, short_at

_EVENT = Struct("<IIHIBBi")
_THREE_U32 = Struct("<III")


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the board's journal. `raw` is the body as it came: the proof kept for ever."""

    journal: int
    number: int
    boot: int
    uptime_ms: int
    kind: EventKind | int
    slot: int
    value: int
    carrier_uid: bytes = b""
    raw: bytes = field(default=b"", repr=False)

    def to_body(self) -> bytes:
        head = _EVENT.pack(
            self.journal, self.number, self.boot, self.uptime_ms, self.kind, self.slot, self.value
        )
        return head + pack_short(self.carrier_uid) if self.kind == EventKind.IDENTIFIED else head

    @classmethod
    def from_body(cls, body: bytes) -> "Event":
        journal, number, boot, uptime_ms, kind, slot, value = _EVENT.unpack_from(body)
        uid = short_at(body, _EVENT.size) if kind == EventKind.IDENTIFIED else b""
        kind = known(EventKind, kind)
        return cls(journal, number, boot, uptime_ms, kind, slot, value, uid, body)

    @property
    def rail_cause(self) -> RailCause | int:
        """Of RAIL_ON and RAIL_OFF: why the rail changed."""
        return known(RailCause, self.value & 0xFF)

    @property
    def command_id(self) -> int:
        """Of RAIL_ON and RAIL_OFF: the 24-bit id of the command behind it, 0 for none."""
        return self.value >> 8 & 0xFFFFFF


@dataclass(frozen=True, slots=True)
class Ack:
    epoch: int
    journal: int
    upto: int

    def to_body(self) -> bytes:
        return _THREE_U32.pack(self.epoch, self.journal, self.upto)

    @classmethod
    def from_body(cls, body: bytes) -> "Ack":
        return cls(*_THREE_U32.unpack_from(body))


@dataclass(frozen=True, slots=True)
class Replay:
    epoch: int
    journal: int
    start: int

    def to_body(self) -> bytes:
        return _THREE_U32.pack(self.epoch, self.journal, self.start)

    @classmethod
    def from_body(cls, body: bytes) -> "Replay":
        return cls(*_THREE_U32.unpack_from(body))
