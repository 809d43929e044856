"""The newest lines of a chassis's history, from the rows of events, commands, gaps and link changes.

Reads only. One line per thing that happened, with an id that stays the same at each reading.
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from django.db.models import F

from backplane.live.records import EventLine
from backplane.live.sentences import (
    EVENTS_WERE_LOST,
    LINK_LOST,
    LINK_RESTORED,
    SLOTS_WERE_READ,
    Sentence,
    command_asked,
    command_ended,
    gap_sentence,
    hardware_sentence,
    op_words,
)
from backplane.slots.facts import Cause
from backplane.slots.models import Command, Gap, HardwareEvent, Transition
from backplane.slots.statements import Select

LINES_SHOWN: Final = 20
_MOST_SLOTS: Final = 24  # a lost link changes this many slots at once, as one line


def recent_lines(chassis_id: int, limit: int = LINES_SHOWN) -> list[EventLine]:
    """Return the newest `limit` lines, oldest first."""
    reads = _reads(limit)
    gaps = reads.gaps(chassis_id)
    lines = [
        *map(hardware_line, reads.hardware(chassis_id)),
        *(line for command in reads.commands(chassis_id) for line in _lines_of(command)),
        *map(gap_line, gaps),
        *_links(chassis_id, {gap.noticed_at for gap in gaps}),
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
    return _command_lines(command, command.slot.number if command.slot else None)


def _lines_of(command: Command) -> list[EventLine]:
    """Return the lines of a command that came with the number of its slot."""
    return _command_lines(command, vars(command)["slot_number"])


def _command_lines(command: Command, slot: int | None) -> list[EventLine]:
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


@dataclass(frozen=True, slots=True)
class _Reads:
    """The queries behind so many lines: they are compiled once for each length of history that a page shows."""

    hardware: Select[HardwareEvent]
    commands: Select[Command]
    gaps: Select[Gap]


@lru_cache(maxsize=8)
def _reads(limit: int) -> _Reads:
    commands = Command.objects.annotate(slot_number=F("slot__number"))
    return _Reads(
        Select(lambda: HardwareEvent.objects.filter(chassis_id=0).order_by("-pk")[:limit]),
        Select(lambda: commands.filter(chassis_id=0).order_by("-pk")[:limit]),
        Select(lambda: Gap.objects.filter(chassis_id=0).order_by("-pk")[:limit]),
    )


def _hardware(chassis_id: int, limit: int) -> Iterator[EventLine]:
    rows = HardwareEvent.objects.filter(chassis_id=chassis_id).defer("raw").order_by("-pk")[:limit]
    return map(hardware_line, rows)


def _commands(chassis_id: int, limit: int) -> Iterator[EventLine]:
    rows = Command.objects.filter(chassis_id=chassis_id).select_related("slot")
    for command in rows.order_by("-pk")[:limit]:
        yield from command_lines(command)


def _links(chassis_id: int, gaps_at: Set[datetime]) -> Iterator[EventLine]:
    """Yield when all slots were last not known, and known again: ten that change together are one line.

    Not known since a gap was noticed is no silence: the chassis answered all the time.
    """
    lost, back = (_newest(chassis_id, cause) for cause in (Cause.LINK_LOST, Cause.LINK_RESTORED))
    is_by_gap = lost is not None and lost.at in gaps_at
    if lost is not None:
        said = EVENTS_WERE_LOST if is_by_gap else LINK_LOST
        yield _line(f"l{lost.revision}", lost.at, None, said)
    if back is not None:
        is_after_gap = is_by_gap and lost is not None and back.pk > lost.pk
        said = SLOTS_WERE_READ if is_after_gap else LINK_RESTORED
        yield _line(f"l{back.revision}", back.at, None, said)


def _newest(chassis_id: int, cause: Cause) -> Transition | None:
    return next(iter(_NEWEST(cause, chassis_id)), None)


_NEWEST: Final = Select(
    lambda: Transition.objects.filter(cause="", slot__chassis_id=0).order_by("-pk")[:1]
)
