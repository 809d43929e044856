"""Carries decided commands from the planner's rows to the wire of one chassis."""

from datetime import datetime

from backplane.bridge import convert
from backplane.bridge.database_thread import DatabaseThread
from backplane.bridge.handler import ChassisHandler
from backplane.bridge.moment import utc_now
from backplane.bridge.updates import UpdateRunner
from backplane.firmware_link.commands import OutgoingCommand
from backplane.firmware_link.link import Link
from backplane.slots import services
from backplane.slots.errors import StaleGeneration
from backplane.slots.models import Command
from backplane.slots.ops import RESULT_GRACE_S, CommandOp, CommandState
from backplane.slots.planner import Send


class Dispatcher:
    """Asks the planner what is due for this chassis, claims it, and sends it."""

    def __init__(self, handler: ChassisHandler, link: Link, thread: DatabaseThread) -> None:
        self._handler = handler
        self._link = link
        self._thread = thread
        self._updates = UpdateRunner(handler.updates, thread)
        handler.questions.connect(link.send)
        handler.updates.connect(link.send)

    async def dispatch(self) -> datetime | None:
        """Send what may be sent now; return when to come back at the latest, None: no earlier than usual.

        Without a live link only what has waited too long is closed.
        """
        if not self._handler.lease.is_held:
            return None
        chassis_id, epoch = self._handler.lease.key
        if not self._handler.is_up:
            await self._thread.run(services.expire_commands, chassis_id, utc_now())
            await self._finish_flights(chassis_id)
            return None
        try:
            due = await self._thread.run(services.plan_commands, chassis_id, epoch, utc_now())
            for decision in due.sends:
                await self._send(decision, epoch)
            await self._finish_flights(chassis_id)
            await self._learn_peaks(chassis_id, epoch)
            await self._updates.look(chassis_id)
        except StaleGeneration:
            return None  # another process holds the chassis: it sends, we do not
        return due.next_deadline

    async def stop(self) -> None:
        """End what goes on by itself."""
        await self._updates.stop()

    async def _send(self, decision: Send, epoch: int) -> None:
        # Claimed in the database first: a crash between the two leaves a command that is never sent twice.
        if not await self._thread.run(services.mark_sent, decision.command_id, epoch, utc_now()):
            return
        command = await self._thread.run(_load, decision.command_id)
        # A database that was busy may have let the link go and come back, or the time run out.
        left_ms = min(_left_ms(command), decision.expires_in_ms)
        if self._handler.is_up and command.state == CommandState.SENT and left_ms > 0:
            self._watch_setting(command)
            self._link.send(_outgoing(command, left_ms, self._handler.boot))

    def _watch_setting(self, command: Command) -> None:
        if command.op == CommandOp.SET_CONFIG:
            key = int(command.arguments["key"])
            self._handler.questions.watch(command.wire_id, key, _slot_number(command))

    async def _finish_flights(self, chassis_id: int) -> None:
        """Complete what the flight recorder began, after everything that somebody waits for."""
        if services.is_flight_due(chassis_id, utc_now()):
            await self._thread.run(services.complete_flight_records, chassis_id, utc_now())

    async def _learn_peaks(self, chassis_id: int, epoch: int) -> None:
        if peaks_mw := self._handler.peaks.take(utc_now()):
            await self._thread.run(services.learn_peaks, chassis_id, epoch, peaks_mw, utc_now())


def _load(command_id: int) -> Command:
    return Command.objects.select_related("slot").get(pk=command_id)


def _left_ms(command: Command) -> int:
    """Return how long the board may still act on a claimed command."""
    left_s = (command.expires_at - utc_now()).total_seconds() - RESULT_GRACE_S
    return int(left_s * 1000)


def _outgoing(command: Command, expires_in_ms: int, boot: int) -> OutgoingCommand:
    return OutgoingCommand(
        id=command.wire_id,
        order=convert.order(CommandOp(command.op), _slot_number(command), command.arguments),
        # What its giver knew: a board that has rebooted since then refuses it.
        boot=boot if command.boot is None else command.boot,
        expires_in_ms=expires_in_ms,
        if_event=command.if_event,
    )


def _slot_number(command: Command) -> int:
    return 0 if command.slot is None else command.slot.number
