"""The wrong-pull alarm: which slot was pulled in error, and what ends it. Touches no rail."""

from . import codes
from .chassis import Chassis
from .slot import Slot


class Alarms:
    """Alarms of all slots; the alarm itself is a fact of its slot."""

    def __init__(self, chassis: Chassis) -> None:
        self._chassis = chassis

    def note_opened(self, slot: Slot) -> None:
        """A slot that was not released was opened: an alarm if another one is released."""
        if slot.released or slot.alarm:
            return
        released = [other for other in self._chassis.slots if other.released]
        if not released:
            return
        for other in released:
            other.held = True
            self._chassis.save(other)
        slot.alarm = True
        slot.expected = slot.carrier
        self._chassis.emit(codes.WRONG_PULL, slot, released[0].number)

    def note_identified(self, slot: Slot, uid: bytes) -> None:
        """A carrier was read: the same one as before ends the alarm."""
        if slot.alarm and uid and uid == slot.expected:
            self.clear(slot)

    def clear(self, slot: Slot) -> None:
        """End the alarm of a slot."""
        if slot.alarm:
            slot.alarm = False
            self._chassis.emit(codes.ALARM_CLEARED, slot)
