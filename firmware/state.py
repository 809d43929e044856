"""STATE frames: when they are due and what they say. Writes no event."""

import struct

from . import codes
from .chassis import Chassis
from .compat import const
from .lights import Lights

_EVERY_MS = const(5000)
_APART_MS = const(100)  # at most 10 a second
_PER_FRAME = const(19)
_STRIDE = const(12)


class States:
    """Watches flags and lights, and makes STATE bodies."""

    def __init__(self, chassis: Chassis, lights: Lights) -> None:
        self._chassis = chassis
        self._lights = lights
        self._flags = [0] * len(chassis.slots)
        self._words = [0] * len(chassis.slots)
        self._next_ms = chassis.now_ms
        self._free_at = chassis.now_ms
        self._changed = True
        self._sent_as_of = -1

    def ask(self) -> None:
        """A STATE is wanted as soon as the rate allows."""
        self._changed = True

    def note_caught_up(self) -> None:
        """The host holds every event now: repeat a STATE that it could not apply yet."""
        if self._sent_as_of >= 0:
            self._sent_as_of = -1
            self._changed = True

    def tick(self) -> list[bytes]:
        """The bodies to send now, mostly none. Call while somebody listens."""
        chassis = self._chassis
        if chassis.touched or self._changed or chassis.now_ms >= self._next_ms:
            self._look()
        if chassis.now_ms < self._free_at:
            return []
        if not self._changed and chassis.now_ms < self._next_ms:
            return []
        self._changed = False
        self._next_ms = chassis.now_ms + _EVERY_MS
        self._free_at = chassis.now_ms + _APART_MS
        newest = chassis.journal.next - 1
        self._sent_as_of = newest if chassis.journal.acked < newest else -1
        return [self._body(first) for first in range(0, len(chassis.slots), _PER_FRAME)]

    def _look(self) -> None:
        index = 0
        for slot in self._chassis.slots:
            flags, word = slot.flags(), self._lights.words[slot.number]
            if self._flags[index] != flags or self._words[index] != word:
                self._flags[index] = flags
                self._words[index] = word
                self._changed = True
            index += 1

    def due(self) -> int:
        """When tick() is next needed."""
        return self._free_at if self._changed else self._next_ms

    def _body(self, first: int) -> bytes:
        chassis = self._chassis
        slots = chassis.slots[first : first + _PER_FRAME]
        body = struct.pack(
            "<IIIBBB",
            chassis.journal.id,
            chassis.journal.next - 1,
            chassis.now_ms & codes.U32,
            first + 1,
            len(slots),
            _STRIDE,
        )
        for slot in slots:
            flags, lights = self._flags[slot.number - 1], self._words[slot.number - 1]
            body += struct.pack("<IHHHh", flags, lights, slot.mv, slot.ma, slot.cdeg)
        return body
