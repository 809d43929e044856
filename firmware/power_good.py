"""Power good of each rail: what the board says, debounced, and the events it makes. Switches nothing."""

from . import codes
from .chassis import Chassis
from .compat import const
from .inputs import Contact
from .slot import Slot

_STABLE_MS = const(20)
_METER_MS = const(50)  # a meter takes the bus for each look, an input does not


class PowerGood:
    """Follows rails that are up; whether a rising one is good in time is the rails' business."""

    def __init__(self, chassis: Chassis) -> None:
        self._chassis = chassis
        self._contacts = {slot.number: _contact(slot.good) for slot in chassis.slots}
        self._look_at: dict[int, int] = {}

    def sees(self, slot: Slot) -> bool | None:
        """What the board says now: its input, else its meter, None while that is silent; a board with neither is believed."""
        if slot.has_good:
            return bool(self._chassis.board.power_good & slot.bit)
        if slot.has_meter:
            mv = self._chassis.board.meter(slot.number)[0]
            return None if mv == codes.UNKNOWN else mv >= self._chassis.spec.rail_min_mv
        return True

    def follow(self, slot: Slot) -> None:
        """Tell a loss at once when it holds; its return, while it chatters, after a quiet second."""
        if not slot.has_good and slot.has_meter:
            if self._chassis.now_ms < self._look_at.get(slot.number, 0):
                return
            self._look_at[slot.number] = self._chassis.now_ms + _METER_MS
        good = self.sees(slot)
        if good is None:
            return  # a silent meter tells neither loss nor return
        contact = self._contacts[slot.number]
        contact.feed(good, self._chassis.now_ms)
        contact.calmed(self._chassis.now_ms)
        if contact.level == slot.good:
            return
        if not contact.level:
            slot.good = False
            self._chassis.emit(codes.POWER_LOST, slot, slot.mv)
        elif not contact.flapping:
            self._tell_good(slot)

    def came_up(self, slot: Slot) -> None:
        """A rising rail is good."""
        self._contacts[slot.number] = _contact(True)
        self._tell_good(slot)

    def went_off(self, slot: Slot) -> None:
        """The rail is off: nothing is left to follow."""
        slot.good = False
        self._contacts[slot.number] = _contact(False)

    def is_unsettled(self) -> bool:
        """Whether samples are needed at full speed."""
        return any(contact.is_unsettled() for contact in self._contacts.values())

    def _tell_good(self, slot: Slot) -> None:
        slot.good = True
        self._chassis.emit(codes.POWER_GOOD, slot)


def _contact(level: bool) -> Contact:
    return Contact(level, _STABLE_MS, _STABLE_MS)
