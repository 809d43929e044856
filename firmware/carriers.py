"""Reads the identity of each seated carrier, and tells when it is another one."""

from . import codes
from .alarms import Alarms
from .chassis import Chassis
from .compat import const
from .slot import Slot

_RETRY_MS = const(500)  # a fresh contact may need a while
_SAMPLE_MS = const(5)


class Carriers:
    """Tries until the carrier of each seated slot was read."""

    def __init__(self, chassis: Chassis, alarms: Alarms) -> None:
        self._chassis = chassis
        self._alarms = alarms
        self._next_ms = chassis.now_ms
        self._turn = 0  # the next slot of this pass
        self._has_unread = False

    def look_again(self, slot: Slot) -> None:
        """A carrier came, or came back: read it anew, now."""
        slot.identity = None
        self._next_ms, self._turn = self._chassis.now_ms, 0

    def tick(self) -> None:
        """Read what is still unread; on a slow bus one carrier a step."""
        now = self._chassis.now_ms
        if now < self._next_ms:
            return
        slots = self._chassis.slots
        while self._turn < len(slots):
            slot = slots[self._turn]
            self._turn += 1
            if slot.has_identity and slot.identity is None and slot.is_seated():
                self._has_unread = True
                if not slot.silent and not slot.flapping:  # while it chatters, FLAPPING says it all
                    self._read(slot)
                    if self._chassis.board.has_slow_bus:
                        self._next_ms = now + _SAMPLE_MS
                        return
        self._next_ms = now + _RETRY_MS if self._has_unread else codes.NEVER
        self._turn, self._has_unread = 0, False

    def due(self) -> int:
        """When tick() is next needed."""
        return self._next_ms

    def _read(self, slot: Slot) -> None:
        found = self._chassis.board.identity(slot.number)
        if found is None:
            return
        uid = found[0][:32]
        if uid == slot.carrier:
            uid = slot.carrier  # one object for both
        slot.identity = uid
        if slot.carrier and uid != slot.carrier and not slot.rail:
            slot.held = True  # another one sits here: it was swapped while nobody looked
        if uid != slot.carrier or slot.alarm:
            slot.carrier = uid
            self._chassis.emit(codes.IDENTIFIED, slot, 0, bytes((len(uid),)) + uid)
        self._alarms.note_identified(slot, uid)
