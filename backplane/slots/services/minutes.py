"""Minutes of telemetry: written in one batch for all chassis that this process hears, read back, and let go of in time.

Nothing here is durable at all costs: what a crash takes is at most the minute that it came in, and shows as a hole.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from backplane.slots.durable import plain_transaction
from backplane.slots.models import Chassis, TelemetryMinute
from backplane.slots.rollups import Minute, Packed, Period, merged, minute_of, packed, unpacked
from backplane.slots.telemetry import store

MINUTE: Final = timedelta(minutes=1)
LET_GO_AT_ONCE: Final = 2_000  # rows: a backlog must not hold the database


def floor_of(moment: datetime) -> datetime:
    """Return the beginning of the minute of `moment`."""
    return moment.replace(second=0, microsecond=0)


def write_minute(minute: datetime) -> int:
    """Keep one whole minute of every chassis heard in it, in one insert; return how many rows. Twice is once.

    Raises StorageFull.
    """
    heard = {each: _readings_of(each, minute) for each in store.chassis_ids()}
    with plain_transaction():
        known = set(Chassis.objects.filter(pk__in=heard).values_list("pk", flat=True))
        rows = [
            TelemetryMinute(chassis_id=each, minute=minute, readings=readings)
            for each, readings in heard.items()
            if readings and each in known
        ]
        TelemetryMinute.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _readings_of(chassis_id: int, minute: datetime) -> dict[str, Packed]:
    found = store.between(chassis_id, minute, minute + MINUTE)
    return {str(slot): packed(minute_of(readings)) for slot, readings in found.items()}


def let_go_of_minutes(before: datetime) -> int:
    """Delete what is older, LET_GO_AT_ONCE rows at the most; return how many. Raises StorageFull."""
    with plain_transaction():
        old = TelemetryMinute.objects.filter(minute__lt=before).order_by("minute")
        ids = list(old.values_list("pk", flat=True)[:LET_GO_AT_ONCE])
        TelemetryMinute.objects.filter(pk__in=ids).delete()
    return len(ids)


def minutes_of(
    chassis_id: int, slot: int, since: datetime, until: datetime
) -> Iterator[tuple[datetime, Minute]]:
    """Yield the minutes of one slot (0: the supply) that began in [since, until), oldest first; holes are left out."""
    rows = TelemetryMinute.objects.filter(
        chassis_id=chassis_id, minute__gte=since, minute__lt=until
    ).order_by("minute")
    for minute, readings in rows.values_list("minute", "readings").iterator(chunk_size=500):
        if (row := readings.get(str(slot))) is not None:
            yield minute, unpacked(row)


def periods_of(
    chassis_id: int, since: datetime, width: timedelta, count: int, slot: int | None = None
) -> dict[int, list[Period | None]]:
    """Return `count` periods of `width` from `since` on, by slot (0: the supply); None: nothing was heard in it.

    `slot`: of this one alone, which takes a fraction of the time.
    """
    wanted = None if slot is None else str(slot)
    found: dict[int, list[Period | None]] = {}
    rows = TelemetryMinute.objects.filter(
        chassis_id=chassis_id, minute__gte=since, minute__lt=since + width * count
    ).order_by("minute")
    values = rows.values_list("minute", "readings").iterator(chunk_size=500)
    for index, some in groupby(values, lambda row: (row[0] - since) // width):
        heard: dict[int, list[Minute]] = {}
        for _, readings in some:
            for key, row in readings.items():
                if wanted in {None, key}:
                    heard.setdefault(int(key), []).append(unpacked(row))
        for number, minutes in heard.items():
            found.setdefault(number, [None] * count)[index] = merged(minutes)
    return found
