"""The lights of each slot in three layers: lamp test over override over the firmware's own truth.

Steady blue is shown for released slots that are safe now, in every layer, and for nothing else. While a
wrong-pull alarm is on nowhere: then only one thing is to be done. No layer hides the alarm itself.
"""

from . import codes
from .chassis import Chassis
from .compat import const
from .slot import Slot

_OVERRIDE_MS = const(600000)  # an override nobody renews ends by itself
_LAMP_TEST_MS = const(5000)
_COLOUR_MS = const(1700)  # the lamp test shows red, amber, green in turn


class Lights:
    """Computes the lights words and hands changed ones to the board."""

    def __init__(self, chassis: Chassis) -> None:
        self._chassis = chassis
        self.words = {slot.number: 0 for slot in chassis.slots}
        self._shown: dict[int, int] = {}
        self._overrides: dict[int, tuple[int, int, int, int, int]] = {}  # lamps, then the end in ms
        self._test_until = -1
        self._alarmed = 0  # mask of the slots whose alarm is on

    def override(self, slot: Slot, lamps: tuple[int, int, int, int]) -> int:
        """Lay status colour, status pattern, blue and white over a slot. Returns a result code."""
        colour, status, blue, white = lamps
        if not (colour <= codes.RED or colour == codes.AS_LOCAL):
            return codes.E_ARGS
        if blue == codes.STEADY and not (slot.released and slot.is_safe()):
            return codes.E_STATE
        until = self._chassis.now_ms + _OVERRIDE_MS
        self._overrides[slot.number] = (colour, status, blue, white, until)
        return codes.OK

    def clear(self, slot: Slot) -> None:
        """Take the override of a slot away."""
        self._overrides.pop(slot.number, None)

    def clear_all(self) -> None:
        """The host is gone: its lights go with it."""
        self._overrides = {}

    def test(self, on: bool) -> None:
        """Start or stop the lamp test."""
        self._test_until = self._chassis.now_ms + _LAMP_TEST_MS if on else -1

    def tick(self) -> None:
        """Recompute every word and show what changed."""
        now = self._chassis.now_ms
        for number in [n for n, lamps in self._overrides.items() if now >= lamps[4]]:
            del self._overrides[number]
        self._follow_alarms()
        board, changed = self._chassis.board, False
        for slot in self._chassis.slots:
            word = self._word(slot)
            self.words[slot.number] = word
            if self._shown.get(slot.number) != word:
                self._shown[slot.number] = word
                board.set_lights(slot.number, word)
                changed = True
        if changed:
            board.show_lights()

    def due(self) -> int:
        """When tick() is next needed."""
        left = self._test_until - self._chassis.now_ms
        nearest = (
            self._chassis.now_ms + (left % _COLOUR_MS or _COLOUR_MS) if left > 0 else codes.NEVER
        )
        for lamps in self._overrides.values():
            nearest = min(nearest, lamps[4])
        return nearest

    def _follow_alarms(self) -> None:
        """A new alarm ends the lamp test, which would hide it for seconds."""
        former, self._alarmed = self._alarmed, 0
        for slot in self._chassis.slots:
            if slot.alarm:
                self._alarmed |= slot.bit
        if self._alarmed & ~former:
            self._test_until = -1

    def _word(self, slot: Slot) -> int:
        local = self._local(slot)
        if self._chassis.now_ms < self._test_until and not slot.alarm:
            turn = (self._test_until - self._chassis.now_ms - 1) // _COLOUR_MS
            colour = (codes.GREEN, codes.AMBER, codes.RED)[min(turn, 2)]
            return _pack(colour, codes.STEADY, codes.FAST, codes.STEADY, codes.LAMPS)
        lamps = self._overrides.get(slot.number)
        if lamps is None:
            return _pack(local[0], local[1], local[2], codes.DARK, codes.LOCAL)
        colour, status, blue, white, _ = lamps
        if slot.alarm or codes.AS_LOCAL in (colour, status):
            colour, status = local[0], local[1]
        if blue == codes.AS_LOCAL or (blue == codes.STEADY and local[2] != codes.STEADY):
            blue = local[2]
        if white == codes.AS_LOCAL:
            white = codes.DARK
        return _pack(colour, status, blue, white, codes.OVERRIDE)

    def _local(self, slot: Slot) -> tuple[int, int, int]:
        """Status colour, status pattern and blue pattern by what the firmware itself knows."""
        colour, status = _local_status(slot)
        blue = _local_blue(slot)
        if self._alarmed and blue == codes.STEADY:
            blue = codes.DARK
        return colour, status, blue


def _pack(colour: int, status: int, blue: int, white: int, layer: int) -> int:
    return colour | status << 3 | blue << 6 | white << 9 | layer << 12


def _local_status(slot: Slot) -> tuple[int, int]:
    if slot.alarm:
        return codes.RED, codes.FAST
    if slot.tripped or slot.latched or slot.over_temp:
        return codes.RED, codes.STEADY
    if slot.suspicious:
        return codes.RED, codes.SLOW
    if slot.silent:
        return codes.AMBER, codes.PFA
    if not slot.rail:
        return codes.OFF, codes.DARK
    if slot.halted:
        return codes.AMBER, codes.SLOW
    return (codes.GREEN, codes.STEADY) if slot.good else (codes.GREEN, codes.SLOW)


def _local_blue(slot: Slot) -> int:
    if slot.released:
        return codes.STEADY if slot.is_safe() else codes.DARK
    if slot.stopping:
        return codes.SHORT
    if slot.waiting and not slot.rail:
        return codes.LONG
    return codes.DARK
