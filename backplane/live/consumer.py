"""One browser's socket: who may open it, what it may say, and how it ends. Never raises outward.

A plain ASGI application, not an AsyncConsumer: that would hop to a thread for every message and put one
more channel into the layer for every socket. Commands do not travel here.
"""

import asyncio
import contextlib
import functools
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.http import parse_cookie

from backplane.live import frames, hub
from backplane.live.hub import CLOSE_UNKNOWN_CHASSIS, Hub
from backplane.live.mailbox import Mailbox, Send
from backplane.live.origin import origin_is_ours
from backplane.live.visitor import Visitor
from backplane.live.watch import (
    CLOSE_ACCESS_CHANGED,
    CLOSE_NOT_SIGNED_IN,
    Watcher,
    refusal,
)

logger = logging.getLogger(__name__)

CLOSE_BAD_MESSAGE: Final = 4400
CLOSE_TROUBLE: Final = 1011  # RFC 6455: the server met an unexpected condition
_LONGEST_MESSAGE: Final = 1024  # characters; ours are 20 long
_MISTAKES_FORGIVEN: Final = 3

Receive = Callable[[], Awaitable[Mapping[str, Any]]]


class BadMessageError(Exception):
    """What a browser sent is none of ours; str() says why."""


async def live_socket(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Serve /ws/chassis/<slug>/ and /ws/site/: refuse, or tell everything about it until the end."""
    await receive()  # websocket.connect
    if not _comes_from_us(scope):
        await send({"type": "websocket.close"})  # before accept: an HTTP 403, with nothing said
        return
    # Every other refusal comes after accept: a browser sees a refused handshake as 1006, without a reason.
    await send({"type": "websocket.accept"})
    try:
        code = await _admit_and_follow(scope, receive, send)
    except Exception:  # the database, say; the browser comes back later
        logger.exception("A socket failed")
        code = CLOSE_TROUBLE
    if code is not None:
        await _close(send, code)


@dataclass(frozen=True, slots=True)
class _Visit:
    """Who wants to watch what; no slug is the whole site. `changes_heard` dates the look-up of the visitor."""

    slug: str | None
    session_key: str
    visitor: Visitor
    changes_heard: int


async def unknown_socket(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Refuse a socket of any other path."""
    await receive()
    logger.info("Refused a websocket of the unknown path %.200r", scope.get("path"))
    await send({"type": "websocket.close"})


async def _admit_and_follow(scope: Mapping[str, Any], receive: Receive, send: Send) -> int | None:
    running = await hub.ensure()
    changes_heard = running.watch.changes_heard
    session_key = _session_key(scope)
    visitor = await running.source.visitor(session_key) if session_key else None
    if visitor is None:
        return CLOSE_NOT_SIGNED_IN
    if (code := refusal(visitor)) is not None:
        return code
    slug = scope["url_route"]["kwargs"].get("slug")
    return await _follow(running, _Visit(slug, session_key, visitor, changes_heard), receive, send)


async def _close(send: Send, code: int) -> None:
    with contextlib.suppress(OSError):  # it went first
        await send({"type": "websocket.close", "code": code})


def _comes_from_us(scope: Mapping[str, Any]) -> bool:
    origin, host = _header(scope, b"origin"), _header(scope, b"host")
    if origin_is_ours(origin, host, settings.ALLOWED_HOSTS, settings.PUBLIC_URL):
        return True
    client = (scope.get("client") or ("?",))[0]
    logger.warning(
        "Refused a websocket from %s: its page is from %.200r, this is %.200r. "
        "If that page is ours, set PUBLIC_URL.",
        client,
        origin,
        host,
    )
    return False


def _header(scope: Mapping[str, Any], name: bytes) -> str:
    values = [value for key, value in scope["headers"] if key == name]
    return values[0].decode("latin-1") if len(values) == 1 else ""  # two origins are none


def _session_key(scope: Mapping[str, Any]) -> str:
    return parse_cookie(_header(scope, b"cookie")).get(settings.SESSION_COOKIE_NAME, "")


async def _follow(running: Hub, visit: _Visit, receive: Receive, send: Send) -> int | None:
    """Tell everything until either side ends; return the code to close with, if that is still to do."""
    if visit.slug is None:
        mailbox = await running.site.join()
        leave = functools.partial(running.site.leave, mailbox)
    else:
        joined = await running.join(visit.slug)
        if joined is None:
            return CLOSE_UNKNOWN_CHASSIS
        room, mailbox = joined
        leave = functools.partial(running.leave, room, mailbox)
    try:
        with running.watch.watching(visit.session_key, visit.visitor, mailbox) as watcher:
            if running.watch.changes_heard != visit.changes_heard:
                return CLOSE_ACCESS_CHANGED  # somebody's access changed while we looked this one up
            await _talk(watcher, receive, send)
    except OSError:
        logger.debug("A browser went away while it was told something")
    finally:
        await leave()
    return None


async def _talk(watcher: Watcher, receive: Receive, send: Send) -> None:
    listener = asyncio.create_task(_listen(watcher, receive), name="live socket")
    try:
        await watcher.mailbox.deliver(send)
    finally:
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)


async def _listen(watcher: Watcher, receive: Receive) -> None:
    mistakes_left = _MISTAKES_FORGIVEN
    try:
        while (event := await receive())["type"] != "websocket.disconnect":
            watcher.heard()
            try:
                _obey(event, watcher.mailbox)
            except BadMessageError as mistake:
                watcher.mailbox.put(frames.error(str(mistake)))
                mistakes_left -= 1
                if mistakes_left < 0:
                    watcher.mailbox.close(CLOSE_BAD_MESSAGE)
    finally:
        watcher.mailbox.end()


def _obey(event: Mapping[str, Any], mailbox: Mailbox) -> None:
    """Do what a browser asks. Raises BadMessageError."""
    match _message_type(event.get("text")):
        case "beat":
            pass  # that it came is all it says
        case "snap?":
            mailbox.ask_snapshot()
        case other:
            raise BadMessageError(
                f'Unknown message type {other!r:.80}; known are "beat" and "snap?".'
            )


def _message_type(text: str | None) -> object:
    if text is None:
        raise BadMessageError("Binary messages are not understood here; send JSON text.")
    if len(text) > _LONGEST_MESSAGE:
        raise BadMessageError(f"The message is longer than {_LONGEST_MESSAGE} characters.")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadMessageError("The message is not JSON.") from error
    if not isinstance(message, dict):
        raise BadMessageError('The message is not a JSON object with a "type".')
    return message.get("type")
