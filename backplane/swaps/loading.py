"""Takes the picture that rules and words work on: rows, memory of readings, commands, other swaps. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from backplane.slots.facts import SlotFacts
from backplane.slots.identities import carrier_text
from backplane.slots.models import Carrier, Chassis, Command, Slot
from backplane.slots.ops import CommandState
from backplane.slots.own_slot import own_slot
from backplane.slots.stays import last_occupant, stay_id_of
from backplane.slots.telemetry import store
from backplane.swaps import ports
from backplane.swaps.facts import (
    Ahead,
    AlarmSlot,
    Ask,
    Asked,
    CarrierFacts,
    Reading,
    SlotPicture,
    SwapFacts,
    SwapRow,
)
from backplane.swaps.homes import home_text, name_of, spare_modules
from backplane.swaps.models import ChecklistItem, Swap
from backplane.swaps.steps import Branch, Step, SwapState


@dataclass(frozen=True, slots=True)
class Scene:
    """The rows around a swap as one transaction, or one page, read them."""

    chassis: Chassis
    slots: Mapping[int, Slot]

    def slot_of(self, swap: Swap) -> Slot:
        return next(slot for slot in self.slots.values() if slot.pk == swap.slot_id)


def scene_of(chassis: Chassis) -> Scene:
    """Read the slots of a chassis."""
    return Scene(chassis, {slot.number: slot for slot in Slot.objects.filter(chassis=chassis)})


def _where(chassis: Chassis) -> str:
    return ", ".join(part for part in (str(chassis), chassis.location) if part)


def picture(swap: Swap, scene: Scene, now: datetime) -> SwapFacts:
    """Return all that bears on this swap at `now`."""
    slot, chassis = scene.slot_of(swap), scene.chassis
    row = _row(swap)
    expected = swap.expected_module
    return SwapFacts(
        now=now,
        row=row,
        slot=_slot(swap, slot, scene),
        chassis=_where(chassis),
        slot_numbers=tuple(sorted(scene.slots)),
        link_is_up=chassis.link_is_up,
        link_message=chassis.link_message,
        asked=_asked(row),
        alarms=_alarms(scene),
        wrong=_wrong(row, scene),
        ahead=_ahead(swap, row, scene),
        is_own=_is_own(chassis, slot),
        expected_id=None if expected is None else expected.pk,
        expected_name="" if expected is None else str(expected),
        modules=spare_modules() if row.step in _CHOOSES else (),
        checks=_checks(chassis, slot) if row.step is Step.HEALTH else (),
        has_reporters=bool(ports.reporters()),
        checklist=_checklist() if row.step is Step.INSERT else (),
    )


_CHOOSES = (Step.INSERT, Step.IDENTIFY)
# Where it matters whose place a carrier has: from the empty slot to its acceptance.
_ASKS_WHOSE = (Step.INSERT, Step.IDENTIFY, Step.POWER_ON)


def _row(swap: Swap) -> SwapRow:
    return SwapRow(
        id=swap.pk or 0,
        state=SwapState(swap.state),
        step=Step(swap.step),
        branch=Branch(swap.branch),
        since=swap.step_since,
        holder=swap.holder_name,
        lease_until=swap.lease_until,
        old_name=swap.old_name,
        new_name=swap.new_name,
        has_new_module=swap.new_module_id is not None,
        outcome=swap.outcome,
        record=swap.record,
        memory=swap.memory,
    )


def _slot(swap: Swap, slot: Slot, scene: Scene) -> SlotPicture:
    profile = scene.chassis.profile
    return SlotPicture(
        number=slot.number,
        facts=slot.facts,
        since=slot.since,
        lights=slot.lights,
        senses=profile.senses_of(slot.number),
        lamps=profile.geometry.lamps,
        limits=profile.limits,
        reading=_reading(scene.chassis, slot),
        carrier=_carrier(swap, slot),
        stay_id=stay_id_of(slot) if _compares_stays(swap) else None,
    )


def _compares_stays(swap: Swap) -> bool:
    is_taken_out = swap.step in {Step.SHUT_DOWN, Step.PULL}
    return is_taken_out or bool(swap.memory.get("kept", {}).get("accepted"))


def _reading(chassis: Chassis, slot: Slot) -> Reading:
    """Return the newest reading; the row's own, which is older, where this process heard none."""
    latest = store.latest(chassis.pk, slot.number)
    if latest is None:
        return Reading(slot.mv, slot.ma, slot.cdeg)
    return Reading(latest.reading.mv, latest.reading.ma, latest.reading.cdeg)


def _carrier(swap: Swap, slot: Slot) -> CarrierFacts | None:
    if slot.carrier_id is None or slot.is_occupant_unsure:  # who was last seen there accepts nobody
        return None
    carrier = Carrier.objects.select_related("module").get(pk=slot.carrier_id)
    module = carrier.module
    return CarrierFacts(
        text=carrier.label or carrier_text(carrier.uid),
        module_id=None if module is None else module.pk,
        module_name="" if module is None else str(module),
        is_old=carrier.pk == swap.old_carrier_id,
        home="" if module is None or swap.step not in _ASKS_WHOSE else home_text(module, slot),
    )


def _asked(row: SwapRow) -> dict[Ask, Asked]:
    """Return the commands this step remembers; one that is gone from the database has failed."""
    ids: Mapping[str, int | str] = row.memory.get("asked", {})
    commands = Command.objects.in_bulk([pk for pk in ids.values() if isinstance(pk, int)])
    return {Ask(key): _asked_one(commands, said) for key, said in ids.items()}


def _asked_one(commands: Mapping[int, Command], said: int | str) -> Asked:
    if isinstance(said, str):
        return Asked(CommandState.REFUSED, said)
    command = commands.get(said)
    if command is None:
        return Asked(CommandState.FAILED, "What became of it is not known.")
    return Asked(
        state=CommandState(command.state),
        outcome=command.outcome,
        waiting_for=command.waiting_for,
        sent_at=command.sent_at,
        id=command.pk,
    )


def _alarms(scene: Scene) -> tuple[AlarmSlot, ...]:
    return tuple(
        AlarmSlot(number, who_was_in(slot), bool(slot.facts.present), _read_in(slot))
        for number, slot in sorted(scene.slots.items())
        if slot.facts.alarm
    )


def _read_in(slot: Slot) -> str:
    return "" if slot.is_occupant_unsure else name_of(None, slot.carrier)


def who_was_in(slot: Slot) -> str:
    """Return the name of what must go back into a slot; "" when nobody knows."""
    stay = last_occupant(slot)
    if stay is None:
        return ""
    return name_of(stay.module, stay.carrier)


def _wrong(row: SwapRow, scene: Scene) -> SlotFacts | None:
    slot = scene.slots.get(row.noted.get("wrong", 0))
    return None if slot is None else slot.facts


def _ahead(swap: Swap, row: SwapRow, scene: Scene) -> tuple[Ahead, ...]:
    """Return whose turn comes before ours: who has it, then who queued earlier."""
    if row.kept.get("turn"):
        return ()
    others = Swap.objects.filter(chassis=scene.chassis, state=SwapState.OPEN).exclude(pk=swap.pk)
    mine = (row.kept.get("queued_at") or "9999", swap.pk)
    numbers = {slot.pk: number for number, slot in scene.slots.items()}
    found = [
        (_place_in_queue(other), Ahead(other.pk, numbers[other.slot_id], other.holder_name))
        for other in others
    ]
    return tuple(ahead for place, ahead in sorted(found, key=lambda one: one[0]) if place < mine)


def _place_in_queue(swap: Swap) -> tuple[str, int]:
    kept = swap.memory.get("kept", {})
    if kept.get("turn"):
        return "", swap.pk
    return kept.get("queued_at") or "~", swap.pk


def _is_own(chassis: Chassis, slot: Slot) -> bool:
    return own_slot() == (chassis.pk, slot.number)


def _checks(chassis: Chassis, slot: Slot) -> tuple[ports.Check, ...]:
    reporters = ports.reporters()
    return tuple(
        check for reporter in reporters for check in reporter.checks(chassis.pk, slot.number)
    )


def _checklist() -> tuple[str, ...]:
    return tuple(ChecklistItem.objects.values_list("text", flat=True))
