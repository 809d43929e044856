"""Builders of records, and a source in memory, for tests of live state."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from backplane.live.alarms import AlarmRecord, alarm_view
from backplane.live.mailbox import Message
from backplane.live.records import (
    ChassisRecord,
    EventLine,
    LinkRecord,
    SlotRecord,
    Story,
    SwapBrief,
)
from backplane.live.seen import Reading, SlotSeen
from backplane.live.site_source import SiteAlarms
from backplane.live.source import Pulse
from backplane.live.visitor import Visitor
from backplane.slots.boards import Limits
from backplane.slots.facts import SlotFlag, SlotState

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LONG_AGO = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SENSES = SlotFlag.SENSES_PRESENCE | SlotFlag.HAS_HANDLE | SlotFlag.METER_WORKS
EMPTY = SENSES | SlotFlag.RAIL_BELOW_500_MV
SEATED = SENSES | SlotFlag.PRESENT | SlotFlag.HANDLE_CLOSED | SlotFlag.IDENTITY_READ
OFF = SEATED | SlotFlag.RAIL_BELOW_500_MV
RUNNING = SEATED | SlotFlag.RAIL_ON | SlotFlag.POWER_GOOD
GREEN = 0b001_001  # status green, on
LIMITS = Limits()


def seen(
    state: SlotState = SlotState.ACTIVE,
    flags: SlotFlag | None = RUNNING,
    **changes: Any,  # noqa: ANN401  (the fields of SlotSeen)
) -> SlotSeen:
    """Return slot 7, web-03: running and cool, but for `changes`."""
    usual = SlotSeen(7, state, flags, LONG_AGO, Reading(12_050, 380, 4_700, NOW), GREEN, "web-03")
    return replace(usual, **changes)


def chassis(revision: int = 5, slots: Iterable[SlotSeen] | None = None) -> ChassisRecord:
    """Return a chassis whose link is up; ten running slots unless told."""
    facts = list(slots) if slots is not None else [seen(number=n) for n in range(1, 11)]
    return ChassisRecord(
        id=1,
        slug="demo",
        name="Demo",
        location="Hall 2",
        revision=revision,
        is_simulated=True,
        board="Backplane reference, 10 slots",
        link=LinkRecord("up", "", LONG_AGO, is_up=True),
        limits=LIMITS,
        budget_mw=150_000,
        slots=tuple(SlotRecord(fact, revision) for fact in facts),
        seen_at=NOW,
    )


def with_slot(record: ChassisRecord, number: int, changed: SlotSeen) -> ChassisRecord:
    """Return the next revision of `record`, with one slot changed."""
    slots = tuple(
        replace(slot, seen=changed, revision=record.revision + 1)
        if slot.seen.number == number
        else slot
        for slot in record.slots
    )
    return replace(record, slots=slots, revision=record.revision + 1)


def body(message: Message) -> dict[str, Any]:
    """Return what a message says."""
    said: dict[str, Any] = json.loads(message["text"])
    return said


@dataclass
class MemorySource:
    """A Source over plain values; `reads` counts what was asked for."""

    records: dict[int, ChassisRecord] = field(default_factory=lambda: {1: chassis()})
    events: list[EventLine] = field(default_factory=list)
    alarms: dict[int, tuple[AlarmRecord, ...]] = field(default_factory=dict)
    swaps: tuple[SwapBrief, ...] = ()
    visitors: dict[str, Visitor] = field(
        default_factory=lambda: {"session-of-ana": Visitor(3, "ana", "viewer")}
    )
    reads: list[str] = field(default_factory=list)
    failures_left: int = 0

    async def find(self, slug: str) -> int | None:
        self._read("find")
        same = (r.id for r in self.records.values() if r.slug.casefold() == slug.casefold())
        return next(same, None)

    async def chassis(self, chassis_id: int) -> ChassisRecord | None:
        self._read("chassis")
        return self.records.get(chassis_id)

    def chassis_here(self, chassis_id: int) -> ChassisRecord | None:
        self._read("chassis here")
        return self.records.get(chassis_id)

    async def story(self, chassis_id: int) -> Story:
        self._read("story")
        return Story(self.alarms.get(chassis_id, ()), self.swaps, tuple(self.events))

    async def site_alarms(self, chassis_id: int | None = None) -> SiteAlarms:
        self._read("site_alarms")
        return {
            pk: [
                {**alarm_view(alarm, record.slug), "chassis": record.slug, "chassis_name": "Demo"}
                for alarm in self.alarms[pk]
            ]
            for pk, record in self.records.items()
            if self.alarms.get(pk) and chassis_id in (None, pk)
        }

    async def revisions(self) -> dict[int, int]:
        self._read("revisions")
        return {record.id: record.revision for record in self.records.values()}

    async def pulses(self, chassis_ids: Iterable[int]) -> dict[int, Pulse]:
        self._read("pulses")
        known = (self.records[n] for n in chassis_ids if n in self.records)
        return {record.id: Pulse(record.revision, record.seen_at) for record in known}

    async def visitor(self, session_key: str) -> Visitor | None:
        self._read("visitor")
        return self.visitors.get(session_key)

    async def close(self) -> None:
        self._read("close")

    def _read(self, what: str) -> None:
        self.reads.append(what)
        if self.failures_left and what != "close":
            self.failures_left -= 1
            raise OSError("the disk is away")
