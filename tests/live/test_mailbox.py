import asyncio
from typing import Any

import pytest

from backplane.live.mailbox import Mailbox


class Socket:
    """The sending end of a socket that can stop taking messages, as a stalled phone does."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.may_take = asyncio.Event()
        self.may_take.set()

    async def send(self, message: Any) -> None:  # noqa: ANN401  (an ASGI message)
        await self.may_take.wait()
        self.sent.append(message)


def message(text: str) -> dict[str, str]:
    return {"type": "websocket.send", "text": text}


def texts(socket: Socket) -> list[str]:
    return [sent.get("text", sent.get("code")) for sent in socket.sent]


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_messages_arrive_in_order() -> None:
    socket, box = Socket(), Mailbox(lambda: message("snap"))
    delivery = asyncio.create_task(box.deliver(socket.send))
    for text in "abc":
        box.put(message(text))
        await settle()
    box.end()
    await delivery
    assert texts(socket) == ["a", "b", "c"]


async def test_a_full_mailbox_is_emptied_and_ends_in_one_snapshot() -> None:
    news = "old"
    socket, box = Socket(), Mailbox(lambda: message(f"snap {news}"), capacity=4)
    socket.may_take.clear()
    delivery = asyncio.create_task(box.deliver(socket.send))
    box.put(message("first"))
    await settle()  # "first" is on its way and stuck
    for number in range(100):
        box.put(message(str(number)))
    news = "new"
    socket.may_take.set()
    await settle()
    box.put(message("after"))
    await settle()
    box.end()
    await delivery
    assert texts(socket) == ["first", "snap new", "after"]
    assert box.dropped_count == 4


async def test_a_snapshot_asked_for_replaces_what_waits() -> None:
    socket, box = Socket(), Mailbox(lambda: message("snap"))
    box.put(message("stale"))
    box.ask_snapshot()
    delivery = asyncio.create_task(box.deliver(socket.send))
    await settle()
    box.end()
    await delivery
    assert texts(socket) == ["snap"]


async def test_closing_sends_what_waits_and_then_the_code_once() -> None:
    socket, box = Socket(), Mailbox(lambda: message("snap"))
    box.put(message("why"))
    box.close(4403)
    box.close(4401)
    box.put(message("late"))
    await box.deliver(socket.send)
    assert texts(socket) == ["why", 4403]


async def test_a_peer_too_slow_to_close_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backplane.live.mailbox._CLOSE_WITHIN_S", 0.01)
    socket, box = Socket(), Mailbox(lambda: message("snap"))
    socket.may_take.clear()
    delivery = asyncio.create_task(box.deliver(socket.send))
    box.put(message("stuck"))
    await settle()
    box.close(4408)
    await asyncio.wait_for(delivery, 10)
    assert socket.sent == []
