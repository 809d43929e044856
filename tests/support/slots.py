"""Builders of chassis, events and snapshots for tests of the slot domain and of what stands on it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from backplane.slots import services
from backplane.slots.facts import EventKind, SlotFacts, SlotFlag, SlotState
from backplane.slots.models import Chassis, Command, Slot
from backplane.slots.ops import CommandOp
from backplane.slots.records import (
    CommandRequest,
    EventRecord,
    HelloFacts,
    ReadingRecord,
    StateRecord,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BOARD = "aabbccddeeff0000"
JOURNAL = 0xBEEF
SENSES = SlotFlag.SENSES_PRESENCE | SlotFlag.HAS_HANDLE | SlotFlag.METER_WORKS
EMPTY = SENSES | SlotFlag.RAIL_BELOW_500_MV
SEATED = SENSES | SlotFlag.PRESENT | SlotFlag.HANDLE_CLOSED
OFF = SEATED | SlotFlag.RAIL_BELOW_500_MV
RUNNING = SEATED | SlotFlag.RAIL_ON | SlotFlag.POWER_GOOD
GREEN = 0b001_001  # status green, on


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def facts(state: SlotState, flags: SlotFlag | None = RUNNING) -> SlotFacts:
    return SlotFacts(state, flags)


def hello(**changes: object) -> HelloFacts:
    said = HelloFacts(BOARD, "reference-10", 10, 1, "0.1.0", boot=3)
    return replace(said, **changes)  # type: ignore[arg-type]  # names are those of HelloFacts


def event(number: int, kind: int, slot: int = 7, value: int = 0, **changes: object) -> EventRecord:
    said = EventRecord(BOARD, JOURNAL, number, 3, number * 100, int(kind), slot, value)
    return replace(said, **{"raw": b"raw", **changes})  # type: ignore[arg-type]  # names are those of EventRecord


def rail(number: int, kind: EventKind, command: Command | None, cause: int = 0) -> EventRecord:
    wire_id = 0 if command is None else command.wire_id
    return event(number, kind, value=_signed(cause | wire_id << 8))


def _signed(value: int) -> int:
    return value - 2**32 if value >= 2**31 else value


def snapshot(
    as_of: int, flags: dict[int, SlotFlag] | None = None, *, journal: int = JOURNAL
) -> StateRecord:
    """Return STATE of ten running slots, but for those in `flags`."""
    special = flags or {}
    readings = tuple(
        ReadingRecord(n, int(special.get(n, RUNNING)), GREEN, 12_050, 400, 4_700)
        for n in range(1, 11)
    )
    return StateRecord(journal, as_of, readings)


def new_chassis(flags: dict[int, SlotFlag] | None = None) -> Chassis:
    """Return a chassis whose link is up and whose slots were seen: running, but for those in `flags`."""
    chassis = services.find_or_create_chassis(hello(), "sim://demo", NOW)
    epoch = services.take_lease(chassis.pk, 0, NOW)
    services.link_restored(chassis.pk, epoch, hello(), NOW)
    services.apply_state(chassis.pk, epoch, snapshot(0, flags), NOW)
    chassis.refresh_from_db()
    return chassis


def slot_of(chassis: Chassis, number: int = 7) -> Slot:
    return Slot.objects.get(chassis=chassis, number=number)


def ask(chassis: Chassis, op: CommandOp, slot: int = 7, **changes: object) -> Command:
    """Ask as Ben, who sees the newest state."""
    seen = Chassis.objects.values_list("revision", flat=True).get(pk=chassis.pk)
    asked = CommandRequest(chassis.pk, slot, op, requester_name="Ben", seen_revision=seen)
    at = changes.pop("at", NOW)
    assert isinstance(at, datetime)
    asked = replace(asked, **changes)  # type: ignore[arg-type]  # names are those of CommandRequest
    return services.request_command(asked, at)


def send(chassis: Chassis, op: CommandOp, slot: int = 7) -> Command:
    """Ask, and let it go out."""
    command = ask(chassis, op, slot)
    assert services.mark_sent(command.pk, chassis.epoch, NOW)
    command.refresh_from_db()
    return command
