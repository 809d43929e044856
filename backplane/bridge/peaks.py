"""The highest power each slot was told to draw in the last seconds; kept in memory until it may be learned."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from backplane.slots.telemetry import Reading

LEARNED_EVERY: Final = timedelta(seconds=10)


class PeakBook:
    """Peaks of one chassis. Cheap enough for every telemetry frame."""

    def __init__(self) -> None:
        self._peaks_mw: dict[int, int] = {}
        self._taken_at: datetime | None = None

    def note(self, readings: Mapping[int, Reading]) -> None:
        """Remember what is higher than before; the chassis supply is no slot."""
        peaks_mw = self._peaks_mw
        for slot, reading in readings.items():
            peak_mw = reading.peak_mw
            if peak_mw and slot and peak_mw > peaks_mw.get(slot, 0):
                peaks_mw[slot] = peak_mw

    def forget(self, slot: int) -> None:
        """Drop what a slot drew: its occupant left, or it was a fault."""
        self._peaks_mw.pop(slot, None)

    def take(self, now: datetime) -> dict[int, int]:
        """Return the peaks in mW and begin anew, at most each LEARNED_EVERY; else nothing."""
        if self._taken_at is not None and now - self._taken_at < LEARNED_EVERY:
            return {}
        self._taken_at = now
        peaks_mw, self._peaks_mw = self._peaks_mw, {}
        return peaks_mw
