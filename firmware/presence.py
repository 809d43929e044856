"""Presence and handles: what was inserted, removed, opened and closed, and what that means at once."""

from . import codes
from .alarms import Alarms
from .carriers import Carriers
from .chassis import Chassis
from .compat import const
from .inputs import Contact
from .rails import Rails
from .slot import Slot

_SAMPLE_MS = const(5)
_INSERTED_MS = const(50)
_REMOVED_MS = const(20)
_HANDLE_MS = const(30)


class Presence:
    """Debounced contacts of all slots. At boot they start from the journalled facts, so that
    whatever changed meanwhile becomes an event by the same way as later changes."""

    def __init__(self, chassis: Chassis, rails: Rails, carriers: Carriers, alarms: Alarms) -> None:
        self._chassis = chassis
        self._rails = rails
        self._carriers = carriers
        self._alarms = alarms
        self._seats = {}
        self._handles = {}
        self._told = {}  # presence as last told by an event, for the time of flapping
        for slot in chassis.slots:
            # A rail that is on had a carrier, whatever a blank journal says: so an empty slot goes
            # the way of a removal, and the next carrier never mates live.
            level = (slot.present or (slot.has_presence and slot.rail)) and not slot.suspicious
            self._seats[slot.number] = Contact(level, _INSERTED_MS, _REMOVED_MS)
            self._handles[slot.number] = Contact(slot.handle_closed, _HANDLE_MS, _HANDLE_MS)
            self._told[slot.number] = (slot.present, slot.handle_closed)
        self._last = (-1, -1)
        self._unsettled = True  # samples are needed at full speed
        self._settles_at = codes.NEVER  # when the first of the restless contacts may hold
        self._look_again = False  # with the next step, whenever that is
        self.inserted: list[Slot] = []  # since the last step, for whoever acts on them
        self.handled: list[Slot] = []

    def tick(self) -> None:
        """Take the board's last sample."""
        self.inserted = []
        self.handled = []
        seen = (self._chassis.board.present, self._chassis.board.handles_closed)
        if seen == self._last and not self._unsettled and not self._look_again:
            return
        self._last = seen
        self._unsettled = self._look_again = False
        self._settles_at = codes.NEVER
        for slot in self._chassis.slots:
            if slot.silent:
                self._look_again = True  # its device may be back
                continue
            if slot.has_presence:
                self._sense_seat(slot, bool(seen[0] & slot.bit))
            if slot.has_handle:
                self._sense_handle(slot, bool(seen[1] & slot.bit))

    def due(self) -> int:
        """When tick() is next needed while the inputs stay as they are."""
        # The sample that settles a level comes when it may, not up to 5 ms later.
        return (
            min(self._chassis.now_ms + _SAMPLE_MS, self._settles_at)
            if self._unsettled
            else codes.NEVER
        )

    def _sense_seat(self, slot: Slot, raw: bool) -> None:
        contact = self._seats[slot.number]
        if contact.feed(raw, self._chassis.now_ms):
            if contact.level:
                self._close(slot)
            else:
                self._open(slot)
        elif slot.suspicious and slot.current_is_zero():
            self._remove(slot)
        elif raw and contact.level and not slot.present:
            self._close(slot)
        self._guard(slot, contact)

    def _sense_handle(self, slot: Slot, raw: bool) -> None:
        contact = self._handles[slot.number]
        if contact.feed(raw, self._chassis.now_ms):
            slot.handle_closed = contact.level
            if not contact.flapping:
                self._tell(slot)
        self._guard(slot, contact)

    def _guard(self, slot: Slot, contact: Contact) -> None:
        """Turn chatter into one FLAPPING, and tell what holds when it is over."""
        if contact.flapping and not slot.flapping:
            slot.flapping = True
            self._chassis.emit(codes.FLAPPING, slot)
        if contact.calmed(self._chassis.now_ms):
            seat, handle = self._seats[slot.number], self._handles[slot.number]
            slot.flapping = seat.flapping or handle.flapping
            self._tell(slot)
            if slot.suspicious and contact is seat:
                self._chassis.emit(codes.SUSPICIOUS, slot, slot.ma)
        self._look_again = self._look_again or slot.suspicious
        self._unsettled = self._unsettled or contact.is_unsettled()
        self._settles_at = min(self._settles_at, contact.settles_at())

    def _close(self, slot: Slot) -> None:
        slot.inserted_at = self._chassis.now_ms
        self._carriers.look_again(slot)
        if slot.suspicious:
            slot.suspicious = False  # it never left
            self._chassis.save(slot)
            return
        slot.present = True
        slot.carrier = b""  # so that its identity is told, also when the same one is back
        if not self._seats[slot.number].flapping:
            self._tell(slot)

    def _open(self, slot: Slot) -> None:
        self._chassis.measure(slot)
        if slot.current_is_zero() or (not slot.rail and slot.ma == codes.UNKNOWN):
            self._remove(slot)
            return
        slot.suspicious = True
        self._alarms.note_opened(slot)
        if self._seats[slot.number].flapping:
            self._chassis.save(slot)
        else:
            self._chassis.emit(codes.SUSPICIOUS, slot, slot.ma)
        self._alarms.tell(slot)

    def _remove(self, slot: Slot) -> None:
        """The carrier is out: the next one must never mate live."""
        self._rails.open_switch(slot)
        if slot.present:
            self._alarms.note_opened(slot)
        slot.present = slot.suspicious = slot.released = slot.lost_supply = False
        slot.held = True
        slot.identity = None
        if self._seats[slot.number].flapping:
            self._chassis.save(slot)
        else:
            self._tell(slot)
        self._alarms.tell(slot)
        self._rails.cut(slot, codes.BY_REMOVAL)

    def _tell(self, slot: Slot) -> None:
        """Emit what differs from what was last told."""
        present, handle = self._told[slot.number]
        self._told[slot.number] = (slot.present, slot.handle_closed)
        if slot.present != present:
            self._chassis.emit(codes.INSERT if slot.present else codes.REMOVE, slot)
            if slot.present:
                self.inserted.append(slot)
        if slot.handle_closed != handle:
            closed = slot.handle_closed
            self._chassis.emit(codes.HANDLE_CLOSED if closed else codes.HANDLE_OPEN, slot)
            self.handled.append(slot)
