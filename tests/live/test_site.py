"""The socket that hears of alarms anywhere: who may listen, what comes when, and what a lost message costs."""

import contextlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import pytest
from channels.layers import InMemoryChannelLayer

from backplane.live.alarms import AlarmKind, AlarmRecord
from backplane.live.hub import Hub
from backplane.live.pace import Pace
from backplane.live.visitor import Visitor
from backplane.people import access
from backplane.slots import notify
from backplane.slots.records import Change
from tests.support.asgi_socket import Socket, socket_of
from tests.support.live import NOW, MemorySource, chassis

NEVER = 3_600.0
CALM = Pace(poll_s=NEVER, beat_s=NEVER, sweep_s=NEVER, retry_s=0.01)
COOKIE = "sessionid=session-of-ana"
WRONG = AlarmRecord(6, AlarmKind.WRONG_PULL, NOW, "cache-01", (7,))


@contextlib.asynccontextmanager
async def running(source: MemorySource, pace: Pace = CALM) -> AsyncIterator[Hub]:
    hub = Hub(source, InMemoryChannelLayer(), pace, now=lambda: NOW)
    await hub.start()
    try:
        yield hub
    finally:
        await hub.stop()


def opened(
    cookie: str = COOKIE, origin: str = "http://localhost"
) -> AbstractAsyncContextManager[Socket]:
    return socket_of("/ws/site/", cookie, origin)


async def heard(browser: Socket) -> list[str]:
    """Return the alarms told next; that something moved is told beside them."""
    while (message := await browser.hear())["type"] == "moved":
        pass
    assert message["type"] == "alarms"
    return [alarm["text"] for alarm in message["alarms"]]


def pull_wrongly(source: MemorySource) -> Change:
    source.alarms[1] = (WRONG,)
    source.records[1] = chassis(revision=6)
    return Change(1, (6,), 6)


async def test_a_page_hears_of_an_alarm_and_of_its_end() -> None:
    source = MemorySource()
    async with running(source), opened() as browser:
        assert await browser.connect()
        assert await heard(browser) == []
        notify.changed(pull_wrongly(source))
        assert await heard(browser) == ["That was slot 6. Put cache-01 back in slot 6."]
        source.alarms.clear()
        notify.changed(Change(1, (6,), 7))
        assert await heard(browser) == []


async def test_an_alarm_that_is_on_is_told_at_connect_with_its_page() -> None:
    source = MemorySource()
    pull_wrongly(source)
    async with running(source), opened() as browser:
        assert await browser.connect()
        (alarm,) = (await browser.hear())["alarms"]
        assert (alarm["chassis"], alarm["chassis_name"]) == ("demo", "Demo")
        assert (alarm["slot"], alarm["wanted"], alarm["url"]) == (6, [7], "/c/demo/s/6/")


async def test_changes_without_an_alarm_are_not_told() -> None:
    source = MemorySource()
    async with running(source), opened() as browser:
        assert await browser.connect()
        await heard(browser)
        source.records[1] = replace(source.records[1], revision=9)
        notify.changed(Change(1, (3,), 9))
        assert await browser.hears_nothing()


async def test_a_lost_message_costs_a_poll() -> None:
    source = MemorySource()
    pace = replace(CALM, poll_s=0.01)
    async with running(source, pace), opened() as browser:
        assert await browser.connect()
        await heard(browser)
        pull_wrongly(source)  # and nobody is told
        assert len(await heard(browser)) == 1
        source.records.clear()  # the chassis is gone, and its alarm with it
        assert await heard(browser) == []


async def test_trouble_with_the_database_is_got_over(caplog: pytest.LogCaptureFixture) -> None:
    source = MemorySource()
    pace = replace(CALM, poll_s=0.01)
    async with running(source, pace), opened() as browser:
        assert await browser.connect()
        await heard(browser)
        change = pull_wrongly(source)
        source.failures_left = 2
        notify.changed(change)
        assert len(await heard(browser)) == 1


async def test_nothing_is_read_while_nobody_listens() -> None:
    source = MemorySource()
    async with running(source, replace(CALM, poll_s=0.005)) as hub:
        async with opened() as browser:
            assert await browser.connect()
            await heard(browser)
            assert len(hub.site.mailboxes) == 1
        assert not hub.site.mailboxes
        source.reads.clear()
        notify.changed(pull_wrongly(source))
        async with socket_of("/ws/chassis/demo/", COOKIE, "http://localhost") as other:
            assert await other.connect()
            await other.hear()
        assert not {"site_alarms", "revisions"} & set(source.reads)


async def test_beats_come_and_are_answered() -> None:
    pace = replace(CALM, beat_s=0.01)
    async with running(MemorySource(), pace), opened() as browser:
        assert await browser.connect()
        await heard(browser)
        assert (await browser.hear())["type"] == "beat"
        await browser.say('{"type": "beat"}')
        await browser.say('{"type": "snap?"}')
        while (message := await browser.hear())["type"] == "beat":
            pass
        assert message["type"] == "alarms"


@pytest.mark.parametrize(
    ("cookie", "code"), [("", 4401), ("sessionid=stolen", 4401), ("sessionid=session-of-eve", 4403)]
)
async def test_who_may_not_watch_racks_hears_no_alarms(cookie: str, code: int) -> None:
    source = MemorySource()
    source.visitors["session-of-eve"] = Visitor(9, "eve", None)
    async with running(source), opened(cookie) as browser:
        assert await browser.connect()
        assert await browser.close_code() == code


async def test_a_foreign_page_is_refused_before_accept() -> None:
    async with running(MemorySource()), opened(origin="https://evil.example") as browser:
        assert not await browser.connect()


async def test_signing_out_closes_the_socket() -> None:
    async with running(MemorySource()), opened() as browser:
        assert await browser.connect()
        await heard(browser)
        access.access_changed(3, "session-of-ana")
        assert await browser.close_code() == 4401


async def test_a_restart_says_so() -> None:
    async with contextlib.AsyncExitStack() as stack:
        hub = Hub(MemorySource(), InMemoryChannelLayer(), CALM, now=lambda: NOW)
        await hub.start()
        browser = await stack.enter_async_context(opened())
        assert await browser.connect()
        await heard(browser)
        await hub.stop()
        assert await browser.close_code() == 1012


async def test_that_something_moved_is_told_once_a_round_however_much_it_was() -> None:
    source = MemorySource()
    pace = Pace(poll_s=0.05, beat_s=NEVER, sweep_s=NEVER, retry_s=0.01)
    async with running(source, pace), opened() as browser:
        assert await browser.connect()
        assert await heard(browser) == []
        for revision in (6, 7, 8):
            source.records[1] = chassis(revision=revision)
            notify.changed(Change(1, (6,), revision))
        message = await browser.hear()
        assert set(message) == {"type", "server_time"}
        assert message["type"] == "moved"
        source.alarms[1] = (WRONG,)
        source.records[1] = chassis(revision=9)
        notify.changed(Change(1, (6,), 9))
        told = [(await browser.hear())["type"] for _ in range(2)]
        assert sorted(told) == ["alarms", "moved"]
