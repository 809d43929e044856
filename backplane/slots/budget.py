"""Reads what admission and the budget bar need of a chassis: slots with their needs, feeds, draw.

Reads rows and memory; writes nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from backplane.slots.budget_lines import BudgetLine, Demand, Draw, budget_lines
from backplane.slots.feeds import Caps, Feed, feeds_of
from backplane.slots.models import Chassis, Command, Module, Slot
from backplane.slots.ops import STARTS, UNFINISHED, CommandState
from backplane.slots.planner import Surroundings
from backplane.slots.power import PoweredSlot, need_mw
from backplane.slots.telemetry import store

# A reading older than this says nothing of what is drawn now; meters speak each second.
_FRESH_FOR: Final = timedelta(seconds=10)


def surroundings_of(chassis: Chassis, slots: Sequence[Slot]) -> Surroundings:
    """Return the chassis as the planner sees it."""
    starts = Command.objects.filter(chassis=chassis, op__in=STARTS, sent_at__isnull=False)
    return Surroundings(
        slots=powered_slots(chassis, slots),
        feeds=chassis_feeds(chassis),
        stagger=timedelta(milliseconds=chassis.profile.limits.stagger_ms),
        last_start_at=starts.order_by("-sent_at").values_list("sent_at", flat=True).first(),
    )


def budget_of(chassis: Chassis, now: datetime | None = None) -> tuple[BudgetLine, ...]:
    """Return the lines of the chassis's budget bar: each group of supplies, and the chassis if it differs."""
    slots = list(chassis.slots.order_by("number"))
    powered = powered_slots(chassis, slots)
    draw = _draw(chassis, now or timezone.now())
    return budget_lines(chassis_feeds(chassis), powered, _demand(chassis), draw)


def chassis_feeds(chassis: Chassis) -> tuple[Feed, ...]:
    """Return the limits of the chassis with the supplies it has now."""
    caps = Caps(chassis.power_budget_mw, chassis.ceiling_mw)
    return feeds_of(chassis.profile, chassis.lost_supplies, caps)


def powered_slots(chassis: Chassis, slots: Sequence[Slot]) -> tuple[PoweredSlot, ...]:
    """Return the slots with what each must be granted, by number."""
    needs = _module_needs(chassis)
    rating_mw = chassis.profile.limits.module_rating_mw
    return tuple(
        PoweredSlot(slot.number, slot.facts, _need(slot, needs, rating_mw), slot.since)
        for slot in sorted(slots, key=lambda each: each.number)
    )


def _need(slot: Slot, modules: Mapping[int, tuple[int | None, int]], default_mw: int) -> int:
    # What a module drew elsewhere, it will draw here.
    rating_mw, peak_mw = modules.get(slot.number, (None, 0))
    return need_mw(default_mw if rating_mw is None else rating_mw, max(slot.peak_mw, peak_mw))


def _module_needs(chassis: Chassis) -> dict[int, tuple[int | None, int]]:
    rows = Module.objects.filter(slots__chassis=chassis)
    return {
        number: (rating_mw, peak_mw)
        for number, rating_mw, peak_mw in rows.values_list("slots__number", "rating_mw", "peak_mw")
    }


def _demand(chassis: Chassis) -> Demand:
    rows = Command.objects.filter(slot__chassis=chassis, op__in=STARTS, state__in=UNFINISHED)
    starts = rows.order_by("created_at", "pk").values_list("slot__number", "state", "waiting_for")
    is_open = CommandState.OPEN
    return Demand(
        starting=tuple(number for number, state, _ in starts if state != is_open),
        waiting={number: why for number, state, why in starts if state == is_open and why},
    )


def _draw(chassis: Chassis, now: datetime) -> Draw:
    if not chassis.link_is_up:
        return Draw()
    heard = {
        number: timed.reading.mw
        for number, timed in store.latest_of_chassis(chassis.pk).items()
        if now - timed.at <= _FRESH_FOR
    }
    known = {number: mw for number, mw in heard.items() if mw is not None}
    return Draw(known.pop(0, None), known)
