"""Commands of a session: sent with what their giver knew, answered once, lost when the boot changes.

Pure. Also gives the link's own commands (GET_STATE, NEW_JOURNAL) ids that no caller can have.
"""

from math import inf

from backplane.firmware_link.clock import UPTIME_RANGE_MS, BoardClock
from backplane.firmware_link.command_window import CommandWindow
from backplane.firmware_link.commands import Order, OutgoingCommand
from backplane.firmware_link.happenings import CommandLost
from backplane.firmware_link.line import Line
from backplane.firmware_link.messages import IF_EVENT_ANY, Cmd, Op, Result

OWN_EXPIRES_MS = 10_000  # GET_STATE and NEW_JOURNAL are safe at any time
_OWN_IDS = 0xFF000000  # above the 24 bits of ids that callers give


class CommandDesk:
    def __init__(self, line: Line, clock: BoardClock) -> None:
        self._line = line
        self._clock = clock
        self._window = CommandWindow()
        self._own: dict[int, Op] = {}
        self._own_count: int | None = None

    def send(self, command: OutgoingCommand, epoch: int, now: float) -> None:
        """Puts it on its way; a command already on its way is not put twice."""
        uptime_ms = self._clock.uptime_ms(now)
        if uptime_ms is None or command.boot != self._clock.boot:
            self._line.report(CommandLost(command.id, "the board restarted before it was sent"))
            return
        if command.id in self._window:
            return
        expires_ms = (uptime_ms + command.expires_in_ms) % UPTIME_RANGE_MS
        order = command.order
        head = (epoch, command.id, order.op, command.boot, expires_ms, command.if_event)
        # Our own commands are never given up: the session could not go on without their answer.
        lasts_s = inf if command.id in self._own else command.expires_in_ms / 1000
        self._window.put(Cmd(*head, order.args), lasts_s, now)
        self.send_due(now)

    def send_own(self, order: Order, epoch: int, now: float) -> None:
        """A command of the link itself, one of a kind at a time."""
        if order.op in self._own.values() or self._clock.boot is None:
            return
        if self._own_count is None:
            # The board remembers results by id, over our reconnects too: begin elsewhere each time.
            self._own_count = int(now * 1000)
        self._own_count += 1
        command_id = _OWN_IDS | self._own_count & 0xFFFFFF
        self._own[command_id] = order.op
        own = OutgoingCommand(command_id, order, self._clock.boot, OWN_EXPIRES_MS, IF_EVENT_ANY)
        self.send(own, epoch, now)

    def answered(self, result: Result, now: float) -> Op | None:
        """Reports the first answer of a command; the op when it was one of the link's own."""
        if not self._window.finish(result.id):
            return None
        own = self._own.pop(result.id, None)
        if own is None:
            self._line.report(result)
        self.send_due(now)
        return own

    def send_due(self, now: float) -> None:
        for command_id in self._window.give_up(now):
            self._lose(command_id, "the board did not answer it")
        for cmd, is_again in self._window.due(now):
            self._line.counters.resent += is_again
            self._line.send(cmd)

    def lose_all(self, why: str) -> None:
        for command_id in self._window.clear():
            self._lose(command_id, why)

    def next_deadline(self) -> float | None:
        return self._window.next_deadline()

    def _lose(self, command_id: int, why: str) -> None:
        if self._own.pop(command_id, None) is None:
            self._line.report(CommandLost(command_id, why))
