"""The link over sessions: order, failing handlers, reconnecting, giving way. On the real clock."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from backplane.firmware_link.commands import OutgoingCommand, set_power
from backplane.firmware_link.delivery import NOTICE_TRIES
from backplane.firmware_link.errors import ContinuityLost, LinkRefused, PortMissing
from backplane.firmware_link.happenings import Cursor, JournalReason
from backplane.firmware_link.link import Link
from backplane.firmware_link.messages import IF_EVENT_ANY, ByeReason, Event, EventKind
from backplane.firmware_link.status import LinkState
from backplane.firmware_link.transport import Transport
from tests.support.live_board import LiveBoard, PluggedTransport
from tests.support.recording_handler import DiskFull, RecordingHandler, reached
from tests.support.scripted_board import RING, ScriptedBoard

pytestmark = pytest.mark.live


class Plug:
    """Where the link's port leads: to the board, or nowhere while it is pulled."""

    def __init__(self, live: LiveBoard) -> None:
        self.live = live
        self.is_pulled = False
        self.transports: list[PluggedTransport] = []
        self.failures: list[Exception] = []

    async def open(self, url: str, _data_dir: Path) -> Transport:
        if self.failures:
            raise self.failures.pop()
        if self.is_pulled:
            raise PortMissing(url, ())
        self.transports.append(PluggedTransport(self.live))
        return self.transports[-1]


class Rig:
    def __init__(self, tmp_path: Path) -> None:
        self.board = ScriptedBoard()
        self.live = LiveBoard(self.board)
        self.plug = Plug(self.live)
        self.handler = RecordingHandler()
        self.link = Link(
            "/dev/board", self.handler, data_dir=tmp_path, open_transport=self.plug.open
        )
        self.task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.task = asyncio.create_task(self.link.run())

    async def up(self) -> "Rig":
        if self.task is None:
            self.start()
        await reached(lambda: bool(self.handler.states))
        return self

    def command(self, number: int) -> OutgoingCommand:
        return OutgoingCommand(number, set_power(1, on=True), self.board.boot, 20_000, IF_EVENT_ANY)

    async def end(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    async def stop(self) -> None:
        await self.end()
        self.live.stop()


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    rig = Rig(tmp_path)
    yield rig
    await rig.stop()


async def test_events_states_telemetry_and_results_reach_the_handler(rig: Rig) -> None:
    await rig.up()
    rig.board.happen(EventKind.INSERT, 3)
    rig.link.send(rig.command(1))
    await reached(lambda: rig.board.acked == 1 and bool(rig.handler.results))
    assert [event.slot for event in rig.handler.events] == [3]
    assert rig.link.status.kind is LinkState.UP
    assert rig.link.counters.good > 0
    await reached(lambda: bool(rig.handler.telemetry))
    age_s = rig.link.age_s(rig.board.boot, rig.handler.events[0].uptime_ms)
    assert age_s is not None
    assert 0 <= age_s < 60


async def test_a_full_disk_means_no_ack_until_it_is_not_full(rig: Rig) -> None:
    await rig.up()
    rig.handler.fail("events_arrived", DiskFull(), DiskFull())
    rig.board.happen(EventKind.INSERT, 3)
    await reached(lambda: not rig.handler.failures["events_arrived"])
    assert rig.board.acked == 0
    assert rig.link.status.kind is LinkState.UP
    await reached(lambda: rig.board.acked == 1)
    assert len(rig.handler.events) == 1


@pytest.mark.parametrize(
    "method", ["journal_changed", "link_up", "state_reported", "telemetry_reported"]
)
async def test_a_handler_that_fails_once_does_not_stop_the_line(rig: Rig, method: str) -> None:
    rig.handler.fail(method, RuntimeError("a bug"))
    rig.start()
    await reached(lambda: not rig.handler.failures[method])
    rig.board.happen(EventKind.INSERT)
    await reached(lambda: rig.board.acked == 1)
    assert rig.task is not None
    assert not rig.task.done()


async def test_a_handler_that_cannot_admit_the_board_is_asked_again(rig: Rig) -> None:
    rig.handler.fail("greeted", RuntimeError("locked"), LinkRefused("Another chassis had this id."))
    await rig.up()
    kinds = [status.kind for status in rig.handler.downs]
    assert kinds == [LinkState.REFUSED, LinkState.REFUSED]
    assert rig.handler.downs[1].message == "Another chassis had this id."


async def test_a_contradiction_begins_a_new_journal(rig: Rig) -> None:
    await rig.up()
    rig.handler.fail("events_arrived", ContinuityLost())
    rig.board.happen(EventKind.INSERT)
    await reached(lambda: JournalReason.DUPLICATE_DIFFERS in rig.handler.reasons)
    rig.board.happen(EventKind.REMOVE)
    await reached(lambda: [event.kind for event in rig.handler.events] == [EventKind.REMOVE])


async def test_an_unplugged_board_comes_back_by_itself(rig: Rig) -> None:
    await rig.up()
    rig.link.send(rig.command(1))
    await reached(lambda: bool(rig.handler.results))
    rig.plug.is_pulled = True
    rig.plug.transports[-1].unplug()
    await reached(lambda: LinkState.NO_PORT in [status.kind for status in rig.handler.downs])
    assert rig.handler.downs[0].kind is LinkState.LOST
    rig.board.happen(EventKind.REMOVE)
    rig.plug.is_pulled = False
    await reached(lambda: len(rig.handler.ups) == 2 and rig.board.acked == 1)
    assert rig.link.counters.sessions == 2


async def test_a_reason_is_told_once_however_often_it_is_tried(rig: Rig) -> None:
    await rig.up()
    rig.plug.is_pulled = True
    rig.plug.transports[-1].unplug()
    await reached(lambda: len(rig.handler.downs) == 2)
    for _ in range(3):
        rig.link.resume()
        await asyncio.sleep(0.02)
    assert len(rig.handler.downs) == 2


async def test_a_gap_is_offered_again_until_it_is_recorded(rig: Rig) -> None:
    for _ in range(RING + 10):
        rig.board.happen(EventKind.INSERT)
    rig.board.acked = rig.board.sent = rig.board.first - 1
    rig.handler.cursor = Cursor(rig.board.journal, 2)
    rig.handler.fail("events_gone", DiskFull())
    rig.start()
    await reached(lambda: rig.board.acked == len(rig.board.events))
    assert rig.handler.gaps == [(rig.board.journal, 3, 11)]
    assert [event.number for event in rig.handler.events] == list(range(11, RING + 11))


async def test_a_partial_commit_is_acknowledged_and_the_rest_offered_again(rig: Rig) -> None:
    await rig.up()
    rig.handler.commits_at_most = 1
    for _ in range(3):
        rig.board.happen(EventKind.INSERT)
    await reached(lambda: rig.board.acked == 3)
    assert [event.number for event in rig.handler.events] == [1, 2, 3]


async def test_a_notice_that_fails_each_time_is_dropped_and_the_line_goes_on(rig: Rig) -> None:
    await rig.up()
    rig.handler.fail("command_done", *[RuntimeError("a bug")] * NOTICE_TRIES)
    rig.link.send(rig.command(1))
    rig.board.happen(EventKind.INSERT)
    await reached(lambda: rig.board.acked == 1)
    assert rig.handler.results == []


async def test_a_fresh_state_comes_when_it_is_asked_for(rig: Rig) -> None:
    await rig.up()
    rig.link.request_state()
    await reached(lambda: len(rig.handler.states) == 2)


async def test_an_opener_that_breaks_is_told_and_tried_again(rig: Rig) -> None:
    rig.plug.failures.append(RuntimeError("a bug"))
    await rig.up()
    assert rig.handler.downs[0].message == "/dev/board could not be opened: a bug"


async def test_a_superseded_link_stays_away_until_told(rig: Rig) -> None:
    await rig.up()
    rig.board.owner_epoch = 5
    rig.board.reboot()
    await reached(lambda: rig.link.status.kind is LinkState.SUPERSEDED)
    sessions = rig.link.counters.sessions
    rig.link.send(rig.command(9))
    await reached(lambda: bool(rig.handler.lost))
    assert rig.link.counters.sessions == sessions
    rig.handler.epoch = 6
    rig.link.resume()
    await reached(lambda: rig.link.status.kind is LinkState.UP)


async def test_a_command_without_a_link_is_reported_lost(rig: Rig) -> None:
    rig.plug.is_pulled = True
    rig.start()
    await reached(lambda: rig.link.status.kind is LinkState.NO_PORT)
    rig.link.send(rig.command(4))
    await reached(lambda: bool(rig.handler.lost))
    assert rig.handler.lost == [(4, "there is no link to the board")]


async def test_cancelling_says_bye_and_closes_the_port(rig: Rig) -> None:
    await rig.up()
    await rig.end()
    assert rig.plug.transports[-1].is_closed
    assert rig.board.byes == [ByeReason.GOING_AWAY]


async def test_another_installations_board_is_taken_only_when_confirmed(rig: Rig) -> None:
    rig.board.owner_host = 99
    rig.start()
    await reached(lambda: rig.link.status.kind is LinkState.OTHER_OWNER)
    assert "another installation" in rig.link.status.message
    rig.handler.take = True
    rig.link.resume()
    await rig.up()
    assert rig.board.owner_host == 7


async def test_events_that_wait_for_a_busy_handler_are_committed_together(rig: Rig) -> None:
    batches: list[int] = []
    is_free = asyncio.Event()

    class Busy(RecordingHandler):
        async def events_arrived(self, events: Sequence[Event]) -> Cursor | None:
            batches.append(len(events))
            await is_free.wait()
            return await super().events_arrived(events)

    rig.handler = Busy()
    rig.link = Link("/dev/board", rig.handler, data_dir=Path(), open_transport=rig.plug.open)
    await rig.up()
    rig.board.happen(EventKind.INSERT, 1)
    await reached(lambda: bool(batches))
    for slot in (2, 3, 4):  # a step for each, as a serial chip hands them on one by one
        rig.board.happen(EventKind.INSERT, slot)
        rig.live.step()
    is_free.set()
    await reached(lambda: rig.board.acked == 4)
    assert batches == [1, 3]
    assert [event.slot for event in rig.handler.events] == [1, 2, 3, 4]
