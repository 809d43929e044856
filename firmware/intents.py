"""What was begun and goes on after a reset of the controller: a restore, a power cycle, a shutdown that switches off.

Kept in flash per slot, and sifted once at each boot. An intent may get lost; what a command began never acts late.
"""

import struct

from . import codes
from .chassis import Chassis
from .compat import const
from .journal import KEY_INTENT
from .slot import Slot

RESTORE = const(1)  # the rail is still to come back
CYCLE = const(2)  # the rail is off for the hold time of a power cycle
THEN_OFF = const(3)  # the Pi was told to shut down; its rail goes off when it has halted
THEN_RELEASE = const(4)  # the same, and the slot is released then: a handle asked for it

_MOST_RESETS = const(3)  # that an intent outlives
# Resets that restart the controller at once, as MicroPython names them on the ESP32: software or panic,
# watchdog, soft. After any other (button, power-on, brown-out) nobody knows how long it was down: what a command
# began is over then. A restore is no command but the policy of its slot, and the dip that comes with the return
# of power is where a brown-out is likeliest, so it waits for its controller as long as that takes.
_AT_ONCE = (2, 3, 5)


class Intents:
    """At most one intent per slot: those that switch on need a rail that is off, the others one that is on."""

    def __init__(self, chassis: Chassis) -> None:
        self._chassis = chassis
        self._kept: dict[
            int, tuple[int, int, int]
        ] = {}  # slot: kind, boot it was made in, command id
        for slot in chassis.slots:
            fact = chassis.journal.get(KEY_INTENT + slot.number)
            if fact and len(fact) >= 7:
                self._kept[slot.number] = struct.unpack("<BHI", fact[:7])

    def sift(self) -> None:
        """At boot, when the switches are adopted: drop what is too old or no longer fits its slot."""
        board = self._chassis.board
        is_prompt = board.reset_cause in _AT_ONCE
        for slot in self._chassis.slots:
            if slot.number not in self._kept:
                continue
            goes_on = is_prompt or self.kind_of(slot) == RESTORE
            # After a real loss of power the policy decides anew, for every slot.
            if board.chassis_power_was_lost or not goes_on or not self._fits(slot):
                self._drop(slot)

    def _fits(self, slot: Slot) -> bool:
        kind, boot, _ = self._kept[slot.number]
        if (self._chassis.journal.boot - boot) & 0xFFFF > _MOST_RESETS or not slot.is_seated():
            return False
        if kind in (THEN_OFF, THEN_RELEASE):
            return slot.rail
        return not (slot.rail or slot.held or slot.released or slot.latched or slot.tripped)

    def kind_of(self, slot: Slot) -> int:
        """The kind of a slot's intent; 0 without one."""
        return self._kept.get(slot.number, (0, 0, 0))[0]

    def command_of(self, slot: Slot) -> int:
        """Id of the command behind a slot's intent; 0 without one."""
        return self._kept.get(slot.number, (0, 0, 0))[2]

    def keep(self, slot: Slot, kind: int, command_id: int = 0) -> None:
        """Keep an intent, in place of a former one of this slot."""
        entry = (kind, self._chassis.journal.boot, command_id & codes.U32)
        self._kept[slot.number] = entry
        self._chassis.journal.put(KEY_INTENT + slot.number, struct.pack("<BHI", *entry))

    def drop_on(self, slot: Slot) -> None:
        """Nothing is to switch this slot on by itself any more."""
        if self.kind_of(slot) in (RESTORE, CYCLE):
            self._drop(slot)

    def drop_off(self, slot: Slot) -> None:
        """Nothing is to switch this slot off by itself any more."""
        if self.kind_of(slot) in (THEN_OFF, THEN_RELEASE):
            self._drop(slot)

    def drop_all(self) -> None:
        """Another host took the board: after a reset, what the former one began is its to decide."""
        for slot in self._chassis.slots:
            if slot.number in self._kept:
                self._drop(slot)

    def _drop(self, slot: Slot) -> None:
        del self._kept[slot.number]
        self._chassis.journal.put(KEY_INTENT + slot.number, b"")
