"""What the parts of LinkProtocol share: frames out, happenings out, timers, counters. Pure."""

from enum import Enum, auto

from backplane.firmware_link.happenings import LinkEvent
from backplane.firmware_link.messages import Message
from backplane.firmware_link.outbox import Outbox
from backplane.firmware_link.status import LinkCounters


class Timer(Enum):
    SILENCE = auto()
    HEARTBEAT = auto()
    HELLO = auto()
    OWNING = auto()
    REPLAY = auto()
    STATE = auto()


class Line:
    def __init__(self, counters: LinkCounters) -> None:
        self.counters = counters
        self.happened: list[LinkEvent] = []
        self.outbox = Outbox()
        self._due: dict[Timer, float] = {}

    def send(self, message: Message) -> None:
        self.outbox.put(message)

    def report(self, happening: LinkEvent) -> None:
        self.happened.append(happening)

    def set_timer(self, timer: Timer, at: float) -> None:
        self._due[timer] = at

    def stop_timer(self, timer: Timer) -> None:
        self._due.pop(timer, None)

    def is_timing(self, timer: Timer) -> bool:
        return timer in self._due

    def stop_all_timers(self) -> None:
        self._due.clear()

    def due_timers(self, now: float) -> list[Timer]:
        """Each timer that ran out, stopped now, earliest first."""
        due = sorted((at, timer.value) for timer, at in self._due.items() if at <= now)
        timers = [Timer(value) for _, value in due]
        for timer in timers:
            del self._due[timer]
        return timers

    def next_deadline(self) -> float | None:
        return min(self._due.values(), default=None)
