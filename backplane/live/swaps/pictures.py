"""What is true of a swap for everybody who looks: taken once for all pages that ask at the same time. Reads only.

When a swap moves on, every open page asks for its card at once. What they all share is read once and kept for half a
second, as long as neither chassis, swap nor log has moved; who may press what is each reader's own.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from backplane.live.rendering import ChassisView, chassis_view
from backplane.live.selectors import load_chassis_by_id
from backplane.swaps import selectors
from backplane.swaps.models import Swap, SwapEntry
from backplane.swaps.stage import Stage, StepLine

_LOG_SHOWN: Final = 8
_KEPT_FOR: Final = timedelta(seconds=0.5)  # readings and countdowns may be that old, nothing else
_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a swap's log."""

    pk: int
    at: datetime
    who_name: str
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A swap with its chassis; the log newest first."""

    stage: Stage
    steps: tuple[StepLine, ...]
    chassis: ChassisView
    log: tuple[Told, ...]


Stamp = tuple[int, int, int]
_kept: dict[int, tuple[Stamp, datetime, Picture]] = {}


def picture_of(swap: Swap, now: datetime) -> Picture:
    """Return the picture of a swap that was just read."""
    newest = swap.entries.order_by("-pk").values_list("pk", flat=True).first()
    stamp = (swap.chassis.revision, swap.version, newest or 0)
    kept = _kept.get(swap.pk)
    if kept is not None and kept[0] == stamp and timedelta(0) <= now - kept[1] < _KEPT_FOR:
        return kept[2]
    taken = _take(swap, now)
    if len(_kept) >= _MOST:
        _kept.clear()
    _kept[swap.pk] = (stamp, now, taken)
    return taken


def forget_pictures() -> None:
    """Take every picture anew: for those who change rows behind the services' back."""
    _kept.clear()


def told_of(entry: SwapEntry) -> Told:
    """Return a line of the log as pages tell it; a line that begins with who did it names them once."""
    is_named = entry.text.startswith(f"{entry.who_name} ")
    return Told(entry.pk, entry.at, "" if is_named else entry.who_name, entry.text)


def _take(swap: Swap, now: datetime) -> Picture:
    record = load_chassis_by_id(swap.chassis_id)
    assert record is not None, "a swap outlives no chassis"  # noqa: S101  (its foreign key says so)
    return Picture(
        stage=selectors.stage_for(swap, now),
        steps=tuple(selectors.lines_for(swap)),
        chassis=chassis_view(record, now),
        log=tuple(map(told_of, swap.entries.order_by("-pk")[:_LOG_SHOWN])),
    )
