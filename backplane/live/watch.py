"""Who is connected, and whether they still may be: sessions end, roles change, peers vanish.

Closes sockets; never opens, renders or sends anything else.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from backplane.live.mailbox import Mailbox
from backplane.live.pace import Pace, every
from backplane.live.visitor import Visitor
from backplane.people import access

logger = logging.getLogger(__name__)

CLOSE_NOT_SIGNED_IN: Final = 4401
CLOSE_ROLE: Final = 4403
CLOSE_SILENT: Final = 4408
CLOSE_ACCESS_CHANGED: Final = 4409


class People(Protocol):
    """Where a session's person is looked up."""

    async def visitor(self, session_key: str) -> Visitor | None: ...


@dataclass(eq=False, slots=True)
class Watcher:
    """One open socket and who is behind it."""

    session_key: str
    visitor: Visitor
    mailbox: Mailbox
    heard_s: float

    def heard(self) -> None:
        """Note that the browser said something."""
        self.heard_s = asyncio.get_running_loop().time()


def refusal(visitor: Visitor | None) -> int | None:
    """Return the code to close with when `visitor` may not watch; None when they may."""
    if visitor is None:
        return CLOSE_NOT_SIGNED_IN
    return None if visitor.may_watch else CLOSE_ROLE


def _may_else(old: Visitor, new: Visitor) -> bool:
    return (old.role, old.reach) != (new.role, new.reach)


class Watch:
    """All open sockets of this process."""

    def __init__(self, people: People, pace: Pace) -> None:
        self._people = people
        self._pace = pace
        self._watchers: set[Watcher] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.changes_heard = 0  # who looked somebody up before this moved on must look again

    def __len__(self) -> int:
        return len(self._watchers)

    def __iter__(self) -> Iterator[Watcher]:
        return iter(self._watchers)

    def start(self) -> None:
        """Begin to look after sockets, in the running loop."""
        self._loop = asyncio.get_running_loop()
        self._spawn(every(self._pace.sweep_s, self.sweep))
        self._spawn(every(self._pace.beat_s, self._close_silent))
        access.subscribe(self._access_changed)

    async def stop(self) -> None:
        """Stop looking after sockets."""
        access.unsubscribe(self._access_changed)
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @contextlib.contextmanager
    def watching(self, session_key: str, visitor: Visitor, mailbox: Mailbox) -> Iterator[Watcher]:
        """Look after one socket while the block runs."""
        now_s = asyncio.get_running_loop().time()
        watcher = Watcher(session_key, visitor, mailbox, now_s)
        self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)

    async def sweep(self) -> None:
        """Look at every session again: expired ones, and changes made by other processes."""
        await self._check(list(self._watchers), _may_else)

    async def _check(
        self, watchers: Iterable[Watcher], is_changed: Callable[[Visitor, Visitor], bool]
    ) -> None:
        by_session: dict[str, list[Watcher]] = {}
        for watcher in watchers:
            by_session.setdefault(watcher.session_key, []).append(watcher)
        for session_key, group in by_session.items():
            visitor = await self._people.visitor(session_key)
            for watcher in group:
                code = refusal(visitor)
                if code is None and visitor and is_changed(watcher.visitor, visitor):
                    code = CLOSE_ACCESS_CHANGED
                if code is not None:
                    watcher.mailbox.close(code)

    async def _close_silent(self) -> None:
        oldest_s = asyncio.get_running_loop().time() - self._pace.answer_within_s
        for watcher in self._watchers:
            if watcher.heard_s < oldest_s:
                watcher.mailbox.close(CLOSE_SILENT)

    def _access_changed(self, user_id: int, session_key: str | None) -> None:
        """Hear of a change, in whatever thread committed it."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has closed, and its sockets with it
                self._loop.call_soon_threadsafe(self._check_person, user_id, session_key)

    def _check_person(self, user_id: int, session_key: str | None) -> None:
        self.changes_heard += 1
        concerned = [watcher for watcher in self._watchers if watcher.visitor.user_id == user_id]
        if session_key is None:
            self._spawn(self._check_or_close(concerned))
            return
        for watcher in concerned:  # not looked up: this is told just before the session is deleted
            if watcher.session_key == session_key:
                watcher.mailbox.close(CLOSE_NOT_SIGNED_IN)

    async def _check_or_close(self, watchers: list[Watcher]) -> None:
        try:
            await self._check(watchers, lambda _old, _new: True)
        except Exception:  # who cannot be checked is not let in
            logger.exception("Could not look up a person whose access changed; closing the sockets")
            for watcher in watchers:
                watcher.mailbox.close(CLOSE_NOT_SIGNED_IN)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
