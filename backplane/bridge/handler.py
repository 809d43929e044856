"""What a link's news do to the database: one handler per port, awaited in order by the link.

Every method hands records to slots.services on the link's own thread. Nothing here sends a command.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from backplane.bridge import convert
from backplane.bridge.database_thread import DatabaseThread
from backplane.bridge.health import note_start
from backplane.bridge.lease import Lease, TakenHere
from backplane.bridge.moment import utc_now
from backplane.bridge.peaks import PeakBook
from backplane.bridge.questions import (
    IDENTITY,
    Answers,
    Questions,
    all_questions,
    is_question,
    questions_about,
    sorted_answers,
)
from backplane.bridge.updates import UpdateDesk, is_update
from backplane.firmware_link.codes import EventKind
from backplane.firmware_link.errors import ContinuityLost
from backplane.firmware_link.happenings import BoardState, Cursor, JournalReason
from backplane.firmware_link.link import Admission
from backplane.firmware_link.messages import Event, Hello, Result, Telemetry
from backplane.firmware_link.status import LinkStatus
from backplane.slots import services
from backplane.slots.errors import (
    DuplicateDiffers,
    NotInSequence,
    StaleGeneration,
    StorageFull,
)
from backplane.slots.records import CommitResult, EventRecord, GapRecord, StateRecord
from backplane.slots.telemetry import Reading, store

logger = logging.getLogger(__name__)

_LOOK_AGAIN_S = 4.0  # for a carrier that did not answer; the board says STATE each 5 s
_SCREENS_FIRST_S = (
    0.008  # reading and rendering a chassis takes 4 to 6 ms here (docs/performance.md)
)

AgeOf = Callable[[int, int], float | None]
TelemetryListener = Callable[[int, dict[int, Reading], datetime], None]


class ChassisHandler:
    """Implements firmware_link's LinkHandler for the chassis that answers on one port."""

    def __init__(
        self,
        port_url: str,
        thread: DatabaseThread,
        on_telemetry: TelemetryListener,
        taken_here: TakenHere | None = None,
    ) -> None:
        self.port_url = port_url
        self.lease = Lease(port_url, thread, taken_here)
        self.boot = 0
        self.is_up = False
        self.questions = Questions()
        self.updates = UpdateDesk()
        self.peaks = PeakBook()
        self.age_of: AgeOf = lambda _boot, _uptime_ms: (
            None
        )  # the link's clock, once there is a link
        self._owes_a_look = True  # carriers are to be read once the slots are known
        self._looked_at: tuple[int, int] = (0, 0)  # journal and cursor of the last such look
        self._look_from_s = float("-inf")  # no sooner than that
        self._committed_at_s = float("-inf")
        self._hello: Hello | None = None  # of the board that took us for its owner
        self._thread = thread
        self._on_telemetry = on_telemetry

    # -- who we are to the board ----------------------------------------------
    async def greeted(self, hello: Hello, port: str) -> Admission:
        """Say who we are to this board; raises LinkRefused for one that is not this chassis's."""
        del port  # the chassis remembers the URL we were given
        return await self.lease.admit(hello, utc_now())

    async def link_up(self, hello: Hello) -> None:
        self.boot, self.is_up, self._hello = hello.boot, False, hello
        self._owes_a_look, self._look_from_s = True, float("-inf")
        await self._come_up()

    async def _come_up(self) -> None:
        """Note the link, unless it is noted: a database that was full is asked again with each STATE."""
        if self._hello is None or self.is_up:
            return
        facts = convert.hello_facts(self._hello)
        await self._thread.run(services.link_restored, *self.lease.key, facts, utc_now())
        note_start(self.lease.key[0], self._hello, utc_now())
        self.is_up = True
        self.updates.link_up(self.boot)
        self.questions.ask(self.boot, all_questions(facts.slot_count))

    async def link_down(self, status: LinkStatus) -> None:
        self.is_up, self._hello = False, None
        self.questions.drop()
        self.updates.link_down()
        kind, message = status.kind.value, status.message
        if not self.lease.is_held:
            url = self.port_url
            await self._thread.run(services.set_port_status, url, kind, message, utc_now())
            return
        try:
            await self._thread.run(
                services.link_lost, *self.lease.key, message, utc_now(), state=kind
            )
        except StaleGeneration as error:
            logger.info("%s: %s", self.port_url, error)  # its holder tells how the chassis is

    # -- events ---------------------------------------------------------------
    async def events_arrived(self, events: Sequence[Event]) -> Cursor | None:
        """Commit durably and return the new cursor; None: not now, the board keeps the events."""
        records = [self._dated(event) for event in events]
        try:
            result = await self._thread.run(
                services.record_hardware_events, *self.lease.key, records, utc_now()
            )
        except DuplicateDiffers as error:
            raise ContinuityLost(str(error)) from error
        except NotInSequence as error:
            logger.warning("%s: %s", self.port_url, error)
            return await self._thread.run(self.lease.cursor)
        except StorageFull as error:
            logger.error("%s: %s", self.port_url, error)  # noqa: TRY400  (a sentence for people; a trace each second would bury it)
            return None
        self._committed_at_s = time.monotonic()
        for event in events:
            self._follow(event)
        return _cursor(result)

    def _follow(self, event: Event) -> None:
        """Do what a recorded event asks of this process's own memory."""
        if event.kind == EventKind.CONFIG:
            self._ask_about(event.value, event.slot)
        elif event.kind in {EventKind.REMOVE, EventKind.TRIP}:
            self.peaks.forget(event.slot)

    async def events_gone(self, journal: int, missing_from: int, first_held: int) -> Cursor:
        """Record what the board overwrote before we could take it."""
        reason = "The board overwrote these events before they could be recorded."
        gap = GapRecord(self.lease.board_id, journal, missing_from, first_held - 1, reason)
        result = await self._thread.run(
            services.record_gap, *self.lease.key, gap, first_held - 1, utc_now()
        )
        self._look_again()
        return _cursor(result)

    async def journal_changed(self, hello: Hello, reason: str) -> Cursor | None:
        """Begin at the start of a new journal; what the old one still held is a gap."""
        old = await self._thread.run(self.lease.cursor)
        if old is None or reason == JournalReason.FIRST_CONTACT:
            return Cursor(hello.journal, hello.first - 1)
        gap = GapRecord(self.lease.board_id, old.journal, old.number + 1, None, reason)
        result = await self._thread.run(
            services.start_new_journal, *self.lease.key, gap, hello.journal, utc_now()
        )
        logger.warning(
            "%s: %s; events of the old one after %s are not known.",
            self.port_url,
            reason,
            old.number,
        )
        self._look_again()
        return _cursor(result)

    def _look_again(self) -> None:
        """Ask anew for all that only events tell: some of them will never come."""
        self._owes_a_look, self._look_from_s = True, float("-inf")
        if self.is_up and self._hello is not None:
            self.questions.ask(self.boot, all_questions(self._hello.slots))

    def _dated(self, event: Event) -> EventRecord:
        record = convert.event_record(event, self.lease.board_id)
        age_s = self.age_of(event.boot, event.uptime_ms)
        if age_s is None:
            return record  # a boot that no host saw has bounds, not a time
        return replace(record, occurred_at=utc_now() - timedelta(seconds=age_s))

    # -- what is seen now -----------------------------------------------------
    async def state_reported(self, state: BoardState) -> None:
        await self._come_up()
        await self._let_screens_go_first()
        readings = tuple(convert.reading_record(reading) for reading in state.readings)
        record = StateRecord(state.journal, state.as_of_event, readings)
        await self._thread.run(services.apply_state, *self.lease.key, record, utc_now())
        is_time = asyncio.get_running_loop().time() >= self._look_from_s
        if self._owes_a_look and self.is_up and is_time:
            await self._look_at_carriers()

    async def _look_at_carriers(self) -> None:
        """Ask which carriers stand there, once the slots are known: events that told it may be lost."""
        chassis_id, _ = self.lease.key
        look = await self._thread.run(services.carriers_to_read, chassis_id)
        if look is None:
            return
        self._owes_a_look = look.is_open
        self._look_from_s = asyncio.get_running_loop().time() + _LOOK_AGAIN_S
        self._looked_at = look.journal, look.cursor
        asked = [(IDENTITY, slot) for slot in look.slots]
        self.questions.ask(self.boot, asked, if_event=look.cursor)

    async def _let_screens_go_first(self) -> None:
        """Wait a moment after an event: its STATE follows at once, and both would share one interpreter.

        The screens need the event; what STATE adds (lamps, volts) may come some milliseconds later.
        """
        left_s = self._committed_at_s + _SCREENS_FIRST_S - time.monotonic()
        if left_s > 0:
            await asyncio.sleep(left_s)

    def telemetry_reported(self, telemetry: Telemetry) -> None:
        """Keep readings in memory and pass them on; nothing at this rate touches the database."""
        if not self.is_up:
            return  # heard while only listening: whose chassis this is, is not settled yet
        now = utc_now()
        chassis_id, _ = self.lease.key
        readings = convert.telemetry_readings(telemetry.readings)
        store.put_all(chassis_id, readings, now)
        self.peaks.note(readings)
        self._on_telemetry(chassis_id, readings, now)

    # -- answers --------------------------------------------------------------
    async def command_done(self, result: Result) -> None:
        if is_question(result.id):
            await self._note_answer(result.id, result)
            return
        if is_update(result.id):
            self.updates.answered(result.id, result)
            return
        chassis_id, _ = self.lease.key
        await self._thread.run(
            services.finish_command, chassis_id, result.id, int(result.code), utc_now()
        )
        self._read_again(result.id)

    async def command_lost(self, command_id: int, why: str) -> None:
        if is_question(command_id):
            await self._note_answer(command_id, None)
            return
        if is_update(command_id):
            self.updates.answered(command_id, None)
            return
        chassis_id, _ = self.lease.key
        outcome = f"No answer came: {why}. Look at the slot to see whether it was done."
        await self._thread.run(services.lose_command, chassis_id, command_id, outcome, utc_now())
        self._read_again(command_id)

    def _read_again(self, command_id: int) -> None:
        """Ask about the setting that a command was to change: the board tells only what did change."""
        if (setting := self.questions.changed(command_id)) is not None:
            self._ask_about(*setting)

    async def _note_answer(self, wire_id: int, result: Result | None) -> None:
        if answers := self.questions.take(wire_id, result):
            await self._note_answers(answers)

    async def _note_answers(self, answers: Answers) -> None:
        settings, carriers = sorted_answers(answers)
        chassis_id, _ = self.lease.key
        if settings:
            await self._thread.run(services.note_config, chassis_id, settings, utc_now())
        if any(key == IDENTITY and answer is None for (key, _), answer in answers.items()):
            self._owes_a_look = True  # it did not answer, or its slot had news: ask once more
        if carriers:
            look = services.Look(*self._looked_at, tuple(carriers))
            await self._thread.run(services.note_carriers, chassis_id, look, carriers, utc_now())

    def _ask_about(self, key: int, slot: int) -> None:
        if self.is_up and self._hello is not None:
            self.questions.ask(self.boot, questions_about(key, slot, self._hello.slots))


def _cursor(result: CommitResult) -> Cursor:
    return Cursor(result.journal, result.number)
