"""Commands: guards, results, and that each acts once at most. What an operation does is in operations.py."""

import struct

from . import codes
from .chassis import Chassis
from .compat import const
from .operations import Operations

_HEAD = "<IIBHII"  # epoch, id, op, boot, expires_ms, if_event
_HEAD_SIZE = const(19)
_KEPT_RESULTS = const(32)


class Command:
    """One command on its way. It acts only on what its giver knew, checked anew when it acts."""

    def __init__(self, chassis: Chassis, body: bytes) -> None:
        fields = struct.unpack(_HEAD, body[:_HEAD_SIZE])
        self.epoch, self.id, self.op, self.boot, self.expires_ms, self.if_event = fields
        self.args = body[_HEAD_SIZE:]
        self.result: int | None = None
        self.data = b""
        self._chassis = chassis

    def why_late(self) -> int:
        """Result code: whether the world is still the one that the giver of this command saw."""
        chassis = self._chassis
        if self.result is not None:
            return self.result
        if self.boot != chassis.journal.boot or codes.is_past(self.expires_ms, chassis.now_ms):
            return codes.E_EXPIRED
        if self.if_event == codes.NO_CHECK:
            return codes.OK
        if self.if_event >= chassis.journal.next:
            return codes.E_STATE  # an event of another journal: it proves nothing here
        slot = chassis.slot(self.args[0]) if self.args and _names_slot(self.op) else None
        newest = slot.newest if slot else chassis.newest
        return codes.E_STATE if newest > self.if_event else codes.OK

    def finish(self, code: int, data: bytes = b"") -> None:
        """Give the result; only the first one counts."""
        if self.result is None:
            self.result = code
            self.data = data

    def result_body(self) -> bytes:
        """RESULT body of a finished command."""
        return struct.pack("<IIB", self.epoch, self.id, self.result or 0) + self.data


def _names_slot(op: int) -> bool:
    return op in (
        codes.SET_POWER,
        codes.POWER_CYCLE,
        codes.REQUEST_SHUTDOWN,
        codes.RELEASE,
        codes.SET_LED,
        codes.CLEAR_TRIP,
        codes.CLEAR_ALARM,
        codes.GET_IDENTITY,
    )


class Commands:
    """Commands that wait for their moment, and the last 32 results."""

    def __init__(self, chassis: Chassis, operations: Operations) -> None:
        self._chassis = chassis
        self._operations = operations
        self._waiting: list[Command] = []
        self._results: list[
            bytes
        ] = []  # RESULT bodies; they begin as their command does: epoch, id

    def take(self, body: bytes) -> bytes | None:
        """A CMD body of the owner. Returns a RESULT body to send again, None if one follows later.

        Raises ValueError for a body too short to be a command.
        """
        if len(body) < _HEAD_SIZE:
            raise ValueError("short command")
        command = Command(self._chassis, body)
        for result in self._results:
            if result[:8] == body[:8]:
                return result
        if any((one.epoch, one.id) == (command.epoch, command.id) for one in self._waiting):
            return None
        code = command.why_late()
        if code == codes.OK:
            self._operations.run(command)
        else:
            command.finish(code)
        self._waiting.append(command)
        return None

    def change_owner(self) -> None:
        """Another speaks from now on: what waits never acts, and the ids of the former mean nothing."""
        for command in self._waiting:
            command.finish(codes.E_NOT_OWNER)
        self._waiting = []
        self._results = []

    def refuse(self, body: bytes) -> bytes:
        """RESULT body for a command of somebody who is not the owner."""
        epoch, number = struct.unpack("<II", body[:8])
        return struct.pack("<IIB", epoch, number, codes.E_NOT_OWNER)

    def results(self) -> list[bytes]:
        """RESULT bodies of the commands that finished since the last call."""
        done = [command for command in self._waiting if command.result is not None]
        if not done:
            return []
        self._waiting = [command for command in self._waiting if command.result is None]
        bodies = []
        for command in done:
            bodies.append(command.result_body())
        self._results = (self._results + bodies)[-_KEPT_RESULTS:]
        return bodies
