import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer

from backplane.live import hub as hubs
from backplane.live.alarms import AlarmKind, AlarmRecord
from backplane.live.hub import Hub
from backplane.live.mailbox import Mailbox
from backplane.live.pace import Pace
from backplane.live.records import ChassisRecord, EventLine
from backplane.live.relay import publish_telemetry
from backplane.slots import notify
from backplane.slots.facts import SlotFlag, SlotState
from backplane.slots.records import Change
from backplane.slots.telemetry import Reading
from tests.support.live import NOW, OFF, SENSES, MemorySource, body, chassis, seen, with_slot

NEVER = 3_600.0
CALM = Pace(poll_s=NEVER, beat_s=NEVER, telemetry_s=0.01, sweep_s=NEVER, retry_s=0.01)


@contextlib.asynccontextmanager
async def running_hub(source: MemorySource, pace: Pace = CALM) -> AsyncIterator[Hub]:
    hub = Hub(source, InMemoryChannelLayer(), pace, now=lambda: NOW)
    await hub.start()
    try:
        yield hub
    finally:
        await hub.stop()


class Browser:
    """What one browser hears."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.heard: list[dict[str, Any]] = []
        self.closed_with: int | None = None
        self.mailbox = mailbox
        self.task = asyncio.create_task(mailbox.deliver(self._take))

    async def _take(self, message: Any) -> None:  # noqa: ANN401  (an ASGI message)
        if message["type"] == "websocket.close":
            self.closed_with = message["code"]
        else:
            self.heard.append(body(message))

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.heard if message["type"] == kind]

    @property
    def seq(self) -> int:
        return int(self.heard[-1]["seq"])

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():  # noqa: ASYNC110  (conditions over what several tasks do)
                await asyncio.sleep(0.002)


@contextlib.asynccontextmanager
async def watching(hub: Hub, slug: str = "demo") -> AsyncIterator[Browser]:
    joined = await hub.join(slug)
    assert joined is not None
    room, mailbox = joined
    browser = Browser(mailbox)
    try:
        yield browser
    finally:
        mailbox.end()
        await browser.task
        await hub.leave(room, mailbox)


def switch_off(source: MemorySource) -> Change:
    source.records[1] = with_slot(source.records[1], 7, seen(SlotState.INACTIVE, OFF))
    return Change(1, (7,), source.records[1].revision)


async def test_a_committed_change_reaches_every_browser_by_one_read() -> None:
    source = MemorySource()
    async with running_hub(source) as hub, watching(hub) as ana, watching(hub, "DEMO") as ben:
        await ana.until(lambda: source.reads.count("story") == 2)  # the read after opening
        source.reads.clear()
        await asyncio.to_thread(notify.changed, switch_off(source))
        await ana.until(lambda: bool(ana.of("delta")) and bool(ben.of("delta")))
        assert ana.of("delta") == ben.of("delta")
        (delta,) = ana.of("delta")
        assert (delta["prev"], delta["seq"], delta["slots"][0]["face"]) == (5, 6, "off")
        await ana.until(lambda: "story" in source.reads)
        assert [read for read in source.reads if "chassis" in read] == ["chassis here"]
        assert source.reads.index("chassis here") < source.reads.index("story")


async def test_changes_in_a_burst_are_joined_by_reads_of_the_screens_thread() -> None:
    source = MemorySource()
    async with running_hub(source) as hub, watching(hub) as ana:
        await ana.until(lambda: source.reads.count("story") == 2)
        source.reads.clear()
        for state in (SlotState.INACTIVE, SlotState.NOT_INSTALLED) * 4:
            record = with_slot(source.records[1], 7, seen(state, OFF))
            source.records[1] = record
            await asyncio.to_thread(notify.changed, Change(1, (7,), record.revision))
        await ana.until(lambda: ana.seq == 13)
        assert source.reads.count("chassis here") <= 3  # a busy machine may stretch the burst
        assert next(delta["prev"] for delta in ana.of("delta")) == 5


async def test_a_read_that_fails_where_it_was_committed_is_done_by_the_screens_thread() -> None:
    source = MemorySource()
    async with running_hub(source) as hub, watching(hub) as ana:
        await ana.until(lambda: source.reads.count("story") == 2)
        source.reads.clear()
        source.failures_left = 1
        await asyncio.to_thread(notify.changed, switch_off(source))
        await ana.until(lambda: bool(ana.of("delta")))
        assert source.reads[:2] == ["chassis here", "chassis"]


async def test_what_nobody_watches_is_not_read_where_it_is_committed() -> None:
    source = MemorySource()
    async with running_hub(source):
        await asyncio.to_thread(notify.changed, switch_off(source))
        assert source.reads == []


class Restless(MemorySource):
    """Chassis 2 changes again whenever it is read."""

    hub: Hub | None = None

    async def chassis(self, chassis_id: int) -> ChassisRecord | None:
        if chassis_id == 2 and self.hub is not None:
            self.hub.change(2)
            await asyncio.sleep(0.001)
        return await super().chassis(chassis_id)


async def test_a_chassis_that_never_rests_keeps_no_alarm_of_another_waiting() -> None:
    source = Restless(records={1: chassis(), 2: replace(chassis(), id=2, slug="other")})
    async with running_hub(source) as hub, watching(hub) as ana, watching(hub, "other"):
        await ana.until(lambda: source.reads.count("story") == 4)
        source.hub = hub
        hub.change(2)
        alarmed = seen(SlotState.NOT_INSTALLED, SENSES | SlotFlag.ALARM)
        source.records[1] = with_slot(source.records[1], 7, alarmed)
        source.alarms[1] = (AlarmRecord(7, AlarmKind.SURPRISE, NOW, "web-03"),)
        await asyncio.to_thread(notify.changed, Change(1, (7,), source.records[1].revision))
        await ana.until(lambda: any(delta["chassis"]["alarms"] for delta in ana.of("delta")))


async def test_a_late_joiner_starts_from_the_newest_truth() -> None:
    source = MemorySource()
    async with running_hub(source) as hub, watching(hub) as ana:
        notify.changed(switch_off(source))
        await ana.until(lambda: bool(ana.of("delta")))
        async with watching(hub) as ben:
            await ben.until(lambda: bool(ben.of("snap")))
            assert [message["type"] for message in ben.heard] == ["hello", "snap"]
            assert ben.of("hello")[0]["epoch"] == hub.id
            assert ben.of("snap")[0]["seq"] == 6


async def test_what_is_committed_while_a_room_opens_is_not_missed() -> None:
    source = MemorySource()
    slow = asyncio.Event()
    old = source.records[1]

    class SlowSource(MemorySource):
        async def chassis(self, chassis_id: int) -> Any:  # noqa: ANN401  (as the parent)
            if not slow.is_set():
                slow.set()
                notify.changed(switch_off(self))
                await asyncio.sleep(0.01)
                return old  # what the read had seen before the commit
            return await super().chassis(chassis_id)

    async with running_hub(SlowSource()) as hub, watching(hub) as ana:
        await ana.until(lambda: bool(ana.of("delta")))
        assert ana.of("snap")[0]["seq"] == 5
        assert ana.of("delta")[0]["seq"] == 6


async def test_a_lost_message_costs_a_poll() -> None:
    source = MemorySource()
    pace = Pace(poll_s=0.01, beat_s=NEVER, sweep_s=NEVER)
    async with running_hub(source, pace) as hub, watching(hub) as ana:
        switch_off(source)  # and nobody is told
        await ana.until(lambda: bool(ana.of("delta")))
        assert ana.of("delta")[0]["seq"] == 6


async def test_a_failing_database_is_asked_again(caplog: pytest.LogCaptureFixture) -> None:
    source = MemorySource()
    pace = Pace(poll_s=0.01, beat_s=NEVER, sweep_s=NEVER)
    async with running_hub(source, pace) as hub, watching(hub) as ana:
        source.failures_left = 3
        notify.changed(switch_off(source))
        await ana.until(lambda: bool(ana.of("delta")))
    assert "the disk is away" in caplog.text


async def test_readings_of_a_link_are_gathered_and_told() -> None:
    async with running_hub(MemorySource()) as hub, watching(hub) as ana:
        for tenth in range(5):
            at = NOW + timedelta(milliseconds=tenth)
            reading = Reading(12_000, 300 + tenth, 4_800)
            await asyncio.to_thread(publish_telemetry, 1, {7: reading}, at)
        await ana.until(lambda: bool(ana.of("tele")))
        await ana.until(lambda: ana.of("tele")[-1]["slots"][0]["w"] == 3.6)
        assert ana.of("delta") == []


async def test_readings_without_a_relay_go_nowhere() -> None:
    publish_telemetry(1, {7: Reading(12_000, 300, 4_800)}, NOW)


async def test_history_follows_the_change() -> None:
    source = MemorySource()
    async with running_hub(source) as hub, watching(hub) as ana:
        source.events.append(EventLine("h1", NOW, 7, "off", "Power went off on command."))
        notify.changed(switch_off(source))
        await ana.until(lambda: any(delta["events"] for delta in ana.of("delta")))
        first, second = ana.of("delta")
        assert (first["slots"][0]["face"], first["events"]) == ("off", [])
        assert (second["slots"], [line["id"] for line in second["events"]]) == ([], ["h1"])
        assert (second["prev"], second["seq"]) == (6, 6)


async def test_beats_come_by_themselves() -> None:
    pace = Pace(poll_s=NEVER, beat_s=0.01, sweep_s=NEVER)
    async with running_hub(MemorySource(), pace) as hub, watching(hub) as ana:
        await ana.until(lambda: len(ana.of("beat")) >= 2)
        assert ana.of("beat")[0]["seq"] == 5


async def test_a_stalled_reader_slows_nobody_and_catches_up_by_a_snapshot() -> None:
    source = MemorySource()
    async with running_hub(source) as hub, watching(hub) as ana:
        joined = await hub.join("demo")
        assert joined is not None
        room, stalled = joined
        revisions = list(range(6, 6 + 200))
        for revision in revisions:
            source.records[1] = chassis(revision)
            hub.change(1)
            await ana.until(lambda: bool(ana.of("delta")) and ana.seq == source.records[1].revision)
        assert [delta["seq"] for delta in ana.of("delta")] == revisions
        late = Browser(stalled)
        await late.until(lambda: bool(late.heard))
        stalled.end()
        await late.task
        await hub.leave(room, stalled)
        assert [message["type"] for message in late.heard] == ["snap"]
        assert late.heard[0]["seq"] == revisions[-1]


async def test_a_chassis_that_is_deleted_closes_its_sockets() -> None:
    source = MemorySource()
    async with running_hub(source) as hub, watching(hub) as ana:
        del source.records[1]
        hub.change(1)
        await ana.until(lambda: ana.closed_with is not None)
        assert ana.closed_with == 4404


async def test_an_unknown_chassis_has_no_room() -> None:
    async with running_hub(MemorySource()) as hub:
        assert await hub.join("nowhere") is None


async def test_a_room_that_nobody_watches_reads_nothing() -> None:
    source = MemorySource()
    async with running_hub(source, Pace(poll_s=0.005, beat_s=NEVER, sweep_s=NEVER)) as hub:
        async with watching(hub) as ana:
            await ana.until(lambda: bool(ana.of("snap")))
        await asyncio.sleep(0.01)
        source.reads.clear()
        notify.changed(switch_off(source))
        await asyncio.sleep(0.05)
        assert source.reads == []


async def test_stopping_tells_the_browsers_to_come_back() -> None:
    async with running_hub(MemorySource()) as hub:
        joined = await hub.join("demo")
        assert joined is not None
        browser = Browser(joined[1])
    await browser.task
    assert browser.closed_with == 1012
    assert hubs.current() is None
