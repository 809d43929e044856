"""What pages and screens read of swaps. Writes nothing."""

from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from backplane.slots.models import Chassis
from backplane.slots.statements import Select
from backplane.swaps.brief import Brief, brief_of
from backplane.swaps.facts import SwapFacts
from backplane.swaps.loading import picture, scene_of
from backplane.swaps.models import Swap
from backplane.swaps.receipt import Receipt, make_receipt
from backplane.swaps.script import LogLine, stage_of, step_lines
from backplane.swaps.stage import Stage, StepLine
from backplane.swaps.steps import EXCLUSIVE_STEPS, UNFINISHED_SWAPS, EntryKind, Step, SwapState

_UNFINISHED: Final = Select(
    lambda: Swap.objects.filter(chassis_id=0, state__in=UNFINISHED_SWAPS).order_by()
)
_RELATED = ("chassis", "slot", "expected_module", "old_module", "new_module", "holder")


def facts_of(swap: Swap, now: datetime) -> SwapFacts:
    """Return all that bears on a swap at `now`."""
    return picture(swap, scene_of(Chassis.objects.get(pk=swap.chassis_id)), now)


def stage_for(swap: Swap, now: datetime) -> Stage:
    """Return what the swap's screen says and offers."""
    return stage_of(facts_of(swap, now))


def lines_for(swap: Swap) -> list[StepLine]:
    """Return the list of nine."""
    log = [
        LogLine(Step(entry.step), EntryKind(entry.kind), entry.text, entry.at)
        for entry in swap.entries.all()
    ]
    senses = swap.chassis.profile.senses_of(swap.slot.number)
    state = SwapState(swap.state)
    return list(step_lines(Step(swap.step), state, log, power_first=not senses.identity))


def open_swaps(chassis_id: int) -> QuerySet[Swap]:
    """Return the chassis's swaps that somebody is at, oldest first."""
    rows = Swap.objects.filter(chassis_id=chassis_id, state=SwapState.OPEN)
    return rows.select_related(*_RELATED).order_by("pk")


def is_at_work(slot_id: int) -> bool:
    """Say whether a swap is between shut down and power on at this slot, or queues for that."""
    rows = Swap.objects.filter(slot_id=slot_id, state=SwapState.OPEN, step__in=EXCLUSIVE_STEPS)
    return rows.exists()


def parked_swaps() -> QuerySet[Swap]:
    """Return every swap that was put aside, oldest first."""
    return Swap.objects.filter(state=SwapState.PARKED).select_related(*_RELATED).order_by("pk")


def briefs_of(chassis_id: int, now: datetime | None = None) -> list[Brief]:
    """Return what the live view carries of the chassis's unfinished swaps; one query where there are none."""
    unfinished = [swap.pk for swap in _UNFINISHED(chassis_id, *UNFINISHED_SWAPS)]
    if not unfinished:
        return []
    swaps = Swap.objects.filter(pk__in=unfinished).select_related(*_RELATED).order_by("pk")
    scene = scene_of(Chassis.objects.get(pk=chassis_id))
    return [brief_of(swap, picture(swap, scene, now or swap.step_since)) for swap in swaps]


def receipt_of(swap: Swap) -> Receipt:
    """Return the receipt of a swap, finished or not."""
    return make_receipt(swap)
