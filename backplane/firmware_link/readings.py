"""STATE and TELEMETRY: what the board sees in each slot, with "not known" kept apart from zero. Pure."""

from dataclasses import dataclass
from functools import lru_cache
from struct import Struct, error
from typing import NamedTuple

from backplane.firmware_link.codes import LedColour, LedLayer, LedPattern, SlotFlags
from backplane.firmware_link.packing import known

UNKNOWN_U16 = 0xFFFF
UNKNOWN_I16 = 0x7FFF
STATE_STRIDE = 12  # bytes per slot today; a newer board may send more

_STATE = Struct("<IIIBBB")
_SLOT = Struct("<IHHHh")
_TELEMETRY = Struct("<II")
_READING = Struct("<HHHh")


def _or_none(value: int, unknown: int = UNKNOWN_U16) -> int | None:
    return None if value == unknown else value


def _or_unknown(value: int | None, unknown: int = UNKNOWN_U16) -> int:
    return unknown if value is None else value


@dataclass(frozen=True, slots=True)
class Lights:
    """The u16 lights word of STATE, taken apart."""

    status_colour: LedColour | int
    status_pattern: LedPattern | int
    blue: LedPattern | int
    white: LedPattern | int
    layer: LedLayer | int

    @classmethod
    def from_word(cls, word: int) -> "Lights":
        return cls(
            known(LedColour, word & 7),
            known(LedPattern, word >> 3 & 7),
            known(LedPattern, word >> 6 & 7),
            known(LedPattern, word >> 9 & 7),
            known(LedLayer, word >> 12 & 3),
        )

    def to_word(self) -> int:
        colours = self.status_colour | self.status_pattern << 3
        return colours | self.blue << 6 | self.white << 9 | self.layer << 12


@dataclass(frozen=True, slots=True)
class SlotReading:
    """One slot of a STATE. `lights` is the raw word (see Lights); None means not known."""

    number: int
    flags: SlotFlags
    lights: int
    mv: int | None
    ma: int | None
    cdeg: int | None

    def to_bytes(self) -> bytes:
        mv, ma = _or_unknown(self.mv), _or_unknown(self.ma)
        return _SLOT.pack(self.flags, self.lights, mv, ma, _or_unknown(self.cdeg, UNKNOWN_I16))


@dataclass(frozen=True, slots=True)
class State:
    """One STATE frame. A board of more than 19 slots needs several for the whole of it."""

    journal: int
    as_of_event: int
    uptime_ms: int
    first_slot: int
    readings: tuple[SlotReading, ...]

    def to_body(self) -> bytes:
        shape = (self.first_slot, len(self.readings), STATE_STRIDE)
        head = _STATE.pack(self.journal, self.as_of_event, self.uptime_ms, *shape)
        return head + b"".join(reading.to_bytes() for reading in self.readings)

    @classmethod
    def from_body(cls, body: bytes) -> "State":
        journal, as_of_event, uptime_ms, first_slot, count, stride = _STATE.unpack_from(body)
        if count and stride < STATE_STRIDE:
            raise error(f"stride {stride}")
        readings = []
        for index in range(count):
            flags, lights, mv, ma, cdeg = _SLOT.unpack_from(body, _STATE.size + index * stride)
            known_cdeg = _or_none(cdeg, UNKNOWN_I16)
            readings.append(
                SlotReading(
                    first_slot + index,
                    SlotFlags(flags),
                    lights,
                    _or_none(mv),
                    _or_none(ma),
                    known_cdeg,
                )
            )
        return cls(journal, as_of_event, uptime_ms, first_slot, tuple(readings))


class TelemetryReading(NamedTuple):
    """Over one telemetry period; None means not known. A tuple: a board sends eleven each second."""

    mv: int | None
    ma_mean: int | None
    ma_max: int | None
    cdeg: int | None

    def to_bytes(self) -> bytes:
        currents = _or_unknown(self.ma_mean), _or_unknown(self.ma_max)
        return _READING.pack(_or_unknown(self.mv), *currents, _or_unknown(self.cdeg, UNKNOWN_I16))


@dataclass(frozen=True, slots=True)
class Telemetry:
    """`readings` by slot number; slot 0 is the chassis supply."""

    uptime_ms: int
    readings: dict[int, TelemetryReading]

    def to_body(self) -> bytes:
        mask = sum(1 << slot for slot in self.readings)
        parts = [self.readings[slot].to_bytes() for slot in sorted(self.readings)]
        return _TELEMETRY.pack(self.uptime_ms, mask) + b"".join(parts)

    @classmethod
    def from_body(cls, body: bytes) -> "Telemetry":
        uptime_ms, mask = _TELEMETRY.unpack_from(body)
        slots = _slots_of(mask)
        end = _TELEMETRY.size + len(slots) * _READING.size
        if len(body) < end:
            raise error(f"{len(slots)} readings in {len(body)} bytes")
        readings = {
            slot: TelemetryReading(
                None if mv == UNKNOWN_U16 else mv,
                None if mean == UNKNOWN_U16 else mean,
                None if peak == UNKNOWN_U16 else peak,
                None if cdeg == UNKNOWN_I16 else cdeg,
            )
            for slot, (mv, mean, peak, cdeg) in zip(
                slots, _READING.iter_unpack(body[_TELEMETRY.size : end]), strict=True
            )
        }
        return cls(uptime_ms, readings)


@lru_cache(maxsize=64)
def _slots_of(mask: int) -> tuple[int, ...]:
    """Return the slots whose bits are set; a board says the same each second."""
    return tuple(slot for slot in range(32) if mask >> slot & 1)
