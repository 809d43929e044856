"""Supplies, and the restore policy: it acts after a real loss of power, of the chassis or of a slot's supplies.

A supply that feeds some slots touches only these.
"""

import struct

from . import codes
from .chassis import Chassis
from .compat import const
from .inputs import Contact
from .intents import RESTORE, Intents
from .journal import KEY_SUPPLIES
from .rails import Rails, Request
from .slot import Slot

_STABLE_MS = const(50)
_RESTORE_AFTER_MS = const(500)  # presence settles in 50 ms and a carrier is guarded for 250 ms
_POLICY_LAST, _POLICY_ON, _POLICY_OFF = 0, 1, 2


class Supplies:
    """The chassis' supplies and what follows when they come and go."""

    def __init__(self, chassis: Chassis, rails: Rails, intents: Intents) -> None:
        self._chassis = chassis
        self._intents = intents
        self._rails = rails
        self._numbers = [row["number"] for row in chassis.spec.supplies]
        kept = chassis.journal.get(KEY_SUPPLIES)
        good = struct.unpack("<I", kept)[0] if kept else chassis.spec.supplies_mask
        self._contacts = {
            n: Contact(bool(good & 1 << n), _STABLE_MS, _STABLE_MS) for n in self._numbers
        }
        self._told = {n: c.level for n, c in self._contacts.items()}
        self._restore_at = codes.NEVER
        for slot in chassis.slots:
            self._look_back(slot)

    def _look_back(self, slot: Slot) -> None:
        """At boot: go on with a restore; what waits for a supply that is long back waits for nothing."""
        if self._intents.kind_of(slot) == RESTORE:
            self._restore_at = self._chassis.now_ms + _RESTORE_AFTER_MS
        if slot.lost_supply and self._is_fed(slot):
            slot.lost_supply = False
            self._chassis.save(slot)

    def power_was_lost(self) -> None:
        """The board lost all power before this boot."""
        for slot in self._chassis.slots:
            self._owe(slot)
        self._chassis.emit(codes.CHASSIS_POWER_RESTORED, None)
        self._restore_at = self._chassis.now_ms + _RESTORE_AFTER_MS

    def tick(self) -> None:
        """Follow the supplies; restore when it is time."""
        good = self._chassis.board.supplies_good
        for number in self._numbers:
            contact = self._contacts[number]
            contact.feed(bool(good & 1 << number), self._chassis.now_ms)
            contact.calmed(self._chassis.now_ms)
            if contact.level != self._told[number]:
                self._follow(number, contact)
        if self._chassis.now_ms >= self._restore_at:
            self._restore_at = codes.NEVER
            self._restore()

    def due(self) -> int:
        """When tick() is next needed."""
        for contact in self._contacts.values():
            if contact.is_unsettled():
                return self._chassis.now_ms + 5
        return self._restore_at

    def _is_fed(self, slot: Slot) -> bool:
        return not slot.feeds or bool(slot.feeds & self.mask())

    def mask(self) -> int:
        """The supplies that are good, as last told by an event: bit n is supply n."""
        mask = 0
        for number, level in self._told.items():
            if level:
                mask |= 1 << number
        return mask

    def _follow(self, number: int, contact: Contact) -> None:
        if contact.flapping and contact.level:
            return  # a loss is always told; the return waits for a quiet second
        self._told[number] = contact.level
        self._tell(number, contact.level)

    def _tell(self, number: int, is_good: bool) -> None:
        if is_good:
            for slot in self._chassis.slots:
                if slot.lost_supply and self._is_fed(slot):
                    self._owe(slot)
            self._restore_at = min(self._restore_at, self._chassis.now_ms + _RESTORE_AFTER_MS)
        self._chassis.journal.put(KEY_SUPPLIES, struct.pack("<I", self.mask()))
        self._chassis.emit(codes.SUPPLY_BACK if is_good else codes.SUPPLY_LOST, None, number)
        if not is_good:
            self._cut_unfed()

    def _cut_unfed(self) -> None:
        """Without a supply a rail is down anyway; open its switch so that the rails return one by one."""
        for slot in self._chassis.slots:
            if slot.rail and not slot.silent and not self._is_fed(slot):
                slot.lost_supply = True
                self._rails.cut(slot, codes.BY_SUPPLY_LOST)

    def _owe(self, slot: Slot) -> None:
        """The power of this slot is back: its rail follows, if the policy wants it."""
        if self._is_wanted_on(slot):
            self._intents.keep(slot, RESTORE)
        if slot.lost_supply:
            slot.lost_supply = False
            self._chassis.save(slot)

    def _restore(self) -> None:
        for slot in self._chassis.slots:
            if self._intents.kind_of(slot) != RESTORE:
                continue
            if not self._is_wanted_on(slot):
                self._rails.forget_requests(slot)
            elif self._is_fed(slot):
                self._rails.request_on(Request(slot, codes.BY_RESTORE_POLICY, self._chassis.now_ms))

    def _is_wanted_on(self, slot: Slot) -> bool:
        if slot.rail or slot.held or slot.released or slot.latched:
            return False
        policy = self._chassis.config.get(codes.RESTORE_POLICY, slot.number)
        return policy == _POLICY_ON or (policy == _POLICY_LAST and slot.commanded)
