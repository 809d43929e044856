"""What is to go wrong with which request: planned by a test, taken once (or as often as said) by the server."""

import threading
from dataclasses import dataclass
from enum import StrEnum


class How(StrEnum):
    """The ways a request fails. AFTER_WRITE ways do the work first and only then fail to say so."""

    TIMEOUT = "timeout"
    SERVER_ERROR = "500"
    BAD_GATEWAY = "502-html"
    FORBIDDEN = "403"
    TOO_MANY = "429"
    TRUNCATED = "truncated"
    SLOW = "slow"
    DROP = "drop"
    DROP_AFTER_WRITE = "drop-after-write"
    TIMEOUT_AFTER_WRITE = "timeout-after-write"
    SERVER_ERROR_AFTER_WRITE = "500-after-write"


BEFORE_THE_WORK = frozenset(
    {How.TIMEOUT, How.SERVER_ERROR, How.BAD_GATEWAY, How.FORBIDDEN, How.TOO_MANY, How.DROP}
)


@dataclass(slots=True)
class Fault:
    """One planned fault: at the request of this number (1 is the next), or at the next `times` whose path fits."""

    how: How
    number: int | None = None
    path: str = ""
    method: str = ""
    times: int = 1


class Faults:
    """The faults planned for one double; safe to ask from the server's threads."""

    def __init__(self) -> None:
        self._planned: list[Fault] = []
        self._lock = threading.Lock()

    def plan(self, fault: Fault) -> None:
        with self._lock:
            self._planned.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._planned.clear()

    def take(self, number: int, method: str, path: str) -> How | None:
        """Return what goes wrong with this request, if anything."""
        with self._lock:
            for fault in self._planned:
                if _fits(fault, number, method, path):
                    fault.times -= 1
                    if fault.times <= 0:
                        self._planned.remove(fault)
                    return fault.how
        return None


def _fits(fault: Fault, number: int, method: str, path: str) -> bool:
    if fault.method and fault.method != method:
        return False
    if fault.number is not None:
        return fault.number <= number
    return fault.path in path
