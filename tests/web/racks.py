"""Builds a chassis in the database whose ten slots show ten faces, with a history and readings."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from backplane.people.models import User
from backplane.people.roles import Role
from backplane.slots.facts import EventKind, SlotFlag, SlotState
from backplane.slots.models import Carrier, Chassis, Command, HardwareEvent, Module, Slot
from backplane.slots.telemetry import Reading, store

F = SlotFlag
SENSES = F.SENSES_PRESENCE | F.HAS_HANDLE | F.METER_WORKS | F.HAS_HALTED_LINE
SEATED = SENSES | F.PRESENT | F.HANDLE_CLOSED | F.IDENTITY_READ
OFF = SEATED | F.RAIL_BELOW_500_MV
ON = SEATED | F.RAIL_ON | F.POWER_GOOD
PASSWORD = "correct horse battery"


def lights(colour: int = 0, pattern: int = 0, blue: int = 0, white: int = 0, layer: int = 0) -> int:
    """Pack a lights word as STATE carries it."""
    return colour | pattern << 3 | blue << 6 | white << 9 | layer << 12


@dataclass(frozen=True, slots=True)
class Look:
    """One slot as rows want it; `watts` at 12 V."""

    state: SlotState
    flags: SlotFlag | None
    lights: int | None
    name: str = ""
    temp_c: float | None = None
    watts: float | None = None


GREEN = lights(1, 1)
RUNNING = Look(SlotState.ACTIVE, ON, GREEN, "gw-01", 47, 4.6)
EMPTY = Look(SlotState.NOT_INSTALLED, SENSES, 0)
SAFE = Look(SlotState.INACTIVE, OFF | F.RELEASED, lights(0, 0, 1), "web-03", 38, 0.0)
LOOKS = (
    RUNNING,
    Look(SlotState.ACTIVE, ON, lights(1, 1, 0, 3, 1), "gw-02", 49, 4.9),
    Look(SlotState.ACTIVE, ON, lights(2, 2), "db-01", 78, 7.9),
    Look(SlotState.ACTIVE, ON | F.HALTED, lights(1, 2), "db-02", 41, 1.4),
    EMPTY,
    Look(SlotState.INACTIVE, OFF | F.TRIPPED, lights(3, 1), "cache-01", 52, 0.0),
    SAFE,
    Look(SlotState.ACTIVATION_IN_PROGRESS, ON, lights(1, 2, 5), "web-04", 33, 3.1),
    Look(SlotState.ACTIVE, ON | F.NOT_ANSWERING, None, "web-05"),
    Look(SlotState.INACTIVE, OFF | F.HELD, 0, "web-09", 27, 0.0),
)
OTHER_LOOKS = (
    Look(
        SlotState.DEACTIVATION_IN_PROGRESS, ON | F.SHUTDOWN_LINE, lights(1, 1, 4), "gw-01", 47, 4.1
    ),
    Look(
        SlotState.ACTIVE,
        SENSES | F.SUSPICIOUS | F.RAIL_ON | F.POWER_GOOD,
        lights(3, 3),
        "gw-02",
        49,
        4.9,
    ),
    Look(SlotState.NOT_INSTALLED, SENSES | F.ALARM, lights(3, 3), "db-01"),
    Look(
        SlotState.INACTIVE,
        (OFF | F.RELEASED) & ~F.HANDLE_CLOSED,
        lights(0, 0, 1, 3, 1),
        "db-02",
        33,
        0.0,
    ),
    Look(SlotState.INACTIVE, SENSES | F.PRESENT, 0),
    Look(SlotState.ACTIVATION_REQUEST, OFF, lights(0, 0, 5), "cache-01", 30, 0.0),
    Look(SlotState.ACTIVATION_IN_PROGRESS, OFF, lights(0, 0, 5), "a-rather-long-name", 30, 0.0),
    RUNNING,
    EMPTY,
    Look(SlotState.COMMUNICATION_LOST, None, None, "web-09"),
)


def make_user(name: str = "ben", role: Role = Role.OPERATOR) -> User:
    """Create a person with PASSWORD."""
    return User.objects.create_user(name, password=PASSWORD, role=role)


def make_chassis(
    slug: str = "demo",
    *,
    simulated: bool = True,
    looks: tuple[Look, ...] = LOOKS,
    link_state: str = "up",
) -> Chassis:
    """Create a chassis whose slots look like `looks`, with ten minutes of readings and a few events."""
    now = timezone.now()
    chassis = Chassis.objects.create(
        slug=slug,
        name=f"Chassis {slug}",
        location="Row A, rack 3, U12 to U14",
        board_id=f"{abs(hash(slug)) % 16**14:014x}00",
        board_name="reference-10",
        slot_count=len(looks),
        is_simulated=simulated,
        port_url=f"sim://{slug}",
        firmware_version="0.1.0",
        link_state=link_state,
        link_changed_at=now - timedelta(minutes=42),
        seen_at=now,
        revision=40,
        journal=1,
        cursor=10,
    )
    for number, look in enumerate(looks, start=1):
        _make_slot(chassis, number, look, now)
    _make_history(chassis, now)
    return chassis


def _make_slot(chassis: Chassis, number: int, look: Look, now: datetime) -> Slot:
    carrier = None
    if look.name:
        module = Module.objects.create(
            name=look.name, serial=f"10000000d9f31c{number:02x}", model="Raspberry Pi 5 8GB"
        )
        carrier = Carrier.objects.create(uid=f"{chassis.pk:04x}00a1{number:02x}", module=module)
    slot = Slot.objects.create(
        chassis=chassis,
        number=number,
        state=look.state,
        since=now - timedelta(seconds=3 if not look.name else 3600 + 40 * number),
        flags=None if look.flags is None else int(look.flags),
        lights=look.lights,
        revision=30 + number,
        seen_at=now,
        mv=None if look.watts is None else 12_000,
        ma=None if look.watts is None else round(look.watts / 12 * 1000),
        cdeg=None if look.temp_c is None else round(look.temp_c * 100),
        carrier=carrier,
    )
    if look.temp_c is not None:
        for age_s in range(590, 0, -5):
            cdeg = round(look.temp_c * 100 - age_s * 0.6)
            store.put(
                chassis.pk, number, Reading(slot.mv, slot.ma, cdeg), now - timedelta(seconds=age_s)
            )
    return slot


def _make_history(chassis: Chassis, now: datetime) -> None:
    told = (
        (EventKind.TRIP, 6, 3100),
        (EventKind.HANDLE_OPEN, 7, 0),
        (EventKind.SHUTDOWN_LINE, 7, 1),
        (EventKind.HALTED, 7, 0),
        (EventKind.RAIL_OFF, 7, 6),
        (EventKind.RELEASED, 7, 1),
        (EventKind.REMOVE, 5, 0),
        (EventKind.BOOT, 0, 1),
    )
    for number, (kind, slot, value) in enumerate(told, start=1):
        at = now - timedelta(seconds=400 - 40 * number)
        HardwareEvent.objects.create(
            chassis=chassis,
            board_id=chassis.board_id or "",
            journal=1,
            number=number,
            boot=1,
            uptime_ms=number * 1000,
            kind=kind,
            slot_number=slot,
            value=value,
            raw=b"",
            occurred_at=at,
            received_at=at,
        )


def make_command(slot: Slot, op: str = "shutdown", **more: object) -> Command:
    """Create an open command of one slot."""
    now = timezone.now()
    values: dict[str, object] = {
        "chassis": slot.chassis,
        "slot": slot,
        "op": op,
        "requester_name": "ana",
        "wire_id": 1,
        "if_event": 0,
        "created_at": now,
        "expires_at": now + timedelta(minutes=1),
    }
    return Command.objects.create(**(values | more))


def seen(slug: str = "demo") -> str:
    """Return the version that a page of this chassis carries now, as a form sends it."""
    return str(Chassis.objects.values_list("revision", flat=True).get(slug=slug))
