"""What a link says of itself: its state, a sentence for people, and its counters. Pure data."""

from dataclasses import dataclass
from enum import StrEnum


class LinkState(StrEnum):
    OPENING = "opening"
    SILENT = "silent"
    UP = "up"
    LOST = "lost"
    NO_PORT = "no_port"
    FORBIDDEN = "forbidden"
    TAKEN = "taken"
    WRONG_VERSION = "wrong_version"
    OTHER_OWNER = "other_owner"
    SUPERSEDED = "superseded"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """`message` says what is and what to do. `since` is the monotonic clock in seconds."""

    kind: LinkState
    message: str
    since: float


@dataclass(slots=True)
class LinkCounters:
    """They only grow, over every session of a link; round trips are the latest known."""

    good: int = 0
    bad: int = 0
    lost: int = 0
    resent: int = 0
    malformed: int = 0
    duplicates: int = 0
    replays: int = 0
    sessions: int = 0
    round_trip_ms: float | None = None
    least_round_trip_ms: float | None = None
    clock_offset_ms: float | None = None  # the board's uptime less our monotonic clock
