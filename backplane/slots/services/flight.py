"""The flight recorder: what every meter said around an unexpected loss of power, kept with its event.

The seconds before are committed together with the event; those after follow once they have passed. A
record whose program stopped in between stays incomplete, and says so.
"""

import threading
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from backplane.slots.facts import SlotFacts
from backplane.slots.losses import (
    AFTER,
    BEFORE,
    LOSS_KINDS,
    ONE_FAULT,
    is_unexpected_loss,
    with_later,
)
from backplane.slots.models import FlightRecord, HardwareEvent
from backplane.slots.services.work import Work
from backplane.slots.telemetry import store

# The last second's telemetry is told up to a second later.
_COMPLETE_AFTER = AFTER + timedelta(seconds=1)

_lock = threading.Lock()
_open: dict[int, dict[int, datetime]] = {}  # chassis: record: when it can be completed
_newest: dict[int, tuple[int, datetime]] = {}  # chassis: event of its newest record, and when


def keep_flight(work: Work, event: HardwareEvent, facts: SlotFacts) -> None:
    """Keep the seconds before `event` if it is a loss nobody asked for; `facts` are from before it.

    An event from so long ago, or from a boot no host saw, that nothing was measured around it has none.
    """
    if not is_unexpected_loss(event.kind, event.value, facts) or event.occurred_at is None:
        return
    at, chassis_id = event.occurred_at, work.chassis.pk
    if _is_covered(chassis_id, event.number, at):
        return
    found = store.rows_around(chassis_id, at, BEFORE, AFTER)
    if found:
        _newest[chassis_id] = event.number, at
        record = FlightRecord.objects.create(
            hardware_event=event, chassis=work.chassis, at=at, readings=with_later({}, found)
        )
        transaction.on_commit(partial(_note_open, chassis_id, record.pk, at + _COMPLETE_AFTER))


def is_flight_due(chassis_id: int, now: datetime) -> bool:
    """Say from memory whether a record of this chassis can be completed."""
    with _lock:
        return any(due <= now for due in _open.get(chassis_id, {}).values())


def complete_flight_records(chassis_id: int, now: datetime) -> int:
    """Add the seconds after the event to the records whose time has come; return how many.

    Only those that this process began: another one's memory holds nothing of their seconds.
    """
    with _lock:
        mine = _open.get(chassis_id, {})
        due = [record for record, at in mine.items() if at <= now]
    for record in FlightRecord.objects.filter(pk__in=due):
        found = store.rows_around(chassis_id, record.at, BEFORE, AFTER)
        record.readings = with_later(record.readings, found)
        record.is_complete = True
        record.save(update_fields=["readings", "is_complete"])
    with _lock:
        for pk in due:
            mine.pop(pk, None)
    return len(due)


def flight_around(event: HardwareEvent) -> FlightRecord | None:
    """Return the record of an event: its own, or that of the same fault's first event."""
    own = FlightRecord.objects.filter(hardware_event=event).first()
    if own is not None or event.occurred_at is None or event.kind not in LOSS_KINDS:
        return own
    at = event.occurred_at
    near = FlightRecord.objects.filter(
        chassis_id=event.chassis_id, at__gte=at - ONE_FAULT, at__lte=at + ONE_FAULT
    )
    return near.order_by("at", "pk").first()


def _is_covered(chassis_id: int, number: int, at: datetime) -> bool:
    """Say whether the record of an earlier event tells of this one, too.

    From memory, as the event's commit waits for it. An event that comes again, because its commit failed,
    is not covered by the record that was lost with it.
    """
    earlier, when = _newest.get(chassis_id, (number, at))
    return earlier < number and abs(at - when) <= ONE_FAULT


def _note_open(chassis_id: int, record_id: int, due: datetime) -> None:
    with _lock:
        _open.setdefault(chassis_id, {})[record_id] = due
