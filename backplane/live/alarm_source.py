"""Finds the alarms of a chassis in its rows. Reads only; a chassis without any costs no query.

What the board says and what the history says are enough: nothing is kept here between two readings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.db.models import Max, Q, QuerySet

from backplane.live.alarms import AlarmKind, AlarmRecord
from backplane.slots.facts import Cause, EventKind, SlotFacts, SlotFlag, SlotState
from backplane.slots.identities import carrier_text
from backplane.slots.models import Command, HardwareEvent, Slot, Stay, Transition
from backplane.slots.ops import CommandOp, CommandState
from backplane.slots.statements import Select
from backplane.swaps.models import Swap
from backplane.swaps.steps import SwapState

_SLOTS: Final = Select(lambda: Slot.objects.filter(chassis_id=0).order_by("number"))
AT_ONCE: Final = 900  # slots of a query: an old SQLite takes 999 values
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Suspect:
    """What of a slot decides whether to look closer."""

    slot_id: int
    number: int
    facts: SlotFacts


def alarms_of_chassis(chassis_id: int) -> tuple[AlarmRecord, ...]:
    """Return the alarms of one chassis, by slot number."""
    slots = _SLOTS(chassis_id)
    return alarms_among([Suspect(slot.pk, slot.number, slot.facts) for slot in slots])


def alarms_among(slots: Sequence[Suspect]) -> tuple[AlarmRecord, ...]:
    """Return the alarms of these slots of one chassis: one query each for what their flags and states call for.

    Of a slot that is not known (lost link) nothing is said; its alarm is told again when the board is heard.
    """
    flagged = [slot for slot in slots if slot.facts.alarm]
    surprises = _surprises([slot for slot in slots if _may_be_surprise(slot.facts)])
    begun = _begun(flagged) | {slot_id: row.at for slot_id, row in surprises.items()}
    if not begun:
        return ()
    told = _Told(begun, _names(begun), surprises, _wanted(slots))
    return tuple(_alarm(slot, told) for slot in slots if slot.slot_id in begun)


@dataclass(frozen=True, slots=True)
class _Told:
    """What other rows tell of the alarmed slots, by slot id. `wanted`: released slots by number, with their open swap."""

    begun: dict[int, datetime]
    names: dict[int, str]
    surprises: dict[int, Transition]
    wanted: dict[int, int | None]


def _alarm(slot: Suspect, told: _Told) -> AlarmRecord:
    surprise = told.surprises.get(slot.slot_id)
    # Whoever pulls by surprise meant no other slot, as far as the board knows.
    wanted = {} if surprise else {n: swap for n, swap in told.wanted.items() if n != slot.number}
    return AlarmRecord(
        slot=slot.number,
        kind=AlarmKind.SURPRISE if surprise else _kind(slot.facts),
        since=told.begun[slot.slot_id],
        name=told.names.get(slot.slot_id, ""),
        wanted=tuple(wanted),
        pulled_from=SlotState(surprise.old) if surprise else SlotState.ACTIVE,
        swap_id=next((swap for swap in wanted.values() if swap), None),
    )


def _may_be_surprise(facts: SlotFacts) -> bool:
    """Whether the slot is seen empty and nobody took it out in order, as far as the row tells."""
    return (
        facts.state is SlotState.NOT_INSTALLED
        and facts.cause is not Cause.PERSON
        and not facts.alarm
        and facts.flags is not None
    )


def _kind(facts: SlotFacts) -> AlarmKind:
    if facts.suspicious:
        return AlarmKind.CONTACT_OPEN
    is_back = facts.flags is not None and SlotFlag.PRESENT in facts.flags
    return AlarmKind.WRONG_CARRIER if is_back else AlarmKind.WRONG_PULL


def _surprises(slots: Sequence[Suspect]) -> dict[int, Transition]:
    """Return by which transition each of these empty slots was emptied by surprise, unless somebody answered.

    A silence of the link in between (M7 to M0) empties nothing: the removal before it counts.
    """
    if not slots:
        return {}
    rows = _emptied_by_surprise([slot.slot_id for slot in slots])
    return {row.slot_id: row for row in rows if not _is_answered(row)}


def worth_a_look(slots: Sequence[Suspect]) -> set[int]:
    """Return the ids of the slots, of any chassis, that may have an alarm: one query for AT_ONCE that are empty."""
    empty = [slot.slot_id for slot in slots if _may_be_surprise(slot.facts)]
    found = {slot.slot_id for slot in slots if slot.facts.alarm}
    for start in range(0, len(empty), AT_ONCE):
        rows = _emptied_by_surprise(empty[start : start + AT_ONCE])
        found.update(rows.values_list("slot_id", flat=True))
    return found


def _emptied_by_surprise(slot_ids: Sequence[int]) -> QuerySet[Transition]:
    emptied = (
        Transition.objects.filter(slot__in=slot_ids, new=SlotState.NOT_INSTALLED)
        .exclude(old=SlotState.COMMUNICATION_LOST)
        .values("slot")
        .annotate(newest=Max("pk"))
    )
    return Transition.objects.filter(pk__in=emptied.values("newest"), cause=Cause.SURPRISE)


def _is_answered(surprise: Transition) -> bool:
    """Whether somebody said why the slot stays out, or a swap of this very slot deals with it."""
    said = Command.objects.filter(
        slot=surprise.slot_id,
        op=CommandOp.CLEAR_ALARM,
        state=CommandState.DONE,
        created_at__gte=surprise.at,
    )
    swapped = Swap.objects.filter(slot=surprise.slot_id).filter(
        Q(state=SwapState.OPEN) | Q(step_since__gte=surprise.at) | Q(ended_at__gte=surprise.at)
    )
    return said.exists() or swapped.exists()


def _begun(flagged: Sequence[Suspect]) -> dict[int, datetime]:
    """Return when the firmware told of each of these alarms; where that event was lost, since when the slot is so."""
    begun = {}
    for suspect in flagged:  # nearly always one
        slot = Slot.objects.get(pk=suspect.slot_id)
        told = HardwareEvent.objects.filter(
            chassis_id=slot.chassis_id, kind=EventKind.WRONG_PULL, slot_number=slot.number
        )
        row = told.order_by("-pk").values_list("occurred_at", "received_at").first()
        begun[slot.pk] = next(at for at in (*(row or ()), slot.since, _LONG_AGO) if at)
    return begun


def _names(begun: dict[int, datetime]) -> dict[int, str]:
    """Return who was in each slot when its alarm began: of the stays that had begun before, the newest."""
    names = {}
    for slot_id, at in begun.items():  # nearly always one
        stays = Stay.objects.filter(slot=slot_id, since__lt=at)
        stay = stays.select_related("module", "carrier__module").order_by("-since", "-pk").first()
        if stay is not None:
            names[slot_id] = name_of_stay(stay)
    return names


def name_of_stay(stay: Stay) -> str:
    """Return what to call who stood there: the Pi's name, else the tray's."""
    module = stay.module or (stay.carrier.module if stay.carrier else None)
    if module is not None and (module.name or module.serial):
        return module.name or module.serial
    if stay.carrier is None:
        return ""
    return stay.carrier.label or carrier_text(stay.carrier.uid)


def _wanted(slots: Sequence[Suspect]) -> dict[int, int | None]:
    """Return the released slots by number, each with its open swap if it has one."""
    released = {slot.slot_id: slot.number for slot in slots if slot.facts.released}
    if not released:
        return {}
    rows = Swap.objects.filter(slot__in=released, state=SwapState.OPEN)
    swaps = dict(rows.values_list("slot_id", "pk"))
    return {number: swaps.get(slot_id) for slot_id, number in released.items()}
