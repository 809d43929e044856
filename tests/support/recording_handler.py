"""A LinkHandler that keeps what it is told, and fails where a test says so."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from backplane.firmware_link.happenings import Admission, BoardState, Cursor, JournalReason
from backplane.firmware_link.messages import Event, Hello, Result, Telemetry
from backplane.firmware_link.status import LinkStatus

LIMIT_S = 20.0  # generous: the machine may be busy


class DiskFull(Exception):  # noqa: N818  (named for what happened)
    pass


@dataclass
class RecordingHandler:
    cursor: Cursor | None = None
    events: list[Event] = field(default_factory=list)
    gaps: list[tuple[int, int, int]] = field(default_factory=list)
    reasons: list[JournalReason] = field(default_factory=list)
    states: list[BoardState] = field(default_factory=list)
    telemetry: list[Telemetry] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    lost: list[tuple[int, str]] = field(default_factory=list)
    ups: list[Hello] = field(default_factory=list)
    downs: list[LinkStatus] = field(default_factory=list)
    failures: dict[str, list[Exception]] = field(default_factory=dict)
    commits_at_most: int | None = None
    take: bool = False
    epoch: int = 1

    def fail(self, method: str, *errors: Exception) -> None:
        """The next calls of `method` raise these, one each."""
        self.failures.setdefault(method, []).extend(errors)

    def _maybe_fail(self, method: str) -> None:
        if self.failures.get(method):
            raise self.failures[method].pop(0)

    async def greeted(self, hello: Hello, port: str) -> Admission:
        self._maybe_fail("greeted")
        return Admission(7, self.epoch, self.cursor, take=self.take)

    async def events_arrived(self, events: Sequence[Event]) -> Cursor | None:
        self._maybe_fail("events_arrived")
        events = events[: self.commits_at_most]
        self.events.extend(events)
        self.cursor = Cursor(events[-1].journal, events[-1].number)
        return self.cursor

    async def events_gone(self, journal: int, missing_from: int, first_held: int) -> Cursor:
        self._maybe_fail("events_gone")
        self.gaps.append((journal, missing_from, first_held))
        self.cursor = Cursor(journal, first_held - 1)
        return self.cursor

    async def journal_changed(self, hello: Hello, reason: JournalReason) -> Cursor | None:
        self._maybe_fail("journal_changed")
        self.reasons.append(reason)
        return None

    async def state_reported(self, state: BoardState) -> None:
        self._maybe_fail("state_reported")
        self.states.append(state)

    def telemetry_reported(self, telemetry: Telemetry) -> None:
        self._maybe_fail("telemetry_reported")
        self.telemetry.append(telemetry)

    async def command_done(self, result: Result) -> None:
        self._maybe_fail("command_done")
        self.results.append(result)

    async def command_lost(self, command_id: int, why: str) -> None:
        self._maybe_fail("command_lost")
        self.lost.append((command_id, why))

    async def link_up(self, hello: Hello) -> None:
        self._maybe_fail("link_up")
        self.ups.append(hello)

    async def link_down(self, status: LinkStatus) -> None:
        self._maybe_fail("link_down")
        self.downs.append(status)


async def reached(condition: Callable[[], bool], *, limit_s: float = LIMIT_S) -> None:
    """Waits until it is so; fails after a generous limit."""
    async with asyncio.timeout(limit_s):
        while not condition():  # noqa: ASYNC110  (a test's condition is no event of anybody)
            await asyncio.sleep(0.005)
