"""Learns the most that a slot's occupant draws, from what telemetry told; kept for the slot and for the module."""

from collections.abc import Mapping
from datetime import datetime

from backplane.slots.models import Module, Slot
from backplane.slots.services.work import work_on

# A peak is news only when it is higher by more than this: meters are no better.
_NEWS_FROM = 1.02


def learn_peaks(chassis_id: int, epoch: int, peaks_mw: Mapping[int, int], now: datetime) -> int:
    """Raise the learned peak of the slots, and of their modules, where it is news; return how many rows.

    `peaks_mw`: the highest of the last seconds by slot. A slot whose rail is off by now is left out: what
    a fault drew is not what its module needs. One query while nothing is news. Raises StaleGeneration.
    """
    rows = Slot.objects.filter(chassis_id=chassis_id, number__in=peaks_mw).select_related("module")
    if not any(_is_news(slot, peaks_mw[slot.number]) for slot in rows):
        return 0
    learned = 0
    with work_on(chassis_id, now, epoch=epoch) as work:
        for number, peak_mw in peaks_mw.items():
            slot = work.slots.get(number)
            if slot is not None and _is_running(slot):
                learned += _learn(slot, peak_mw)
    return learned


def _is_running(slot: Slot) -> bool:
    return slot.facts.rail_on is True and not slot.facts.tripped


def _is_news(slot: Slot, peak_mw: int) -> bool:
    known_mw = [slot.peak_mw] if slot.module is None else [slot.peak_mw, slot.module.peak_mw]
    return _is_running(slot) and peak_mw > min(known_mw) * _NEWS_FROM


def _learn(slot: Slot, peak_mw: int) -> int:
    below = peak_mw / _NEWS_FROM
    rows = Slot.objects.filter(pk=slot.pk, peak_mw__lt=below).update(peak_mw=peak_mw)
    modules = Module.objects.filter(slots=slot, peak_mw__lt=below)
    return rows + modules.update(peak_mw=peak_mw)
