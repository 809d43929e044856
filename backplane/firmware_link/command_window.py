"""Commands on their way: at most 4 in flight, sent again each 200 ms until their RESULT.

Pure. Gives up only after the command has expired on the board, so a late answer is never missed
and a lost one never acts twice (the board keeps the last 32 results by id).
"""

from collections import deque
from dataclasses import dataclass

from backplane.firmware_link.messages import Cmd

MAX_IN_FLIGHT = 4
RESEND_S = 0.2
GIVE_UP_S = 3.0  # after expiry: as long as a link without a frame is held to be alive


@dataclass(slots=True)
class _Flight:
    cmd: Cmd
    give_up_at: float
    send_at: float = 0.0
    was_sent: bool = False


class CommandWindow:
    def __init__(self) -> None:
        self._waiting: deque[_Flight] = deque()
        self._flying: dict[int, _Flight] = {}

    def put(self, cmd: Cmd, expires_in_s: float, now: float) -> None:
        self._waiting.append(_Flight(cmd, now + expires_in_s + GIVE_UP_S))

    def __contains__(self, command_id: int) -> bool:
        return command_id in self._flying or any(
            flight.cmd.id == command_id for flight in self._waiting
        )

    def due(self, now: float) -> list[tuple[Cmd, bool]]:
        """(command, is it sent again) for each to send at `now`."""
        while self._waiting and len(self._flying) < MAX_IN_FLIGHT:
            flight = self._waiting.popleft()
            flight.send_at = now
            self._flying[flight.cmd.id] = flight
        ready = []
        for flight in self._flying.values():
            if flight.send_at <= now:
                ready.append((flight.cmd, flight.was_sent))
                flight.was_sent = True
                flight.send_at = now + RESEND_S
        return ready

    def finish(self, command_id: int) -> bool:
        """True for the first RESULT of a command in flight."""
        return self._flying.pop(command_id, None) is not None

    def give_up(self, now: float) -> list[int]:
        """Ids that will not be answered any more."""
        late = [flight for flight in self._flying.values() if flight.give_up_at <= now]
        late += [flight for flight in self._waiting if flight.give_up_at <= now]
        for flight in late:
            self._flying.pop(flight.cmd.id, None)
        self._waiting = deque(flight for flight in self._waiting if flight.give_up_at > now)
        return [flight.cmd.id for flight in late]

    def clear(self) -> list[int]:
        """Forgets all; their ids, oldest first."""
        ids = [*self._flying, *(flight.cmd.id for flight in self._waiting)]
        self._flying.clear()
        self._waiting.clear()
        return ids

    def next_deadline(self) -> float | None:
        if not self._flying:
            return None
        return min((min(f.send_at, f.give_up_at) for f in self._flying.values()), default=None)
