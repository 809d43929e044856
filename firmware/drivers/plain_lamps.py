"""Lamps on single pins: of expanders, of a PCA9685 or of the ESP32 itself."""

from .. import codes
from ..compat import const
from ..patterns import alert_of, colours, is_lit

_AGAIN_MS = const(2000)  # each lamp is written anew this often: a chip may have lost its power
_AT_ONCE = const(
    3
)  # so many at most in one go: 24 slots have 96 lamps, and are drawn 20 times a second


class PlainLamps:
    """lamps: [(slot, name, chip, bit, is_inverted)], at least one; slot 0 is the chassis, its lamp the alert. Writes what changed."""

    def __init__(self, lamps: list) -> None:
        self._lamps = lamps
        self._shown: list = [None] * len(lamps)
        self._names: dict[int, set] = {}
        for slot, name, _, _, _ in lamps:
            self._names.setdefault(slot, set()).add(name)
        self._turn = 0  # the lamp that is written anew next
        self._again_ms = 0

    def draw(self, words: list[int], now_ms: int) -> None:
        """words[n] is that of slot n. A chip that does not answer is written anew when it does."""
        self._forget_some(now_ms)
        for number, (slot, name, chip, bit, is_inverted) in enumerate(self._lamps):
            is_on = self._is_on(slot, name, words, now_ms)
            if is_on == self._shown[number]:
                continue
            try:
                chip.write(bit, is_on != is_inverted)
                self._shown[number] = is_on
            except OSError:
                self._shown[number] = None

    def _forget_some(self, now_ms: int) -> None:
        """Let lamps be written anew, one after the other: all at once would hold the bus up."""
        for _ in range(_AT_ONCE):
            if now_ms < self._again_ms:
                return
            self._again_ms += _AGAIN_MS // len(self._lamps)
            self._shown[self._turn] = None
            self._turn = (self._turn + 1) % len(self._lamps)
        self._again_ms = max(self._again_ms, now_ms)  # after a long stall nothing is caught up with

    def _is_on(self, slot: int, name: str, words: list[int], now_ms: int) -> bool:
        if slot == 0:
            return is_lit(alert_of(words[1:]), now_ms)
        status, blue, white = colours(words[slot], now_ms)
        if name == "blue":
            return blue
        if name == "white":
            return white
        names = self._names[slot]
        if words[slot] >> 9 & 7 and "white" not in names:
            return white  # locate outranks status, and this slot has no lamp of its own for it
        return _shows(status, name, "amber" not in names)


def _shows(status: int, name: str, is_mixed: bool) -> bool:
    """Whether a status lamp is lit for a colour; without an amber one red and green together are amber."""
    if name == "status":
        return status != codes.OFF
    if status == codes.AMBER:
        return name == "amber" or is_mixed
    return status == (codes.RED if name == "red" else codes.GREEN) and name != "amber"
