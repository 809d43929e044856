"""Says when a fan that should turn stands still, and when it turns again."""

from . import codes
from .chassis import Chassis
from .compat import const

_PERIOD_MS = const(2000)
_STILL = const(3)  # looks in a row: a fan takes some seconds to start


class Fans:
    """Follows the tachos of all fans; one without a tacho is not known and never told."""

    def __init__(self, chassis: Chassis) -> None:
        self._chassis = chassis
        self._counts = [0] * chassis.spec.fan_count
        self._next_ms = chassis.now_ms + _PERIOD_MS if chassis.spec.fan_count else codes.NEVER

    def tick(self) -> None:
        """Look when it is time."""
        if self._chassis.now_ms < self._next_ms:
            return
        self._next_ms = self._chassis.now_ms + _PERIOD_MS
        for number in range(1, len(self._counts) + 1):
            self._look(number, self._chassis.board.fan_rpm(number))

    def due(self) -> int:
        """When tick() is next needed."""
        return self._next_ms

    def _look(self, number: int, rpm: int) -> None:
        was_still = self._counts[number - 1] >= _STILL
        if rpm == 0:
            self._counts[number - 1] += 1
            if self._counts[number - 1] == _STILL:
                self._chassis.log(3, "fan %d stands still" % number)
            return
        self._counts[number - 1] = 0
        if was_still and rpm != codes.UNKNOWN:
            self._chassis.log(1, "fan %d turns again" % number)
