"""Reads volts, amperes and temperatures, and acts on what must not wait: over-current and over-temperature.

Keeps mean and maximum for TELEMETRY. Unknown stays unknown, never 0.
"""

import struct

from . import codes
from .chassis import Chassis
from .compat import const
from .rails import Rails
from .slot import Slot

_PERIOD_MS = const(100)
_SAMPLE_MS = const(5)
_AT_ONCE = const(2)  # meters a step on a slow bus: nothing else waits longer than for these
_TEMPERATURE_EVERY = const(5)  # periods: a thermometer is slow and so is heat
_CURRENT = const(1)  # what is confirmed by a second reading
_UNSAFE = const(2)
_HEAT = const(3)
_COOLER_CDEG = const(500)  # below the limit by this much ends over-temperature


class _Mean:
    """Sum, count and maximum of one reading within a telemetry period."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.total = 0
        self.count = 0
        self.most = 0

    def add(self, value: int) -> None:
        if value != codes.UNKNOWN:
            self.total += value
            self.count += 1
            self.most = max(self.most, value)

    def mean_and_max(self) -> tuple[int, int]:
        if not self.count:
            return codes.UNKNOWN, codes.UNKNOWN
        return self.total // self.count, self.most


class Meters:
    """Meters and thermometers of all slots and of the chassis supply."""

    def __init__(self, chassis: Chassis, rails: Rails) -> None:
        self._chassis = chassis
        self._rails = rails
        self._next_ms = self._begun_ms = chassis.now_ms
        self._round = 0
        self._turn = 0  # the next slot of this round
        self._means = [_Mean() for _ in range(len(chassis.slots) + 1)]
        self._once: set[int] = set()  # what held for one reading: kind and slot

    def tick(self) -> None:
        """Read when it is time. A round over all slots may take several steps; its end is news for all."""
        chassis = self._chassis
        if chassis.now_ms < self._next_ms:
            return
        if not self._turn:
            self._begun_ms = chassis.now_ms
            chassis.measure_supply()
            self._means[0].add(chassis.supply_ma)
        count = len(chassis.slots)
        end = min(count, self._turn + _AT_ONCE) if chassis.board.has_slow_bus else count
        while self._turn < end:
            self._look_at(chassis.slots[self._turn])
            self._turn += 1
        if self._turn < count:
            self._next_ms = chassis.now_ms + _SAMPLE_MS
            return
        self._turn = 0
        self._round += 1
        self._next_ms = max(self._begun_ms + _PERIOD_MS, chassis.now_ms + 1)
        chassis.touched = True

    def _look_at(self, slot: Slot) -> None:
        if slot.has_meter:
            self._read(slot)
        # Not all thermometers in one round, and each after it in the very first.
        turn = self._round + slot.number if self._chassis.board.has_slow_bus else self._round
        if slot.has_thermometer and (turn % _TEMPERATURE_EVERY == 0 or not self._round):
            cdeg = self._chassis.board.temperature(slot.number)
            slot.cdeg = cdeg if -32768 <= cdeg <= 32767 else codes.UNKNOWN_CDEG
            self._follow_temperature(slot)

    def due(self) -> int:
        """When tick() is next needed."""
        return self._next_ms

    def telemetry(self) -> bytes:
        """A TELEMETRY body of the time since the last one."""
        chassis = self._chassis
        mask = 1
        rows = self._row(0, chassis.supply_mv, codes.UNKNOWN_CDEG)
        for slot in chassis.slots:
            if slot.has_meter or slot.has_thermometer:
                mask |= slot.bit
                rows += self._row(slot.number, slot.mv, slot.cdeg)
        return struct.pack("<II", chassis.now_ms & codes.U32, mask) + rows

    def _row(self, number: int, mv: int, cdeg: int) -> bytes:
        mean, most = self._means[number].mean_and_max()
        self._means[number].clear()
        return struct.pack("<HHHh", mv, mean, most, cdeg)

    def _read(self, slot: Slot) -> None:
        self._chassis.measure(slot)
        self._means[slot.number].add(slot.ma)
        limit = self._chassis.config.get(codes.LIMIT_MA, slot.number)
        over = slot.rail and slot.ma != codes.UNKNOWN and slot.ma > limit
        if self._confirmed(_CURRENT, slot, over):
            self._rails.trip(slot, slot.ma)
        unsafe = slot.released and not slot.is_safe() and not slot.silent
        if self._confirmed(_UNSAFE, slot, unsafe):
            slot.released = False
            self._chassis.emit(codes.RELEASED, slot, 0)

    def _follow_temperature(self, slot: Slot) -> None:
        if slot.cdeg == codes.UNKNOWN_CDEG:
            return
        limit = self._chassis.config.get(codes.OVER_TEMP_CDEG, slot.number)
        if slot.over_temp:
            if slot.cdeg < limit - _COOLER_CDEG:
                slot.over_temp = False
                self._chassis.save(slot)
        elif self._confirmed(_HEAT, slot, slot.cdeg >= limit):
            slot.over_temp = True
            self._chassis.emit(codes.OVER_TEMP, slot, slot.cdeg)
            self._rails.cut(slot, codes.BY_OVER_TEMP)

    def _confirmed(self, what: int, slot: Slot, now: bool) -> bool:
        """Whether this held for the second reading in a row, since one may be noise; counts anew after that."""
        key = what << 8 | slot.number
        if now and key not in self._once:
            self._once.add(key)
            return False
        self._once.discard(key)
        return now
