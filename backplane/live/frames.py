"""The messages of the live protocol, each encoded once and shared by every socket.

docs/live-protocol.md is their description. Makes bytes-to-be, sends nothing.
"""

import json
from datetime import datetime
from typing import Any, Final

from backplane.live.alarms import SiteAlarmView
from backplane.live.mailbox import Message
from backplane.live.moments import iso
from backplane.live.rendering import ChassisPart, ChassisView, EventView, PowerView, SlotView

PROTOCOL: Final = 1


def hello(epoch: str, seq: int, now: datetime) -> Message:
    """Greet: which hub this is, where it stands, what time it is here."""
    return _frame(
        {
            "type": "hello",
            "protocol": PROTOCOL,
            "epoch": epoch,
            "seq": seq,
            "server_time": iso(now),
        }
    )


def snap(chassis: ChassisView, events: list[EventView]) -> Message:
    """Tell everything."""
    return _frame(snap_body(chassis, events))


def snap_body(chassis: ChassisView, events: list[EventView]) -> dict[str, Any]:
    """Return a snapshot before it is encoded: what polling answers."""
    return {"type": "snap", "seq": chassis["seq"], "chassis": chassis, "events": events}


def delta(
    seq: int, prev: int, slots: list[SlotView], part: ChassisPart, events: list[EventView]
) -> Message:
    """Tell what changed between revisions `prev` and `seq`; equal ones are a change without a revision."""
    return _frame(
        {
            "type": "delta",
            "seq": seq,
            "prev": prev,
            "slots": slots,
            "chassis": part,
            "events": events,
        }
    )


def tele(now: datetime, slots: list[dict[str, Any]], power: PowerView) -> Message:
    """Tell new readings."""
    return _frame({"type": "tele", "at": iso(now), "slots": slots, "power": power})


def beat(seq: int, now: datetime, heard_at: datetime | None) -> Message:
    """Show that this end lives, and how long ago the chassis was heard."""
    age_ms = None if heard_at is None else max(0, int((now - heard_at).total_seconds() * 1000))
    return _frame({"type": "beat", "seq": seq, "server_time": iso(now), "chassis_age_ms": age_ms})


def alarms(alarms: list[SiteAlarmView], now: datetime) -> Message:
    """Tell every alarm of the site; what is not among them is over."""
    return _frame({"type": "alarms", "alarms": alarms, "server_time": iso(now)})


def moved(now: datetime) -> Message:
    """Say that some chassis changed; which and how is for the page to ask."""
    return _frame({"type": "moved", "server_time": iso(now)})


def site_beat(now: datetime) -> Message:
    """Show that this end lives, on a socket that follows no chassis."""
    return _frame({"type": "beat", "server_time": iso(now)})


def error(message: str) -> Message:
    """Say what was wrong with a message of the browser's."""
    return _frame({"type": "error", "message": message})


def _frame(body: dict[str, Any]) -> Message:
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    return {"type": "websocket.send", "text": text}
