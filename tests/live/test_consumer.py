from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import pytest
from channels.layers import InMemoryChannelLayer

from backplane.live.hub import Hub
from backplane.live.pace import Pace
from backplane.live.visitor import Visitor
from backplane.people import access
from tests.support.asgi_socket import Socket, socket_of
from tests.support.live import MemorySource

NEVER = 3_600.0
CALM = Pace(poll_s=NEVER, beat_s=NEVER, sweep_s=NEVER)
PATH = "/ws/chassis/demo/"
COOKIE = "sessionid=session-of-ana"


@pytest.fixture
def source() -> MemorySource:
    return MemorySource()


@pytest.fixture
async def hub(source: MemorySource) -> AsyncIterator[Hub]:
    hub = Hub(source, InMemoryChannelLayer(), CALM)
    await hub.start()
    yield hub
    await hub.stop()


def opened(
    path: str = PATH, cookie: str = COOKIE, origin: str = "http://localhost"
) -> AbstractAsyncContextManager[Socket]:
    return socket_of(path, cookie, origin)


async def greeted(browser: Socket) -> None:
    assert await browser.connect()
    assert [(await browser.hear())["type"], (await browser.hear())["type"]] == ["hello", "snap"]


async def test_a_signed_in_viewer_is_told_everything(hub: Hub) -> None:
    async with opened() as browser:
        await greeted(browser)
        assert len(hub.watch) == 1
    assert len(hub.watch) == 0


@pytest.mark.parametrize(
    ("path", "cookie", "code"),
    [
        (PATH, "", 4401),
        (PATH, "sessionid=stolen", 4401),
        (PATH, "sessionid=session-of-eve", 4403),
        ("/ws/chassis/nowhere/", COOKIE, 4404),
    ],
)
async def test_refusals_come_after_accept_with_their_code(
    hub: Hub, source: MemorySource, path: str, cookie: str, code: int
) -> None:
    source.visitors["session-of-eve"] = Visitor(9, "eve", None)
    async with opened(path, cookie) as browser:
        assert await browser.connect()
        assert await browser.close_code() == code


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:3000", ""])
async def test_a_foreign_page_is_refused_before_accept_and_logged(
    hub: Hub, source: MemorySource, origin: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(origin=origin) as browser:
        assert not await browser.connect()
    assert source.reads == []
    assert "Refused a websocket" in caplog.text


async def test_another_path_is_refused(hub: Hub) -> None:
    async with opened("/ws/elsewhere/") as browser:
        assert not await browser.connect()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("[" * 1_000, "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"type": "power_off", "slot": 7}', "Unknown message type"),
        ("{}", "Unknown message type"),
        ('{"type": "' + "x" * 2_000 + '"}', "longer than"),
    ],
)
async def test_a_bad_message_is_answered_and_the_socket_lives_on(
    hub: Hub, text: str, words: str
) -> None:
    async with opened() as browser:
        await greeted(browser)
        await browser.say(text)
        answer = await browser.hear()
        assert answer["type"] == "error"
        assert words in answer["message"]
        await browser.say('{"type": "snap?"}')
        assert (await browser.hear())["type"] == "snap"


async def test_too_many_bad_messages_close_the_socket(hub: Hub) -> None:
    async with opened() as browser:
        await greeted(browser)
        for _ in range(4):
            await browser.say(data=b"\x00\xff")
        assert await browser.close_code() == 4400


async def test_a_session_that_ended_closes_its_sockets(hub: Hub, source: MemorySource) -> None:
    async with opened() as browser:
        await greeted(browser)
        source.visitors.clear()
        await hub.watch.sweep()
        assert await browser.close_code() == 4401


async def test_a_sweep_finds_who_was_moved_to_other_sites(hub: Hub, source: MemorySource) -> None:
    async with opened() as browser:
        await greeted(browser)
        source.visitors["session-of-ana"] = Visitor(3, "ana", "viewer", frozenset({7}))
        await hub.watch.sweep()
        assert await browser.close_code() == 4409


async def test_a_sweep_leaves_everybody_else_alone(hub: Hub) -> None:
    async with opened() as browser:
        await greeted(browser)
        await hub.watch.sweep()
        assert await browser.hears_nothing()


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (None, 4401),
        (Visitor(3, "ana", None), 4403),
        (Visitor(3, "ana", "operator"), 4409),
    ],
)
async def test_changed_access_closes_that_persons_sockets_at_once(
    hub: Hub, source: MemorySource, now: Visitor | None, code: int
) -> None:
    source.visitors["session-of-ben"] = Visitor(4, "ben", "viewer")
    async with opened() as ana, opened(cookie="sessionid=session-of-ben") as ben:
        await greeted(ana)
        await greeted(ben)
        if now is None:
            del source.visitors["session-of-ana"]
        else:
            source.visitors["session-of-ana"] = now
        access.access_changed(3)
        assert await ana.close_code() == code
        assert await ben.hears_nothing()


async def test_signing_out_closes_the_sockets_of_that_session_only(
    hub: Hub, source: MemorySource
) -> None:
    source.visitors["on-the-phone"] = source.visitors["session-of-ana"]
    async with opened() as desk, opened(cookie="sessionid=on-the-phone") as phone:
        await greeted(desk)
        await greeted(phone)
        access.access_changed(3, "session-of-ana")  # told before the session is deleted
        assert await desk.close_code() == 4401
        assert await phone.hears_nothing()


async def test_who_cannot_be_looked_up_is_not_let_stay(
    hub: Hub, source: MemorySource, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened() as browser:
        await greeted(browser)
        source.failures_left = 1
        access.access_changed(3)
        assert await browser.close_code() == 4401


async def test_trouble_with_the_database_closes_with_1011(
    hub: Hub, source: MemorySource, caplog: pytest.LogCaptureFixture
) -> None:
    source.failures_left = 1
    async with opened() as browser:
        assert await browser.connect()
        assert await browser.close_code() == 1011


async def test_a_browser_that_answers_no_beat_is_closed(source: MemorySource) -> None:
    pace = Pace(poll_s=NEVER, beat_s=0.01, answer_within_s=0.05, sweep_s=NEVER)
    hub = Hub(source, InMemoryChannelLayer(), pace)
    await hub.start()
    try:
        async with opened() as browser:
            await greeted(browser)
            assert await browser.close_code() == 4408
    finally:
        await hub.stop()
