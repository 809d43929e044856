"""The last ten minutes of readings, in this process's memory, one second apart per slot.

Nothing at 1 Hz is written to the database. Latest wins; a lost reading is a hole, never a guess.
"""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

KEPT_FOR = timedelta(minutes=10)
# Two readings closer than this are one point of history: the second replaces the first.
RESOLUTION = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a meter said of one slot (0: the chassis supply); None is not known."""

    mv: int | None = None
    ma: int | None = None
    cdeg: int | None = None
    ma_max: int | None = None

    @property
    def mw(self) -> int | None:
        """Power in milliwatts; None unless volts and amps are both known."""
        return None if self.mv is None or self.ma is None else self.mv * self.ma // 1000

    @property
    def peak_mw(self) -> int | None:
        """Highest power of the period; the mean where no maximum was told."""
        amps = self.ma if self.ma_max is None else self.ma_max
        return None if self.mv is None or amps is None else self.mv * amps // 1000


@dataclass(frozen=True, slots=True)
class TimedReading:
    at: datetime
    reading: Reading


class TelemetryStore:
    """Readings by chassis and slot; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._history: dict[tuple[int, int], deque[TimedReading]] = {}
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
        with self._lock:
            history = self._history.setdefault((chassis_id, slot), deque())
            # Compared with the point before, so that 10 Hz still leaves one point a second.
            if len(history) > 1 and now - history[-2].at < RESOLUTION:
                history.pop()
            history.append(TimedReading(now, reading))
            while now - history[0].at > KEPT_FOR:
                history.popleft()

    def latest(self, chassis_id: int, slot: int) -> TimedReading | None:
        """Return the newest reading with its time, or None when there was none."""
        with self._lock:
            history = self._history.get((chassis_id, slot))
            return history[-1] if history else None

    def latest_of_chassis(self, chassis_id: int) -> dict[int, TimedReading]:
        """Return the newest reading of every slot heard so far, slot 0 being the supply."""
        with self._lock:
            return {
                slot: history[-1]
                for (chassis, slot), history in self._history.items()
                if chassis == chassis_id and history
            }

    def history(self, chassis_id: int, slot: int) -> tuple[TimedReading, ...]:
        """Return the kept readings of one slot, oldest first."""
        with self._lock:
            return tuple(self._history.get((chassis_id, slot), ()))

    def forget(self, chassis_id: int) -> None:
        """Drop what is known of a chassis: another board answers now."""
        with self._lock:
            self._heard_at.pop(chassis_id, None)
            for key in [key for key in self._history if key[0] == chassis_id]:
                del self._history[key]


store = TelemetryStore()
