"""What hardware and clock do to swaps. Looks first and locks only when there is something to do."""

import logging
from datetime import datetime

from django.db.models import Q, QuerySet

from backplane.slots.models import Chassis
from backplane.slots.services.work import work_on
from backplane.swaps.loading import picture, scene_of
from backplane.swaps.models import Swap
from backplane.swaps.rules import deadline_of, next_move
from backplane.swaps.script import stage_of
from backplane.swaps.services.recording import is_record_news
from backplane.swaps.services.session import Session
from backplane.swaps.services.settling import mark_of, settle
from backplane.swaps.steps import UNFINISHED_SWAPS, Branch, SwapState

_log = logging.getLogger(__name__)
_LIVING = Q(state__in=UNFINISHED_SWAPS) | Q(state=SwapState.DONE, branch=Branch.RECORD_WAITS)


def chassis_with_swaps() -> list[int]:
    """Return the chassis that advance() has something to do for, now or later. One query."""
    ids = Swap.objects.filter(_LIVING).values_list("chassis_id", flat=True)
    return sorted(set(ids))


def advance(chassis_id: int, now: datetime) -> datetime | None:
    """Move the swaps of a chassis on as hardware and clock want it; return when to look again at the latest.

    Idempotent; any number of processes may call it. Costs a few queries where nothing moves.
    """
    chassis = Chassis.objects.filter(pk=chassis_id).first()
    if chassis is None:
        return None
    deadlines: list[datetime] = []
    for swap_id in _to_move(chassis, now):
        advance_swap(chassis_id, swap_id, now)
    scene = scene_of(Chassis.objects.get(pk=chassis_id))
    for swap in _living(chassis_id).filter(state=SwapState.OPEN):  # the others wait for no clock
        at = deadline_of(picture(swap, scene, now))
        deadlines += [] if at is None else [at]
    return min(deadlines, default=None)


def advance_swap(chassis_id: int, swap_id: int, now: datetime) -> None:
    """Decide again with the chassis locked, and move what still has to move."""
    with work_on(chassis_id, now) as work:
        swap = _rows().get(pk=swap_id)
        settle(Session(work, swap))


def _to_move(chassis: Chassis, now: datetime) -> list[int]:
    scene = scene_of(chassis)
    found = []
    for swap in _living(chassis.pk):
        if (
            swap.state == SwapState.DONE
        ):  # many may wait for an inventory that is away: one question each
            if is_record_news(swap, now):
                found.append(swap.pk)
            continue
        facts = picture(swap, scene, now)
        is_news = swap.memory.get("stage") != mark_of(stage_of(facts))
        if is_news or next_move(facts) is not None:
            found.append(swap.pk)
    return found


def _living(chassis_id: int) -> QuerySet[Swap]:
    return _rows().filter(_LIVING, chassis_id=chassis_id).order_by("pk")


def _rows() -> QuerySet[Swap]:
    return Swap.objects.select_related("chassis", "slot", "expected_module", "old_module")
