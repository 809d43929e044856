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
        if self._overrides:
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
        if self._chassis.now_ms < self._test_until and not slot.alarm:
            turn = (self._test_until - self._chassis.now_ms - 1) // _COLOUR_MS
            colour = (codes.GREEN, codes.AMBER, codes.RED)[min(turn, 2)]
            return _pack(colour, codes.STEADY, codes.FAST, codes.STEADY, codes.LAMPS)
        # What the firmware itself knows.
        colour, status = _local_status(slot)
        blue = _local_blue(slot)
        if self._alarmed and blue == codes.STEADY:
            blue = codes.DARK
        lamps = self._overrides.get(slot.number)
        if lamps is None:
            return _pack(colour, status, blue, codes.DARK, codes.LOCAL)
        if not slot.alarm and codes.AS_LOCAL not in (lamps[0], lamps[1]):
            colour, status = lamps[0], lamps[1]
        if lamps[2] != codes.AS_LOCAL and (lamps[2] != codes.STEADY or blue == codes.STEADY):
            blue = lamps[2]
        white = codes.DARK if lamps[3] == codes.AS_LOCAL else lamps[3]
        return _pack(colour, status, blue, white, codes.OVERRIDE)


def _pack(colour: int, status: int, blue: int, white: int, layer: int) -> int:
    return colour | status << 3 | blue << 6 | white << 9 | layer << 12


# Made once: the lamps of every slot are looked at ten times a second.
_DARK = (codes.OFF, codes.DARK)
_GREEN = (codes.GREEN, codes.STEADY)
_GREEN_SLOW = (codes.GREEN, codes.SLOW)
_AMBER_SLOW = (codes.AMBER, codes.SLOW)
_AMBER_PFA = (codes.AMBER, codes.PFA)
_RED = (codes.RED, codes.STEADY)
_RED_SLOW = (codes.RED, codes.SLOW)
_RED_FAST = (codes.RED, codes.FAST)


def _local_status(slot: Slot) -> tuple[int, int]:
    if slot.alarm:
        return _RED_FAST
    if slot.tripped or slot.latched or slot.over_temp:
        return _RED
    if slot.suspicious:
        return _RED_SLOW
    if slot.silent:
        return _AMBER_PFA
    if not slot.rail:
        return _DARK
    if slot.halted:
        return _AMBER_SLOW
    return _GREEN if slot.good else _GREEN_SLOW


def _local_blue(slot: Slot) -> int:
    if slot.released:
        return codes.STEADY if slot.is_safe() else codes.DARK
    if slot.stopping:
        return codes.SHORT
    if slot.waiting and not slot.rail:
        return codes.LONG
    return codes.DARK
