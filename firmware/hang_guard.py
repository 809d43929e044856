"""Notes in flash that the loop, or the start before it, stands still, just before the watchdog ends it.

The note is made while it happens, so what merely resets the controller (the button, a power cut, a brown-out that reads as a
watchdog) is never taken for a hang. It tells of loops that never end; what blocks inside of a C function is not seen.
"""

from .boot_selector import BootState
from .compat import const

LOOK_EVERY_MS = const(500)
_STILL_LOOKS = const(14)  # 7 s: the watchdog bites after 8


class HangGuard:
    """turn() by the loop, look() by a timer."""

    def __init__(self, boot: BootState) -> None:
        self._boot = boot
        self._turns = 0
        self._seen = -1
        self._still = 0

    def turn(self) -> None:
        """The loop goes round."""
        self._turns = (self._turns + 1) & 0xFFFF

    def look(self, _=None) -> None:
        """Called each LOOK_EVERY_MS; notes a hang once."""
        if self._turns != self._seen:
            self._seen, self._still = self._turns, 0
            return
        self._still += 1
        if self._still == _STILL_LOOKS:
            try:
                self._boot.note_hang()
            except OSError:
                pass  # the flash does not take it: the restart comes all the same
