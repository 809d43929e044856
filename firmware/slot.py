"""One slot's facts: what is seen, what was asked, what was measured. Rules live elsewhere."""

import struct

from . import codes
from .board_spec import BoardSpec

_MAX_UID = 32  # bytes of a carrier uid that are kept

# (bit, attribute) of the facts that the journal keeps
_KEPT = (
    (1 << 0, "present"),
    (1 << 1, "handle_closed"),
    (1 << 2, "rail"),
    (1 << 3, "good"),
    (1 << 4, "tripped"),
    (1 << 5, "halted"),
    (1 << 6, "line"),
    (1 << 7, "suspicious"),
    (1 << 8, "released"),
    (1 << 9, "held"),
    (1 << 10, "alarm"),
    (1 << 11, "commanded"),
    (1 << 12, "latched"),
    (1 << 13, "over_temp"),
    (1 << 14, "lost_supply"),
    (1 << 15, "untold"),
)


class Slot:
    """Facts of one slot; number is 1..N as printed on the panel."""

    def __init__(self, number: int, spec: BoardSpec) -> None:
        self.number = number
        self.bit = 1 << number
        self.has_presence = spec.has(number, "presence")
        self.has_handle = spec.has(number, "handle")
        self.has_meter = spec.has(number, "meter")
        self.has_good = spec.has(number, "power_good")
        self.has_halted_line = spec.has(number, "halted_line")
        self.has_shutdown_line = spec.has(number, "shutdown_line")
        self._spec = (
            spec  # an attribute more would cost 24 slots 2 kB: what all slots share stays there
        )
        self._forget()

    def _forget(self) -> None:
        self.present = False  # a carrier was inserted and not removed since
        self.handle_closed = False
        self.rail = False
        self.good = False
        self.tripped = False
        self.halted = False
        self.line = False  # shutdown line asserted
        self.suspicious = False  # presence open while current flows
        self.released = False
        self.held = False
        self.alarm = False
        self.untold = False  # the alarm's event is still to come
        self.commanded = False  # the last power command was "on"
        self.latched = False  # power good failed too often
        self.over_temp = False
        self.lost_supply = False  # cut because none of its supplies was left; comes back with one
        self.newest = 0  # number of the slot's newest event
        self.carrier = b""  # uid as last told by an IDENTIFIED event
        self.expected = b""  # uid that ends a wrong-pull alarm
        # Not kept over a reset:
        self.identity: bytes | None = None  # uid of the carrier, once it was read
        self.flapping = False
        self.silent = False  # a device of this slot does not answer
        self.waiting = False  # a request to switch on is queued
        self.stopping = False  # a shutdown is in progress
        self.inserted_at = -1000000
        self.mv = codes.UNKNOWN
        self.ma = codes.UNKNOWN
        self.cdeg = codes.UNKNOWN_CDEG

    @property
    def has_thermometer(self) -> bool:
        """Whether its temperature can be sensed."""
        return self._spec.has(self.number, "temperature")

    @property
    def has_identity(self) -> bool:
        """Whether its carrier can be read."""
        return self._spec.has(self.number, "identity")

    @property
    def feeds(self) -> int:
        """Mask of the supplies that feed it."""
        return self._spec.feeds[self.number - 1]

    def is_seated(self) -> bool:
        """Whether a carrier is seen; True where presence cannot be sensed."""
        return not self.has_presence or (self.present and not self.suspicious)

    def current_is_zero(self) -> bool:
        """Whether no current flows, as far as it can be measured; an unread meter proves nothing."""
        return not self.has_meter or (self.ma != codes.UNKNOWN and self.ma < self._spec.off_ma)

    def is_safe(self) -> bool:
        """Whether the carrier may be pulled: rail off, below 0.5 V, no current."""
        if self.rail or self.silent or not self.current_is_zero():
            return False
        return not self.has_meter or (self.mv != codes.UNKNOWN and self.mv < self._spec.off_mv)

    def flags(self) -> int:
        """The flags word of STATE. Makes no object: it is asked for every slot, ten times a second."""
        word = 0
        if self.has_presence and self.present and not self.suspicious:
            word |= codes.F_PRESENT
        if self.has_handle and self.handle_closed:
            word |= codes.F_HANDLE_CLOSED
        if self.rail:
            word |= codes.F_RAIL
        if self.good:
            word |= codes.F_GOOD
        if self.tripped:
            word |= codes.F_TRIPPED
        if self.halted:
            word |= codes.F_HALTED
        if self.line:
            word |= codes.F_LINE
        if self.identity is not None:
            word |= codes.F_IDENTITY
        if self.flapping:
            word |= codes.F_FLAPPING
        if self.released:
            word |= codes.F_RELEASED
        if self.has_presence:
            word |= codes.F_HAS_PRESENCE
        if self.has_handle:
            word |= codes.F_HAS_HANDLE
        if self.has_meter and self.mv != codes.UNKNOWN:
            word |= codes.F_METER_WORKS
        if self.silent:
            word |= codes.F_NO_ANSWER
        if self.over_temp:
            word |= codes.F_OVER_TEMP
        if self.held:
            word |= codes.F_HELD
        if self.alarm:
            word |= codes.F_ALARM
        if self.suspicious:
            word |= codes.F_SUSPICIOUS
        if self.has_halted_line:
            word |= codes.F_HAS_HALTED_LINE
        if self.mv != codes.UNKNOWN and self.mv < self._spec.off_mv:
            word |= codes.F_BELOW_HALF_VOLT
        return word

    def pack(self) -> bytes:
        """The facts that must outlive a reset."""
        bits = 0
        for bit, name in _KEPT:
            if getattr(self, name):
                bits |= bit
        carrier = self.carrier[:_MAX_UID]
        head = struct.pack("<IHB", self.newest, bits, len(carrier))
        return head + carrier + self.expected[:_MAX_UID]

    def unpack(self, fact: bytes) -> None:
        """Take over facts that pack() made; what makes no sense is left alone."""
        if len(fact) < 7:
            return
        self.newest, bits, length = struct.unpack("<IHB", fact[:7])
        for bit, name in _KEPT:
            setattr(self, name, bool(bits & bit))
        self.carrier = fact[7 : 7 + length]
        self.expected = fact[7 + length :]
