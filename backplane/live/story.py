"""Reads what is told of a chassis a moment after its state: alarms, swaps, lines of history. Never writes.

Apart from selectors.py, so that the slot that changed is painted before this is read.
"""

from dataclasses import asdict, replace

from backplane.live.alarm_source import alarms_of_chassis
from backplane.live.history import recent_lines
from backplane.live.records import Story, SwapBrief
from backplane.swaps.selectors import briefs_of


def load_story(chassis_id: int) -> Story:
    """Return everything that goes with the newest state of a chassis."""
    return replace(load_surroundings(chassis_id), lines=tuple(recent_lines(chassis_id)))


def load_surroundings(chassis_id: int) -> Story:
    """Return the alarms and swaps of a chassis, without its history."""
    return Story(alarms=alarms_of_chassis(chassis_id), swaps=_swaps(chassis_id))


def _swaps(chassis_id: int) -> tuple[SwapBrief, ...]:
    return tuple(SwapBrief(**asdict(brief)) for brief in briefs_of(chassis_id))
