"""Where every module is, planned and seen; and how many slots are not as planned. Reads only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from backplane.inventory.compare import Match, Place, match_of
from backplane.slots.facts import SlotState
from backplane.slots.models import AssetStatus, Chassis, Module, Slot, Stay


@dataclass(frozen=True, slots=True)
class BayRow:
    """One slot. `seen` is the last module known there; `is_memory` when nothing is heard of the slot now."""

    slot: Slot
    planned: Module | None
    seen: Module | None
    is_present: bool | None
    match: Match

    @property
    def number(self) -> int:
        return self.slot.number

    @property
    def is_memory(self) -> bool:
        return self.slot.state == SlotState.COMMUNICATION_LOST

    @property
    def seen_at(self) -> datetime | None:
        return self.slot.seen_at


@dataclass(frozen=True, slots=True)
class ChassisRows:
    chassis: Chassis
    rows: tuple[BayRow, ...]

    @property
    def differing(self) -> int:
        return sum(row.match.is_difference for row in self.rows)


@dataclass(frozen=True, slots=True)
class ShelfRow:
    """A module in no slot, with the last place it stood in."""

    module: Module
    last: Stay | None


def occupant_of(slot: Slot) -> Module | None:
    """Return the module in a slot: its own, else its carrier's."""
    return slot.module or (slot.carrier.module if slot.carrier else None)


def bay_row(slot: Slot) -> BayRow:
    """Return one slot compared with its plan."""
    facts, seen = slot.facts, occupant_of(slot)
    is_known = facts.state is not SlotState.COMMUNICATION_LOST and slot.chassis.link_is_up
    is_known = is_known and not slot.is_occupant_unsure
    place = Place(slot.planned_module_id, seen.pk if seen else None, facts.present, is_known)
    return BayRow(slot, slot.planned_module, seen, facts.present, match_of(place))


def all_rows() -> list[ChassisRows]:
    """Return every chassis with its slots, in order."""
    by_chassis: dict[int, list[BayRow]] = {}
    for slot in _slots().order_by("chassis__slug", "number"):
        by_chassis.setdefault(slot.chassis_id, []).append(bay_row(slot))
    return [ChassisRows(rows[0].slot.chassis, tuple(rows)) for rows in by_chassis.values()]


def shelf() -> list[ShelfRow]:
    """Return the modules in no slot that still belong to us, each with where it stood last."""
    modules = list(shelved().exclude(status=AssetStatus.RETIRED))
    return _with_last(modules)


def retired() -> list[ShelfRow]:
    """Return the modules that were given away or thrown away."""
    return _with_last(list(shelved().filter(status=AssetStatus.RETIRED)))


def shelved() -> QuerySet[Module]:
    """Return the modules that stand in no slot."""
    stands = Q(slots__isnull=False) | Q(carriers__slots__isnull=False)
    standing = Module.objects.filter(stands).values("pk")
    return Module.objects.exclude(pk__in=standing)


def _with_last(modules: Sequence[Module]) -> list[ShelfRow]:
    last = _last_stays(module.pk for module in modules)
    return [ShelfRow(module, last.get(module.pk)) for module in modules]


def _last_stays(modules: Iterable[int]) -> dict[int, Stay]:
    rows = Stay.objects.filter(module__in=list(modules)).select_related("slot__chassis")
    return {stay.module_id: stay for stay in rows.order_by("since", "pk") if stay.module_id}


def _slots() -> QuerySet[Slot]:
    return Slot.objects.select_related("chassis", "carrier__module", "module", "planned_module")
