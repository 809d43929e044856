"""The newest lines of a chassis's history, from the rows of events, commands, gaps and link changes.

Reads only. One line per thing that happened, with an id that stays the same at each reading.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from backplane.live.records import EventLine
from backplane.live.sentences import (
    Sentence,
    command_asked,
    command_ended,
    gap_sentence,
    hardware_sentence,
    link_sentence,
    op_words,
)
from backplane.slots.facts import Cause
from backplane.slots.models import Command, Gap, HardwareEvent, Transition

LINES_SHOWN: Final = 20
_MOST_SLOTS: Final = 24  # a lost link changes this many slots at once, as one line


def recent_lines(chassis_id: int, limit: int = LINES_SHOWN) -> list[EventLine]:
    """Return the newest `limit` lines, oldest first."""
    lines = [
        *_hardware(chassis_id, limit),
        *_commands(chassis_id, limit),
        *_gaps(chassis_id, limit),
        *_links(chassis_id),
    ]
    lines.sort(key=_order)
    return lines[-limit:]


def hardware_line(event: HardwareEvent) -> EventLine:
    """Return the line of one hardware event."""
    said = hardware_sentence(event.kind, event.value, event.carrier_uid)
    at = event.occurred_at or event.received_at
    return _line(f"h{event.pk}", at, event.slot_number or None, said)


def command_lines(command: Command) -> list[EventLine]:
    """Return the lines of one command: asked, and ended when it has."""
    slot = command.slot.number if command.slot else None
    who = command.requester_name
    word = op_words(command.op, command.arguments)
    asked = _line(f"c{command.pk}", command.created_at, slot, command_asked(word), who)
    if command.finished_at is None:
        return [asked]
    said = command_ended(word, command.state, command.outcome)
    return [asked, _line(f"c{command.pk}e", command.finished_at, slot, said, who)]


def gap_line(gap: Gap) -> EventLine:
    """Return the line of one gap."""
    said = gap_sentence(gap.first_missing, gap.last_missing, gap.reason)
    return _line(f"g{gap.pk}", gap.noticed_at, None, said)


def _order(line: EventLine) -> tuple[datetime, int, str]:
    return line.at, len(line.id), line.id  # at the same moment: as the rows were written


def _line(key: str, at: datetime, slot: int | None, said: Sentence, who: str = "") -> EventLine:
    return EventLine(id=key, at=at, slot=slot, icon=said.icon, text=said.text, who=who)


def _hardware(chassis_id: int, limit: int) -> Iterator[EventLine]:
    rows = HardwareEvent.objects.filter(chassis_id=chassis_id).defer("raw").order_by("-pk")[:limit]
    return map(hardware_line, rows)


def _commands(chassis_id: int, limit: int) -> Iterator[EventLine]:
    rows = Command.objects.filter(chassis_id=chassis_id).select_related("slot")
    for command in rows.order_by("-pk")[:limit]:
        yield from command_lines(command)


def _gaps(chassis_id: int, limit: int) -> Iterator[EventLine]:
    return map(gap_line, Gap.objects.filter(chassis_id=chassis_id).order_by("-pk")[:limit])


def _links(chassis_id: int) -> Iterator[EventLine]:
    """Yield the last silence and the last return: ten slots that change together are one line."""
    for cause in (Cause.LINK_LOST, Cause.LINK_RESTORED):
        row = (
            Transition.objects.filter(slot__chassis_id=chassis_id, cause=cause)
            .order_by("-pk")
            .first()
        )
        if row is not None:
            said = link_sentence(cause == Cause.LINK_RESTORED)
            yield _line(f"l{row.revision}", row.at, None, said)
