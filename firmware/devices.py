"""Which slots' devices answer. A silent device makes its slot "not known" and keeps its rail."""

import struct

from . import codes
from .chassis import Chassis
from .compat import const
from .journal import KEY_DEVICES

_STABLE_MS = const(100)  # one garbled transfer is not a loss


class Devices:
    """Follows the board's answering mask; bit 0 is the chassis' own devices."""

    def __init__(self, chassis: Chassis) -> None:
        self._chassis = chassis
        kept = chassis.journal.get(KEY_DEVICES)
        self._known = struct.unpack("<I", kept)[0] if kept else chassis.spec.slots_mask | 1
        self._changing: dict[int, int] = {}  # number: since when it is otherwise
        self._addresses: dict[int, int] = {}

    def tick(self) -> None:
        """Take the board's last sample. Inputs of a device that does not answer count for nothing at once."""
        answering = self._chassis.board.answering
        for slot in self._chassis.slots:
            slot.silent = not answering & slot.bit
        if answering == self._known and not self._changing:
            return
        for number in range(len(self._chassis.slots) + 1):
            self._follow(number, bool(answering & 1 << number))

    def due(self) -> int:
        """When tick() is next needed."""
        return min(self._changing.values()) + _STABLE_MS if self._changing else codes.NEVER

    def _follow(self, number: int, answers: bool) -> None:
        if answers == bool(self._known & 1 << number):
            self._changing.pop(number, None)
            return
        now = self._chassis.now_ms
        since = self._changing.setdefault(number, now)
        if now - since < _STABLE_MS:
            return
        del self._changing[number]
        self._known ^= 1 << number
        self._chassis.journal.put(KEY_DEVICES, struct.pack("<I", self._known))
        slot = self._chassis.slot(number)
        if not answers:
            self._addresses[number] = self._chassis.board.device_address(number)
        kind = codes.DEVICE_BACK if answers else codes.DEVICE_LOST
        self._chassis.emit(kind, slot, self._addresses.get(number, 0))
