"""Durable event commits per second, one by one and batched, beside this disk's own fsync.

The floor appends what one commit appends to SQLite's log (a few pages) and calls fdatasync, in the
same run and on the same disk.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.report import Figure, table

TITLE = "Durable event commits"
_EVENTS = 400
_BATCH = 50
_PAGES_PER_COMMIT = 8  # what one event's commit adds to the write-ahead log
_PAGE = b"\0" * 4_120  # a page of 4,096 bytes with its frame header


def main() -> dict[str, float]:
    """Run it all in a throw-away DATA_DIR; returns events and syncs per second, and the ratio."""
    folder = Path(tempfile.mkdtemp(prefix="event-commits-", dir=os.environ.get("BENCH_DIR")))
    try:
        _set_up(folder)
        before = _syncs_per_second(folder)
        single, batched = _events_per_second(1), _events_per_second(_BATCH)
        floor = (before + _syncs_per_second(folder)) / 2
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "fsyncs_per_s": floor,
        "events_per_s_single": single,
        "events_per_s_batched": batched,
        "single_commit_vs_fsync": floor / single,
    }


def measure() -> list[Figure]:
    """Return the lines of the report."""
    seen = main()
    floor = f"this disk: {seen['fsyncs_per_s']:.0f} fdatasync/s of {_PAGES_PER_COMMIT} pages"
    ratio = f"{seen['single_commit_vs_fsync']:.1f} x the time of one fdatasync"
    return [
        Figure(
            "durable event commits, one a transaction",
            seen["events_per_s_single"],
            "/s",
            None,
            f"{floor}; {ratio}",
        ),
        Figure(
            f"durable events, {_BATCH} a transaction",
            seen["events_per_s_batched"],
            "/s",
            None,
            floor,
        ),
    ]


def _set_up(folder: Path) -> None:
    os.environ["DATA_DIR"] = str(folder)
    os.environ["DATABASE_URL"] = f"sqlite:///{folder / 'backplane.sqlite3'}"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backplane.settings")
    import django  # noqa: PLC0415  (the settings read the environment when they are imported)
    from django.core.management import call_command  # noqa: PLC0415

    django.setup()
    call_command("migrate", verbosity=0)


def _syncs_per_second(folder: Path) -> float:
    file = os.open(folder / "floor", os.O_CREAT | os.O_WRONLY | os.O_APPEND)

    def sync_all() -> None:
        for _ in range(_EVENTS):
            os.write(file, _PAGE * _PAGES_PER_COMMIT)
            os.fdatasync(file)

    try:
        return _EVENTS / _timed(sync_all)
    finally:
        os.close(file)


def _events_per_second(batch: int) -> float:
    from backplane.slots import services  # noqa: PLC0415
    from backplane.slots.facts import EventKind  # noqa: PLC0415
    from tests.support.slots import NOW, event, new_chassis  # noqa: PLC0415

    chassis = new_chassis()
    start = chassis.cursor or 0
    kinds = (EventKind.REMOVE, EventKind.INSERT)  # each one a transition
    events = [
        event(n, kinds[n % 2], slot=n % 10 + 1) for n in range(start + 1, start + _EVENTS + 1)
    ]
    batches = [events[at : at + batch] for at in range(0, _EVENTS, batch)]

    def record() -> None:
        for each in batches:
            services.record_hardware_events(chassis.pk, chassis.epoch, each, NOW)

    return _EVENTS / _timed(record)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    print(table(TITLE, measure()))
