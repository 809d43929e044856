"""Reads one chassis from the database into the records that a rendering is made from. Never writes.

A fixed handful of queries a chassis, whatever the number of slots or of readers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.db.models import Max

from backplane.live.compiled import (
    chassis_with,
    joined,
    module_of,
    slots_of,
    unfinished_commands_of,
)
from backplane.live.records import (
    ChassisRecord,
    LinkRecord,
    Locating,
    Occupant,
    PendingCommand,
    SlotRecord,
)
from backplane.live.seen import Reading, SlotSeen
from backplane.live.sentences import fault_words, op_words
from backplane.live.story import load_surroundings
from backplane.slots.boards import BoardProfile
from backplane.slots.facts import Cause, EventKind, SlotFacts, SlotState
from backplane.slots.identities import carrier_text
from backplane.slots.models import (
    Chassis,
    Command,
    HardwareEvent,
    Slot,
    Transition,
)
from backplane.slots.ops import CommandOp, CommandState
from backplane.slots.own_slot import own_number
from backplane.slots.telemetry import TimedReading, store

_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)  # a slot that no board has reported has no "since"


def load_chassis(slug: str) -> ChassisRecord | None:
    """Return the chassis with this slug, in any case, with its alarms and swaps; None when there is none."""
    chassis = Chassis.objects.filter(slug__iexact=slug).first()
    record = None if chassis is None else _record(chassis)
    return None if record is None else record.with_story(load_surroundings(record.id))


def load_chassis_by_id(chassis_id: int) -> ChassisRecord | None:
    """Return the chassis with this id, still without alarms and swaps; None when there is none."""
    chassis = chassis_with(chassis_id)
    return None if chassis is None else _record(chassis)


@dataclass(frozen=True, slots=True)
class _Told:
    """What other rows tell of the slots of one chassis, by slot number or id."""

    commands: dict[int, Command]
    readings: dict[int, TimedReading]
    trips_ma: dict[int, int]
    faults: dict[int, str]
    released: tuple[int, ...]
    own: int | None


def _record(chassis: Chassis) -> ChassisRecord:
    slots = slots_of(chassis.pk)
    told = _told(chassis, slots)
    profile = chassis.profile
    supply = told.readings.get(0)
    return ChassisRecord(
        id=chassis.pk,
        slug=chassis.slug,
        name=chassis.name or chassis.slug,
        location=chassis.location,
        revision=chassis.revision,
        is_simulated=chassis.is_simulated,
        board=profile.title,
        link=_link(chassis),
        limits=profile.limits,
        budget_mw=profile.limits.budget_mw if chassis.budget_mw is None else chassis.budget_mw,
        slots=tuple(_slot(slot, profile, told) for slot in slots),
        supply=_timed(supply) if supply else Reading(),
        seen_at=chassis.seen_at,
        storage_is_ok=chassis.storage_ok,
    )


def _link(chassis: Chassis) -> LinkRecord:
    return LinkRecord(
        state=chassis.link_state,
        message=chassis.link_message,
        since=chassis.link_changed_at,
        is_up=chassis.link_is_up,
        is_replayed=chassis.is_replayed,
    )


def _told(chassis: Chassis, slots: Sequence[Slot]) -> _Told:
    rows = unfinished_commands_of(chassis.pk)
    # Where two are open, the one about power is the one to show.
    unfinished = sorted(rows, key=lambda command: (command.is_power, command.pk))
    return _Told(
        commands={command.slot_id: command for command in unfinished if command.slot_id},
        readings=store.latest_of_chassis(chassis.pk),
        trips_ma=_trips_ma(chassis, slots),
        faults=_faults(slots),
        released=tuple(slot.number for slot in slots if slot.facts.released),
        own=own_number(chassis.pk),
    )


def _trips_ma(chassis: Chassis, slots: Sequence[Slot]) -> dict[int, int]:
    """Return the current of the newest trip of each tripped slot, in mA."""
    tripped = [slot.number for slot in slots if slot.facts.tripped]
    if not tripped:
        return {}
    rows = HardwareEvent.objects.filter(
        chassis=chassis, kind=EventKind.TRIP, slot_number__in=tripped
    )
    return dict(rows.order_by("pk").values_list("slot_number", "value"))


def _faults(slots: Sequence[Slot]) -> dict[int, str]:
    """Return for which fault each inactive slot lost its power, in words, by slot id."""
    faulty = [
        slot.pk for slot in slots if slot.cause == Cause.FAULT and slot.state == SlotState.INACTIVE
    ]
    if not faulty:
        return {}
    newest = Transition.objects.filter(slot__in=faulty).values("slot").annotate(newest=Max("pk"))
    rows = Transition.objects.filter(
        pk__in=newest.values("newest"), hardware_event__isnull=False
    ).values_list("slot_id", "hardware_event__kind", "hardware_event__value")
    return {slot_id: fault_words(kind, value) for slot_id, kind, value in rows}


def _slot(slot: Slot, profile: BoardProfile, told: _Told) -> SlotRecord:
    command = told.commands.get(slot.pk)
    occupant = _occupant(slot)
    module_id = slot.module_id or joined(slot)["on_tray_id"]
    if slot.is_occupant_unsure:
        occupant, module_id = Occupant(last_seen=occupant.name or occupant.carrier), None
    facts = slot.facts
    seen = SlotSeen(
        number=slot.number,
        state=facts.state,
        flags=facts.flags,
        since=slot.since or _NEVER,
        reading=_reading(slot, told.readings.get(slot.number)),
        lights=slot.lights,
        name=occupant.name or occupant.carrier,
        trip_ma=told.trips_ma.get(slot.number),
        cut_for=told.faults.get(slot.pk, ""),
        has_lost_power=_has_lost_power(facts),
        identity_is_sensed=profile.senses_of(slot.number).identity,
        has_shutdown_line=profile.senses_of(slot.number).shutdown_line,
        lamps=profile.geometry.lamps,
        waiting_for=command.waiting_for if command else "",
        wanted_instead=tuple(number for number in told.released if number != slot.number),
    )
    return SlotRecord(
        seen=seen,
        revision=slot.revision,
        occupant=occupant,
        planned=_person(module_of(slot, "planned")),
        pending=_pending(command) if command else None,
        is_as_planned=slot.planned_module_id is None or module_id in (None, slot.planned_module_id),
        is_own=slot.number == told.own,
        locating=_locating(slot),
        restore_policy=slot.restore_policy,
    )


def _locating(slot: Slot) -> Locating | None:
    if slot.locate_until is None:
        return None
    return Locating(slot.locate_by or "somebody", slot.locate_until)


def _has_lost_power(facts: SlotFacts) -> bool:
    # A rail found on without good power when the board was heard again came from no start of ours.
    is_found = facts.cause is Cause.LINK_RESTORED and facts.rail_on is True
    return facts.state is SlotState.ACTIVATION_IN_PROGRESS and (
        is_found or facts.cause is Cause.FAULT
    )


def _occupant(slot: Slot) -> Occupant:
    """Return who is in the slot: the module named for it, else the one named for its tray."""
    tray = joined(slot)
    uid = carrier_text(tray["tray_uid"]) if tray["tray_uid"] else ""
    module = module_of(slot, "in_slot" if slot.module_id else "on_tray")
    return _person(module, uid, tray["tray_label"] or "")


def _person(module: dict[str, str] | None, uid: str = "", label: str = "") -> Occupant:
    if module is None:
        return Occupant(name=label, carrier=uid)
    name = module["name"] or module["serial"] or label
    return Occupant(name, module["model"], module["serial"], module["mac"], uid)


def _pending(command: Command) -> PendingCommand:
    who = f" by {command.requester_name}" if command.requester_name else ""
    word = f"{op_words(command.op, command.arguments)} asked{who}"
    return PendingCommand(
        id=command.pk,
        word=word,
        at=command.created_at,
        wait=command.waiting_for,
        is_power=command.is_power,
        is_cut=command.op == CommandOp.POWER_OFF,
        may_be_taken_back=bool(command.waiting_for) and command.state == CommandState.OPEN,
    )


def _reading(slot: Slot, heard: TimedReading | None) -> Reading:
    """Return the newer of the stored reading and the one in this process's memory."""
    if heard is not None and (slot.seen_at is None or heard.at >= slot.seen_at):
        return _timed(heard)
    return Reading(slot.mv, slot.ma, slot.cdeg, slot.seen_at)


def _timed(heard: TimedReading) -> Reading:
    return Reading(heard.reading.mv, heard.reading.ma, heard.reading.cdeg, heard.at)
