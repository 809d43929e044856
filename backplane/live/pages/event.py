"""One event, at an address that stays: what was told, what it changed, who asked, and what was measured around it.

Reads only. The same ids as in lists and on sockets: h<row> hardware, c<row> command (its end too), g<row> gap.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backplane.live.history import command_lines, gap_line, hardware_line
from backplane.live.pages.flight import HEIGHT, WIDTH, flight_of
from backplane.live.records import EventLine
from backplane.slots import services
from backplane.slots.facts import SlotState
from backplane.slots.models import (
    Chassis,
    Command,
    FlightRecord,
    Gap,
    HardwareEvent,
    Transition,
)

_AROUND: Final = timedelta(seconds=30)
_MOST_AROUND: Final = 20
_STATE_WORDS: Final = {state.value: state.name.replace("_", " ").lower() for state in SlotState}


@dataclass(frozen=True, slots=True)
class Told:
    """One event for the page. `facts`: (label, text or moment) pairs, as evidence."""

    line: EventLine
    chassis: Chassis
    facts: list[tuple[str, object]]
    more: list[EventLine] = field(default_factory=list)
    moves: list[str] = field(default_factory=list)
    record: FlightRecord | None = None


@require_safe
@never_cache
def event(request: HttpRequest, key: str) -> HttpResponse:
    """One event."""
    pk = int(key.strip("hcge"))
    told = {"h": _hardware, "c": _command, "g": _gap}[key[0]](pk)
    focus = told.line.slot or 0
    context = {
        "told": told,
        "key": f"{key[0]}{pk}",
        "around": _around(told, pk),
        "flight": flight_of(told.record.readings, focus) if told.record else None,
        "box": {"width": WIDTH, "height": HEIGHT},
    }
    return render(request, "live/event.html", context)


def _hardware(pk: int) -> Told:
    row = get_object_or_404(HardwareEvent.objects.select_related("chassis").defer("raw"), pk=pk)
    facts: list[tuple[str, object]] = [
        ("Happened", row.occurred_at or "not known: the board had not been heard yet"),
        ("Received", row.received_at),
        ("Kind", f"{row.kind_name} ({row.kind}), value {row.value}"),
        ("Number", f"{row.number} of journal {row.journal:08x}"),
        ("Board", f"{row.board_id}, boot {row.boot}, {row.uptime_ms / 1000:.1f} s after it"),
    ]
    record = services.flight_around(row)
    moves = [_move_words(move) for move in row.transitions.select_related("slot", "command")]
    return Told(hardware_line(row), row.chassis, facts, moves=moves, record=record)


def _command(pk: int) -> Told:
    row = get_object_or_404(Command.objects.select_related("chassis", "slot"), pk=pk)
    lines = command_lines(row)
    facts: list[tuple[str, object]] = [("Asked", row.created_at)]
    if row.requester_name:
        facts.append(("By", row.requester_name))
    if row.sent_at:
        facts.append(("Sent", row.sent_at))
    facts.append(("Ended", row.finished_at or "not yet"))
    if row.arguments.get("reason"):
        facts.append(("Reason", row.arguments["reason"]))
    if row.waiting_for:
        facts.append(("Waits", row.waiting_for))
    moves = [_move_words(move) for move in row.transitions.select_related("slot", "command")]
    return Told(lines[-1], row.chassis, facts, more=lines[:-1], moves=moves)


def _gap(pk: int) -> Told:
    row = get_object_or_404(Gap.objects.select_related("chassis"), pk=pk)
    last = "nobody knows how far" if row.last_missing is None else f"to {row.last_missing}"
    facts: list[tuple[str, object]] = [
        ("Noticed", row.noticed_at),
        ("Missing", f"{row.first_missing}, {last}, of journal {row.journal:08x}"),
        ("Why", row.reason),
    ]
    return Told(gap_line(row), row.chassis, facts)


def _move_words(move: Transition) -> str:
    cause = move.cause.replace("_", " ")
    who = move.command.requester_name if move.command else ""
    by = f", asked by {who}" if who else ""
    old, new = _STATE_WORDS[move.old], _STATE_WORDS[move.new]
    return f"Slot {move.slot.number}: {move.old} {old} → {move.new} {new} ({cause}{by})"


def _around(told: Told, pk: int) -> list[EventLine]:
    """Return the hardware events of the chassis shortly before and after, oldest first."""
    at = told.line.at
    rows = HardwareEvent.objects.filter(
        chassis=told.chassis, received_at__range=(at - _AROUND, at + _AROUND)
    )
    if told.line.id.startswith("h"):
        rows = rows.exclude(pk=pk)
    return [hardware_line(row) for row in rows.defer("raw").order_by("pk")[:_MOST_AROUND]]
