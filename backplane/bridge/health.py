"""Tells the slots' side how the link does: its counters as they stand now, and why its board started last."""

from datetime import datetime, timedelta

from backplane.firmware_link.link import Link
from backplane.firmware_link.messages import Hello
from backplane.firmware_link.status import LinkCounters
from backplane.slots.link_health import BoardStart, LinkSample, store


def note_health(chassis_id: int, link: Link, *, is_up: bool, boot: int, now: datetime) -> None:
    """Keep a sample of the link; what only a live one knows is not known while it is not up."""
    store.put(chassis_id, sample_of(link.counters, is_up=is_up, boot=boot, now=now))


def sample_of(counters: LinkCounters, *, is_up: bool, boot: int, now: datetime) -> LinkSample:
    """Return the counters as they stand."""
    return LinkSample(
        at=now,
        is_up=is_up,
        good=counters.good,
        bad=counters.bad + counters.malformed,
        lost=counters.lost,
        resent=counters.resent,
        sessions=counters.sessions,
        boot=boot,
        round_trip_ms=counters.round_trip_ms if is_up else None,
        clock_offset_ms=counters.clock_offset_ms if is_up else None,
    )


def note_start(chassis_id: int, hello: Hello, now: datetime) -> None:
    """Keep what the board said of its last start."""
    began_at = now - timedelta(milliseconds=hello.uptime_ms)
    store.note_start(chassis_id, BoardStart(hello.reset_cause, hello.boot, began_at))
