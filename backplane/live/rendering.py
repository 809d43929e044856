"""The one rendering of slots and chassis: dictionaries of plain JSON that pages, sockets and polling share.

Reads records, never the database and never the clock; the same input gives the same bytes for every reader.
docs/live-protocol.md names each key.
"""

from collections import Counter
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypedDict

from backplane.live.actions import ActionView, Situation, actions_of
from backplane.live.alarms import AlarmView, alarm_view
from backplane.live.faces import ICONS, WORDS, WORST_FIRST, Face, face_of
from backplane.live.lamps import Lamps, unpack_lamps
from backplane.live.moments import iso
from backplane.live.records import (
    ChassisRecord,
    EventLine,
    Locating,
    PendingCommand,
    SlotRecord,
    SwapBrief,
)
from backplane.live.rows import ComparedRow, FlagView, SeenRow, compared_rows, flags_of, seen_rows
from backplane.live.seen import Reading


class PendingView(TypedDict):
    id: int
    word: str
    at: str
    wait: str


class ReadingView(TypedDict):
    """The newest measurement: °C, W, V, A; null where not known. `reading_at` is when it was taken."""

    temp_c: float | None
    w: float | None
    v: float | None
    a: float | None
    reading_at: str | None


class SlotSwapView(TypedDict):
    id: int
    step: int
    word: str
    holder: str


class LocateView(TypedDict):
    by: str
    until: str


class SlotView(ReadingView):
    n: int
    state: str
    face: str
    word: str
    icon: str
    detail: str
    advice: str
    name: str
    since: str
    rev: int
    temp_limit_c: float
    lamps: Lamps | None
    flags: list[FlagView]
    own: bool
    locate: LocateView | None
    swap: SlotSwapView | None
    pending: PendingView | None
    actions: list[ActionView]
    seen: list[SeenRow]
    rows: list[ComparedRow]


class LinkView(TypedDict):
    state: str
    message: str
    since: str | None
    up: bool


class WarningView(TypedDict):
    key: str
    text: str


class SummaryView(TypedDict):
    """How many slots show one face."""

    key: str
    icon: str
    word: str
    count: int


class PowerView(TypedDict):
    """Watts drawn by the chassis (null: not known) and its budget (null: none given)."""

    used_w: float | None
    budget_w: float | None


class ChassisPart(TypedDict):
    """What of a chassis, beside its slots, a change can touch."""

    link: LinkView
    warnings: list[WarningView]
    summary: list[SummaryView]
    power: PowerView
    alarms: list[AlarmView]
    swaps: list[dict[str, Any]]  # the fields of SwapBrief


class ChassisView(ChassisPart):
    slug: str
    name: str
    location: str
    seq: int
    simulated: bool
    recorded: bool  # a recording speaks for it: nothing can be asked of it
    board: str
    slots: list[SlotView]


class EventView(TypedDict):
    id: str
    at: str
    slot: int | None
    icon: str
    text: str
    who: str


def slot_view(record: SlotRecord, chassis: ChassisRecord, now: datetime) -> SlotView:
    """Return the view of one slot of `chassis`."""
    seen = record.seen
    face = face_of(seen, chassis.limits, now)
    lamps = None
    if seen.is_known and seen.lights is not None:
        lamps = unpack_lamps(seen.lights, seen.lamps)
    pending = record.pending
    in_the_way = pending if pending and pending.is_power else None
    situation = Situation(chassis.link.is_up, in_the_way, chassis.link.is_replayed)
    return {
        "n": seen.number,
        "state": seen.state,
        "face": face.face.value,
        "word": face.word,
        "icon": face.icon,
        "detail": face.detail,
        "advice": face.advice,
        "name": seen.name,
        "since": iso(seen.since),
        "rev": record.revision,
        **reading_view(seen.reading if seen.is_known else Reading()),
        "temp_limit_c": chassis.limits.warn_temp_cdeg / 100,
        "lamps": lamps,
        "flags": flags_of(record),
        "own": record.is_own,
        "locate": _locate_view(record.locating) if record.locating else None,
        "swap": _swap_view(record.swap) if record.swap else None,
        "pending": _pending_view(pending) if pending else None,
        "actions": actions_of(seen, situation),
        "seen": seen_rows(record),
        "rows": compared_rows(record),
    }


def chassis_view(chassis: ChassisRecord, now: datetime) -> ChassisView:
    """Return the view of the whole chassis: what a page, a snapshot and a poll show."""
    slots = [slot_view(record, chassis, now) for record in chassis.slots]
    return {
        "slug": chassis.slug,
        "name": chassis.name,
        "location": chassis.location,
        "seq": chassis.revision,
        "simulated": chassis.is_simulated,
        "recorded": chassis.link.is_replayed,
        "board": chassis.board,
        **chassis_part(chassis, slots),
        "slots": slots,
    }


def chassis_part(chassis: ChassisRecord, slots: list[SlotView]) -> ChassisPart:
    """Return what of `chassis` can change beside its slots; `slots` are all of its slot views."""
    link = chassis.link
    return {
        "link": {
            "state": link.state,
            "message": link.message,
            "since": iso(link.since) if link.since else None,
            "up": link.is_up,
        },
        "warnings": _warnings(chassis),
        "summary": _summary(slots),
        "power": power_view(chassis, slots),
        "alarms": [alarm_view(alarm, chassis.slug) for alarm in chassis.alarms],
        "swaps": [asdict(swap) for swap in chassis.swaps],
    }


def power_view(chassis: ChassisRecord, slots: list[SlotView]) -> PowerView:
    """Return what the chassis draws: its own meter's word, else the sum of the slots whose draw is known."""
    budget_w = None if chassis.budget_mw is None else chassis.budget_mw / 1000
    if not chassis.link.is_up:
        return {"used_w": None, "budget_w": budget_w}
    used_w = chassis.supply.watts
    if used_w is None:
        known = [view["w"] for view in slots if view["w"] is not None]
        used_w = sum(known) if known else None
    return {"used_w": None if used_w is None else round(used_w, 1), "budget_w": budget_w}


def reading_view(reading: Reading) -> ReadingView:
    """Return a measurement in the units of the screen, rounded to what the sensors can tell."""
    watts = reading.watts
    return {
        "temp_c": None if reading.cdeg is None else round(reading.cdeg / 100, 1),
        "w": None if watts is None else round(watts, 1),
        "v": None if reading.mv is None else round(reading.mv / 1000, 2),
        "a": None if reading.ma is None else round(reading.ma / 1000, 2),
        "reading_at": iso(reading.at) if reading.at else None,
    }


def event_view(line: EventLine) -> EventView:
    """Return one line of history."""
    return {
        "id": line.id,
        "at": iso(line.at),
        "slot": line.slot,
        "icon": line.icon,
        "text": line.text,
        "who": line.who,
    }


def _pending_view(pending: PendingCommand) -> PendingView:
    return {"id": pending.id, "word": pending.word, "at": iso(pending.at), "wait": pending.wait}


def _locate_view(locating: Locating) -> LocateView:
    return {"by": locating.by, "until": iso(locating.until)}


def _swap_view(swap: SwapBrief) -> SlotSwapView:
    return {
        "id": swap.swap_id,
        "step": swap.step,
        "word": swap.step_word,
        "holder": swap.holder,
    }


def _summary(slots: list[SlotView]) -> list[SummaryView]:
    counts = Counter(Face(view["face"]) for view in slots)
    return [
        {"key": face.value, "icon": ICONS[face], "word": WORDS[face], "count": counts[face]}
        for face in WORST_FIRST
        if counts[face]
    ]


def _warnings(chassis: ChassisRecord) -> list[WarningView]:
    warnings: list[WarningView] = []
    if not chassis.link.is_up:
        text = chassis.link.message or "The backplane does not answer. Power stays as it was."
        warnings.append({"key": "link", "text": text})
    if not chassis.storage_is_ok:
        warnings.append(
            {
                "key": "storage",
                "text": "Events cannot be stored: the disk is full or read-only. They wait on the backplane. Free some space.",
            }
        )
    return warnings
