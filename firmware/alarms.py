"""The wrong-pull alarm: which slot was pulled in error, and what ends it. Touches no rail.

Only the same carrier back, or CLEAR_ALARM, ends it: a carrier that cannot be read proves nothing.
"""

from . import codes
from .chassis import Chassis
from .slot import Slot


class Alarms:
    """Alarms of all slots; the alarm itself is a fact of its slot."""

    def __init__(self, chassis: Chassis) -> None:
        self._chassis = chassis
        for slot in chassis.slots:
            self.tell(slot)  # a reset came between the alarm and its event

    def note_opened(self, slot: Slot) -> None:
        """A slot that was not released was opened: an alarm if another one is released.

        Sets facts only. So they are kept with the next event of this slot, and tell() follows it.
        """
        if slot.released or slot.alarm:
            return
        released = self._released()
        for other in released:
            other.held = True
            self._chassis.save(other)
        if released:
            slot.alarm = slot.untold = True
            slot.expected = slot.carrier

    def tell(self, slot: Slot) -> None:
        """Tell an alarm that no event has told yet."""
        if slot.untold:
            released = self._released()
            slot.untold = False
            wanted = released[0].number if released else 0
            self._chassis.emit(codes.WRONG_PULL, slot, wanted)

    def note_identified(self, slot: Slot, uid: bytes) -> None:
        """A carrier was read: the same one as before ends the alarm."""
        if slot.alarm and uid and uid == slot.expected:
            self.clear(slot)

    def clear(self, slot: Slot) -> None:
        """End the alarm of a slot."""
        if slot.alarm:
            slot.alarm = slot.untold = False
            self._chassis.emit(codes.ALARM_CLEARED, slot)

    def _released(self) -> list[Slot]:
        return [slot for slot in self._chassis.slots if slot.released]
