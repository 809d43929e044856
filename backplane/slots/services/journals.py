"""Gaps and new journals: the cursor moves on, and what was lost on the way is a row."""

from datetime import datetime

from backplane.slots.models import Gap
from backplane.slots.records import CommitResult, GapRecord
from backplane.slots.services.unknowing import doubt_occupants, lose_sight
from backplane.slots.services.work import Work, work_on


def record_gap(
    chassis_id: int, epoch: int, gap: GapRecord, cursor: int, now: datetime
) -> CommitResult:
    """Commit the gap and the cursor (the last number that will not come) together, durably.

    Slots become M7 until the next STATE: what the lost events did to them is not known. A gap that is
    behind the cursor is already known and changes nothing. Raises StaleGeneration, StorageFull.
    """
    with work_on(chassis_id, now, epoch=epoch, durable=True) as work:
        is_known = gap.journal == work.chassis.journal and cursor <= (work.chassis.cursor or 0)
        if not is_known:
            _note(work, gap)
            work.set_chassis(journal=gap.journal, cursor=cursor)
    return CommitResult(work.chassis.journal or 0, work.chassis.cursor or 0, work.change)


def start_new_journal(
    chassis_id: int, epoch: int, gap: GapRecord, new_journal: int, now: datetime
) -> CommitResult:
    """Begin `new_journal` at cursor 0; `gap` says what may be missing at the end of the old one.

    Repeating it changes nothing. Raises StaleGeneration, StorageFull.
    """
    with work_on(chassis_id, now, epoch=epoch, durable=True) as work:
        if work.chassis.journal != new_journal:
            _note(work, gap)
            work.set_chassis(journal=new_journal, cursor=0)
    return CommitResult(work.chassis.journal or 0, work.chassis.cursor or 0, work.change)


def _note(work: Work, gap: GapRecord) -> None:
    Gap.objects.create(
        chassis=work.chassis,
        board_id=gap.board_id,
        journal=gap.journal,
        first_missing=gap.first_missing,
        last_missing=gap.last_missing,
        reason=gap.reason[:255],
        noticed_at=work.now,
    )
    lose_sight(work)
    doubt_occupants(work)
    work.touch()
