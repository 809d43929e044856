"""Finds events for the event page: three tables read as one list, newest first. Reads only.

A page remembers where it ended in each table, so that rows that arrive meanwhile shift nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q

from backplane.live.history import command_lines, gap_line, hardware_line
from backplane.live.records import EventLine
from backplane.slots.facts import EventKind
from backplane.slots.models import Chassis, Command, Gap, HardwareEvent

PAGE_SIZE: Final = 50
_READ: Final = PAGE_SIZE + 1  # one more says that there is an older page

_HANDS: Final = (
    EventKind.INSERT,
    EventKind.REMOVE,
    EventKind.HANDLE_OPEN,
    EventKind.HANDLE_CLOSED,
    EventKind.IDENTIFIED,
    EventKind.RELEASED,
    EventKind.WRONG_PULL,
    EventKind.BUTTON,
)
_POWER: Final = (
    EventKind.RAIL_ON,
    EventKind.RAIL_OFF,
    EventKind.POWER_GOOD,
    EventKind.POWER_LOST,
    EventKind.HALTED,
    EventKind.SHUTDOWN_LINE,
    EventKind.SUPPLY_LOST,
    EventKind.SUPPLY_BACK,
    EventKind.CHASSIS_POWER_RESTORED,
)
_TROUBLE: Final = (
    EventKind.POWER_LOST,
    EventKind.TRIP,
    EventKind.OVER_TEMP,
    EventKind.OVERFLOW,
    EventKind.FLAPPING,
    EventKind.WRONG_PULL,
    EventKind.SUPPLY_LOST,
    EventKind.POWER_GOOD_FAILED,
    EventKind.DEVICE_LOST,
    EventKind.SUSPICIOUS,
)
_HARDWARE: Final = {"hands": _HANDS, "power": _POWER, "trouble": _TROUBLE}
KINDS: Final = (
    ("", "Everything"),
    ("hands", "Pulls, inserts, handles"),
    ("power", "Power"),
    ("trouble", "Faults and alarms"),
    ("commands", "Commands"),
    ("gaps", "Gaps"),
)


@dataclass(frozen=True, slots=True)
class Position:
    """The last row shown of hardware events, commands and gaps; None: start at the newest."""

    h: int | None = None
    c: int | None = None
    g: int | None = None

    @property
    def is_start(self) -> bool:
        return self == Position()


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters; None and "" let everything through."""

    chassis: Chassis | None = None
    slot: int | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the page, and the row it came from: table's letter and primary key."""

    line: EventLine
    chassis: Chassis
    table: str
    pk: int
    known_at: datetime


def read_page(wanted: Wanted, start: Position) -> tuple[list[Entry], Position | None]:
    """Return the entries that follow `start`, and where the next page starts; None: there is none."""
    entries = [*_hardware(wanted, start.h), *_commands(wanted, start.c), *_gaps(wanted, start.g)]
    entries.sort(key=lambda entry: (entry.known_at, entry.table, entry.pk), reverse=True)
    page = entries[:PAGE_SIZE]
    return page, _end(entries, page, start) if len(entries) > PAGE_SIZE else None


def _end(entries: list[Entry], page: list[Entry], start: Position) -> Position:
    """Return where the next page starts: below the last row shown, or where the table stood."""

    def end(table: str, before: int | None) -> int:
        shown = [entry.pk for entry in page if entry.table == table]
        if shown:
            return min(shown)
        read = [entry.pk for entry in entries if entry.table == table]
        # Nothing shown of it yet: rows that come from now on belong to newer pages.
        return before or max(read, default=0) + 1

    return Position(end("h", start.h), end("c", start.c), end("g", start.g))


def _hardware(wanted: Wanted, before: int | None) -> list[Entry]:
    if wanted.kind in {"commands", "gaps"}:
        return []
    chosen = _common(wanted, before)
    if wanted.slot:
        chosen &= Q(slot_number=wanted.slot)
    if wanted.kind:
        chosen &= Q(kind__in=_HARDWARE[wanted.kind])
    rows = (
        HardwareEvent.objects.filter(chosen).select_related("chassis").defer("raw").order_by("-pk")
    )
    return [
        Entry(hardware_line(row), row.chassis, "h", row.pk, row.received_at) for row in rows[:_READ]
    ]


def _commands(wanted: Wanted, before: int | None) -> list[Entry]:
    """Return commands, each as the line of its end, or of its beginning while it is open."""
    if wanted.kind not in {"", "commands"}:
        return []
    chosen = _common(wanted, before)
    if wanted.slot:
        chosen &= Q(slot__number=wanted.slot)
    rows = Command.objects.filter(chosen).select_related("chassis", "slot").order_by("-pk")
    return [
        Entry(command_lines(row)[-1], row.chassis, "c", row.pk, row.created_at)
        for row in rows[:_READ]
    ]


def _gaps(wanted: Wanted, before: int | None) -> list[Entry]:
    if wanted.kind not in {"", "gaps"} or wanted.slot:
        return []
    rows = Gap.objects.filter(_common(wanted, before)).select_related("chassis").order_by("-pk")
    return [Entry(gap_line(row), row.chassis, "g", row.pk, row.noticed_at) for row in rows[:_READ]]


def _common(wanted: Wanted, before: int | None) -> Q:
    chosen = Q(chassis=wanted.chassis) if wanted.chassis else Q()
    return chosen if before is None else chosen & Q(pk__lt=before)
