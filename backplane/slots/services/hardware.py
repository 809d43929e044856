"""Records hardware events: raw rows, the transitions they cause and the cursor, in one durable commit.

An event is recorded once; what this version cannot understand or apply is kept raw and never stops
the line.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from backplane.slots.errors import ChassisMismatch, DuplicateDiffers, NotInSequence
from backplane.slots.facts import KNOWN_KINDS
from backplane.slots.models import Chassis, Gap, HardwareEvent
from backplane.slots.records import CommitResult, EventRecord
from backplane.slots.services.effects import apply_event
from backplane.slots.services.handles import follow_handles
from backplane.slots.services.work import Work, work_on
from backplane.slots.statements import insert

_log = logging.getLogger(__name__)
_COMPARED = ("boot", "uptime_ms", "kind", "slot_number", "value", "carrier_uid")


def record_hardware_events(
    chassis_id: int, epoch: int, events: Sequence[EventRecord], now: datetime
) -> CommitResult:
    """Commit a batch durably and return the cursor that may be acknowledged.

    Equal duplicates change nothing. Raises StaleGeneration, ChassisMismatch, NotInSequence (another
    journal or a hole), DuplicateDiffers, StorageFull; nothing of the batch is kept then.
    """
    with work_on(chassis_id, now, epoch=epoch, durable=True) as work:
        if events:
            _begin_journal(work, events[0])
            fresh = _without_duplicates(work.chassis, events)
            _check_sequence(work.chassis, fresh)
            _record(work, fresh)
    return CommitResult(work.chassis.journal or 0, work.chassis.cursor or 0, work.change)


def _begin_journal(work: Work, first: EventRecord) -> None:
    """Take up the board's journal on the first event ever; what came before it is a gap."""
    if work.chassis.journal is not None:
        return
    work.set_chassis(journal=first.journal, cursor=first.number - 1)
    if first.number > 1:
        Gap.objects.create(
            chassis=work.chassis,
            board_id=first.board_id,
            journal=first.journal,
            first_missing=1,
            last_missing=first.number - 1,
            reason="From before this installation knew the board.",
            noticed_at=work.now,
        )


def _without_duplicates(chassis: Chassis, events: Sequence[EventRecord]) -> list[EventRecord]:
    cursor = chassis.cursor or 0
    old = [event for event in events if event.number <= cursor and event.journal == chassis.journal]
    if old:
        rows = HardwareEvent.objects.filter(
            board_id=chassis.board_id,
            journal=old[0].journal,
            number__in=[event.number for event in old],
        )
        recorded = {row.number: row for row in rows}
        for event in old:
            _check_duplicate(event, recorded.get(event.number))
    return [event for event in events if event not in old]


def _check_duplicate(event: EventRecord, row: HardwareEvent | None) -> None:
    # No row: the number lies in a recorded gap. Fields, not bytes: a newer firmware may say more.
    said = _columns(event)
    if row is not None and any(getattr(row, name) != said[name] for name in _COMPARED):
        raise DuplicateDiffers(event.journal, event.number)


def _check_sequence(chassis: Chassis, events: Sequence[EventRecord]) -> None:
    for expected, event in enumerate(events, start=(chassis.cursor or 0) + 1):
        if event.board_id != chassis.board_id:
            raise ChassisMismatch(chassis.slug, chassis.board_id or "", event.board_id)
        if event.journal != chassis.journal or event.number != expected:
            raise NotInSequence(expected, event.number)


def _record(work: Work, events: Sequence[EventRecord]) -> None:
    if not events:
        return
    rows = [
        HardwareEvent(
            chassis=work.chassis,
            board_id=event.board_id,
            journal=event.journal,
            number=event.number,
            raw=event.raw,
            is_understood=event.kind in KNOWN_KINDS and event.slot <= work.chassis.slot_count,
            occurred_at=event.occurred_at,
            received_at=work.now,
            **_columns(event),
        )
        for event in events
    ]
    insert(rows)
    for row in rows:
        _apply(work, row)
    # A recorded event is a new line in the history, even where no slot moved.
    work.touch()
    work.set_chassis(cursor=events[-1].number, seen_at=work.now)
    follow_handles(work, rows)  # behind the cursor: what is asked now has seen all of these


def _apply(work: Work, row: HardwareEvent) -> None:
    if not row.is_understood:
        return
    try:
        apply_event(work, row)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        # A fault in our own rules: the event is kept and marked, and the line goes on.
        _log.exception("Event %s of %s could not be applied.", row.number, work.chassis)
        row.is_understood = False
        row.save(update_fields=["is_understood"])


def _columns(event: EventRecord) -> dict[str, int | str]:
    return {
        "boot": event.boot,
        "uptime_ms": event.uptime_ms,
        "kind": event.kind,
        "slot_number": event.slot,
        "value": event.value,
        "carrier_uid": event.carrier_uid,
    }
