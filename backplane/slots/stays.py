"""Reads lives: who stood where and when, and what befell them there. Never writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from backplane.slots.facts import EventKind
from backplane.slots.models import Carrier, HardwareEvent, Module, Slot, Stay

_TROUBLES = (EventKind.TRIP, EventKind.POWER_GOOD_FAILED, EventKind.OVER_TEMP)


@dataclass(frozen=True, slots=True)
class Troubles:
    """What went wrong during a stay; `events` are the rows behind the counts, oldest first."""

    trips: int = 0
    power_good_failures: int = 0
    over_temperatures: int = 0
    surprise_ends: int = 0
    events: tuple[HardwareEvent, ...] = ()

    @property
    def any(self) -> bool:
        return bool(self.events or self.surprise_ends)


def last_occupant(slot: Slot) -> Stay | None:
    """Return the newest stay of this slot that has ended: who was in it last, also right after a pull."""
    return _with_names(slot.stays.exclude(until=None)).order_by("-until", "-pk").first()


def stay_id_of(slot: Slot) -> int | None:
    """Return the id of the stay that has not ended: another one tells of a change that nobody watched."""
    return slot.stays.filter(until=None).values_list("pk", flat=True).first()


def stays_of_slot(slot: Slot) -> QuerySet[Stay]:
    """Return a slot's life, newest first."""
    return _with_names(slot.stays.all())


def stays_of_module(module: Module) -> QuerySet[Stay]:
    """Return a module's life across slots and chassis, newest first."""
    return _with_names(module.stays.all())


def stays_of_carrier(carrier: Carrier) -> QuerySet[Stay]:
    """Return a carrier's life across slots and chassis, newest first."""
    return _with_names(carrier.stays.all())


def where_is(carrier: Carrier) -> Slot | None:
    """Return the slot a carrier is seated in, as last seen (its slot may be not known now), else None."""
    seated = carrier.slots.select_related("chassis")
    return seated.order_by("-since").first()


def home_of(module: Module) -> Slot | None:
    """Return the slot, of any chassis, that somebody planned this module for."""
    return module.planned_slots.select_related("chassis").order_by("pk").first()


def troubles_in(stay: Stay) -> Troubles:
    """Return what befell the slot between the stay's two ends, at each event's own time where it is known."""
    return troubles_of((stay,))[stay.pk]


def troubles_of(stays: Sequence[Stay]) -> dict[int, Troubles]:
    """Return troubles_in of each stay by its id; one query for each slot among them."""
    by_slot: dict[int, list[Stay]] = {}
    for stay in stays:
        by_slot.setdefault(stay.slot_id, []).append(stay)
    return {
        stay.pk: _tell(stay, rows)
        for those in by_slot.values()
        for rows in [_rows(those[0].slot, min(stay.since for stay in those))]
        for stay in those
    }


def _rows(slot: Slot, since: datetime) -> list[tuple[datetime, HardwareEvent]]:
    rows = HardwareEvent.objects.filter(
        chassis_id=slot.chassis_id,
        slot_number=slot.number,
        kind__in=_TROUBLES,
        received_at__gte=since,  # never before it occurred
    )
    timed = rows.annotate(at=Coalesce("occurred_at", "received_at")).order_by("at", "pk")
    return [(row.at, row) for row in timed]


def _tell(stay: Stay, rows: Sequence[tuple[datetime, HardwareEvent]]) -> Troubles:
    within = tuple(
        row for at, row in rows if at >= stay.since and (stay.until is None or at <= stay.until)
    )
    kinds = [row.kind for row in within]
    return Troubles(
        trips=kinds.count(EventKind.TRIP),
        power_good_failures=kinds.count(EventKind.POWER_GOOD_FAILED),
        over_temperatures=kinds.count(EventKind.OVER_TEMP),
        surprise_ends=int(stay.ended_by_surprise),
        events=within,
    )


def _with_names(stays: QuerySet[Stay]) -> QuerySet[Stay]:
    return stays.select_related("slot__chassis", "carrier", "module")
