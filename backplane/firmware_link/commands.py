"""The operations a host can ask for: their argument bytes, and the answers that carry data.

Pure. An order says what; an OutgoingCommand adds what its giver knew (boot, newest event, expiry),
so that the board can refuse it when the world has moved on.
"""

from dataclasses import dataclass
from struct import Struct

from backplane.firmware_link.codes import ConfigKey, LedColour, LedLayer, LedPattern, Op
from backplane.firmware_link.packing import pack_short, short_at

_SLOT_HOLD = Struct("<BH")
_SET_CONFIG = Struct("<BBi")


@dataclass(frozen=True, slots=True)
class Order:
    """An operation with its argument bytes. Every order sets a target; none toggles."""

    op: Op
    args: bytes = b""


@dataclass(frozen=True, slots=True)
class OutgoingCommand:
    """`id` has 24 bits. `if_event` is the newest event the giver had seen of the slot."""

    id: int
    order: Order
    boot: int
    expires_in_ms: int
    if_event: int


@dataclass(frozen=True, slots=True)
class Lamps:
    """What SET_LED shows on one slot; LED_AS_LOCAL leaves a lamp to the firmware's rules."""

    layer: LedLayer
    status_colour: LedColour
    status_pattern: LedPattern | int
    blue: LedPattern | int
    white: LedPattern | int


def set_power(slot: int, *, on: bool) -> Order:
    return Order(Op.SET_POWER, bytes((slot, on)))


def power_cycle(slot: int, hold_ms: int) -> Order:
    return Order(Op.POWER_CYCLE, _SLOT_HOLD.pack(slot, hold_ms))


def request_shutdown(slot: int, *, then_off: bool) -> Order:
    return Order(Op.REQUEST_SHUTDOWN, bytes((slot, then_off)))


def release(slot: int, *, on: bool) -> Order:
    return Order(Op.RELEASE, bytes((slot, on)))


def set_led(slot: int, lamps: Lamps) -> Order:
    status = (lamps.layer, lamps.status_colour, lamps.status_pattern)
    return Order(Op.SET_LED, bytes((slot, *status, lamps.blue, lamps.white)))


def lamp_test(*, on: bool) -> Order:
    return Order(Op.LAMP_TEST, bytes((on,)))


def clear_trip(slot: int) -> Order:
    return Order(Op.CLEAR_TRIP, bytes((slot,)))


def clear_alarm(slot: int) -> Order:
    return Order(Op.CLEAR_ALARM, bytes((slot,)))


def get_state() -> Order:
    return Order(Op.GET_STATE)


def get_identity(slot: int) -> Order:
    return Order(Op.GET_IDENTITY, bytes((slot,)))


def set_config(key: ConfigKey, slot: int, value: int) -> Order:
    return Order(Op.SET_CONFIG, _SET_CONFIG.pack(key, slot, value))


def get_config(key: ConfigKey, slot: int) -> Order:
    return Order(Op.GET_CONFIG, bytes((key, slot)))


def stats() -> Order:
    return Order(Op.STATS)


def set_fan(fan: int, duty: int) -> Order:
    return Order(Op.SET_FAN, bytes((fan, duty)))


def new_journal() -> Order:
    return Order(Op.NEW_JOURNAL)


def reboot(nonce: int) -> Order:
    """Has to reach the board twice, as two commands with the same nonce."""
    return Order(Op.REBOOT, nonce.to_bytes(4, "little"))


@dataclass(frozen=True, slots=True)
class Identity:
    """The answer to GET_IDENTITY; b"" for what the board could not read."""

    uid: bytes
    serial: bytes
    model: bytes

    @classmethod
    def from_data(cls, data: bytes) -> "Identity":
        uid = short_at(data, 0)
        serial = short_at(data, 1 + len(uid))
        return cls(uid, serial, short_at(data, 2 + len(uid) + len(serial)))

    def to_data(self) -> bytes:
        return pack_short(self.uid) + pack_short(self.serial) + pack_short(self.model)


def config_value(data: bytes) -> int | None:
    """The answer to GET_CONFIG, or None when it carries none."""
    return int.from_bytes(data[:4], "little", signed=True) if len(data) >= 4 else None


def carrier_uid(data: bytes) -> bytes | None:
    """The carrier's uid in an answer to GET_IDENTITY, or None when it carries none."""
    length = data[0] if data else 0
    return data[1 : 1 + length] if 0 < length < len(data) else None
