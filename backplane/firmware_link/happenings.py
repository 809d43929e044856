"""What LinkProtocol reports to the link, in the order it came to be. Pure data."""

from dataclasses import dataclass
from enum import StrEnum

from backplane.firmware_link.messages import (
    ErrorMessage,
    Event,
    Hello,
    Log,
    Result,
    SlotReading,
    Telemetry,
)
from backplane.firmware_link.status import LinkState


@dataclass(frozen=True, slots=True)
class Cursor:
    """The newest event that is durably committed: everything up to `number` of `journal`."""

    journal: int
    number: int


@dataclass(frozen=True, slots=True)
class Admission:
    """As whom to speak, and after which event to go on; `cursor_raw` is that event's own body.

    `take` takes the board from another installation: only after a person confirmed it.
    """

    host_id: int
    epoch: int
    cursor: Cursor | None
    take: bool = False
    cursor_raw: bytes | None = None


@dataclass(frozen=True, slots=True)
class BoardState:
    """The whole board, slots 1..N, exactly as of event `as_of_event`."""

    journal: int
    as_of_event: int
    uptime_ms: int
    readings: tuple[SlotReading, ...]


class JournalReason(StrEnum):
    FIRST_CONTACT = "first contact with this board"
    BOARD_BEGAN_ANEW = "the board began a new journal"
    BEHIND_CURSOR = "the board holds fewer events than were recorded of it"
    DUPLICATE_DIFFERS = "the board sent another event under a recorded number"


@dataclass(frozen=True, slots=True)
class Greeted:
    """First HELLO of a session, heard by listening only. Answer with `own`."""

    hello: Hello


@dataclass(frozen=True, slots=True)
class Owned:
    """The board took us for its owner: at the start, and again after each of its reboots."""

    hello: Hello


@dataclass(frozen=True, slots=True)
class EventsReceived:
    """In order, without a hole, right after the committed cursor. Answer with `commit_done`."""

    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class EventsGone:
    """The board overwrote events `missing_from` up to before `first_held`. Answer: `cursor_reset`."""

    journal: int
    missing_from: int
    first_held: int


@dataclass(frozen=True, slots=True)
class JournalChanged:
    """Numbers begin anew in `hello.journal`. Answer with `cursor_reset`."""

    hello: Hello
    reason: JournalReason


@dataclass(frozen=True, slots=True)
class CommandLost:
    """Whether the board acted is not known; its STATE and events will tell."""

    command_id: int
    why: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The session is over; the protocol does nothing more."""

    kind: LinkState
    message: str


LinkEvent = (
    Greeted
    | Owned
    | EventsReceived
    | EventsGone
    | JournalChanged
    | BoardState
    | Telemetry
    | Result
    | CommandLost
    | Log
    | ErrorMessage
    | Ended
)
