"""The last ten minutes of readings, in this process's memory, one second apart per slot.

Nothing at 1 Hz is written to the database. Latest wins; a lost reading is a hole, never a guess.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from backplane.slots.reading_ring import Reading, ReadingRing, Row, TimedReading

__all__ = ["KEPT_FOR", "RESOLUTION", "Reading", "Row", "TelemetryStore", "TimedReading", "store"]

KEPT_FOR = timedelta(minutes=10)
# Two readings closer than this are one point of history: the second replaces the first.
RESOLUTION = timedelta(seconds=1)


def _new_ring() -> ReadingRing:
    return ReadingRing(KEPT_FOR.total_seconds(), RESOLUTION.total_seconds())


@dataclass(slots=True)
class _Slot:
    latest: TimedReading
    ring: ReadingRing = field(default_factory=_new_ring)


class TelemetryStore:
    """Readings by chassis and slot; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._chassis: dict[int, dict[int, _Slot]] = {}
        self._heard_at: dict[int, datetime] = {}

    def hear(self, chassis_id: int, now: datetime) -> None:
        """Note that the board of a chassis said something."""
        with self._lock:
            self._heard_at[chassis_id] = now

    def heard_at(self, chassis_id: int) -> datetime | None:
        """Return when the board of a chassis last said something to this process."""
        with self._lock:
            return self._heard_at.get(chassis_id)

    def put(self, chassis_id: int, slot: int, reading: Reading, now: datetime) -> None:
        """Keep `reading` as the latest of this slot."""
        self.put_all(chassis_id, {slot: reading}, now)

    def put_all(self, chassis_id: int, readings: Mapping[int, Reading], now: datetime) -> None:
        """Keep what a board told at once: the latest readings of these slots."""
        at_s = now.timestamp()
        with self._lock:
            slots = self._chassis.setdefault(chassis_id, {})
            for slot, reading in readings.items():
                timed = TimedReading(now, reading)
                kept = slots.get(slot)
                if kept is None:
                    kept = slots[slot] = _Slot(timed)
                kept.latest = timed
                kept.ring.keep(at_s, reading)

    def latest(self, chassis_id: int, slot: int) -> TimedReading | None:
        """Return the newest reading with its time, or None when there was none."""
        with self._lock:
            kept = self._chassis.get(chassis_id, {}).get(slot)
            return None if kept is None else kept.latest

    def latest_of_chassis(self, chassis_id: int) -> dict[int, TimedReading]:
        """Return the newest reading of every slot heard so far, slot 0 being the supply."""
        with self._lock:
            slots = self._chassis.get(chassis_id, {})
            return {slot: kept.latest for slot, kept in slots.items()}

    def history(self, chassis_id: int, slot: int) -> tuple[TimedReading, ...]:
        """Return the kept readings of one slot, oldest first."""
        with self._lock:
            kept = self._chassis.get(chassis_id, {}).get(slot)
            return () if kept is None else tuple(kept.ring)

    def rows_around(
        self, chassis_id: int, at: datetime, before: timedelta, after: timedelta
    ) -> dict[int, list[Row]]:
        """Return what was measured from `before` to `after` a moment, by slot; slots of which nothing was are left out."""
        zero_s = at.timestamp()
        span = zero_s - before.total_seconds(), zero_s + after.total_seconds()
        with self._lock:
            slots = self._chassis.get(chassis_id, {})
            found = {slot: kept.ring.rows(*span, zero_s) for slot, kept in slots.items()}
        return {slot: rows for slot, rows in found.items() if rows}

    def chassis_ids(self) -> list[int]:
        """Return the chassis of which this process has readings."""
        with self._lock:
            return list(self._chassis)

    def between(
        self, chassis_id: int, since: datetime, until: datetime
    ) -> dict[int, list[Reading]]:
        """Return the readings in [since, until) by slot; slots of which nothing was read are left out."""
        span = since.timestamp(), until.timestamp()
        with self._lock:
            slots = self._chassis.get(chassis_id, {})
            found = {slot: kept.ring.between(*span) for slot, kept in slots.items()}
        return {slot: readings for slot, readings in found.items() if readings}

    def forget(self, chassis_id: int) -> None:
        """Drop what is known of a chassis: another board answers now."""
        with self._lock:
            self._heard_at.pop(chassis_id, None)
            self._chassis.pop(chassis_id, None)


store = TelemetryStore()
