"""Carries decided commands from the planner's rows to the wire of one chassis."""

from datetime import datetime

from backplane.bridge import convert
from backplane.bridge.database_thread import DatabaseThread
from backplane.bridge.handler import ChassisHandler, utc_now
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

    async def dispatch(self) -> datetime | None:
        """Send what may be sent now; return when to come back at the latest, None: no earlier than usual.

        Without a live link only what has waited too long is closed.
        """
        if not self._handler.lease.is_held:
            return None
        chassis_id, epoch = self._handler.lease.key
        if not self._handler.is_up:
            await self._thread.run(services.expire_commands, chassis_id, utc_now())
            return None
        try:
            due = await self._thread.run(services.plan_commands, chassis_id, epoch, utc_now())
            for decision in due.sends:
                await self._send(decision, epoch)
        except StaleGeneration:
            return None  # another process holds the chassis: it sends, we do not
        return due.next_deadline

    async def _send(self, decision: Send, epoch: int) -> None:
        # Claimed in the database first: a crash between the two leaves a command that is never sent twice.
        if not await self._thread.run(services.mark_sent, decision.command_id, epoch, utc_now()):
            return
        command = await self._thread.run(_load, decision.command_id)
        # A database that was busy may have let the link go and come back, or the time run out.
        left_ms = min(_left_ms(command), decision.expires_in_ms)
        if self._handler.is_up and command.state == CommandState.SENT and left_ms > 0:
            self._link.send(_outgoing(command, left_ms, self._handler.boot))


def _load(command_id: int) -> Command:
    return Command.objects.select_related("slot").get(pk=command_id)


def _left_ms(command: Command) -> int:
    """Return how long the board may still act on a claimed command."""
    left_s = (command.expires_at - utc_now()).total_seconds() - RESULT_GRACE_S
    return int(left_s * 1000)


def _outgoing(command: Command, expires_in_ms: int, boot: int) -> OutgoingCommand:
    slot_number = 0 if command.slot is None else command.slot.number
    return OutgoingCommand(
        id=command.wire_id,
        order=convert.order(CommandOp(command.op), slot_number, command.arguments),
        # What its giver knew: a board that has rebooted since then refuses it.
        boot=boot if command.boot is None else command.boot,
        expires_in_ms=expires_in_ms,
        if_event=command.if_event,
    )
