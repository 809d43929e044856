"""The frozen records that cross the services' border, in and out.

Plain data: no Django, no wire. bridge.py makes them from link messages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backplane.slots.ops import CommandOp, Origin


@dataclass(frozen=True, slots=True)
class Change:
    """What a committed transaction touched; `slot_numbers` is empty for chassis-only changes."""

    chassis_id: int
    slot_numbers: tuple[int, ...]
    revision: int


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One hardware event as the board numbered it; `raw` is the EVENT body as it came."""

    board_id: str  # 16 hex digits, lower case
    journal: int
    number: int
    boot: int
    uptime_ms: int
    kind: int
    slot: int  # 0 is the chassis
    value: int  # signed 32 bit
    carrier_uid: str = ""  # hex; IDENTIFIED only
    raw: bytes = b""
    occurred_at: datetime | None = None  # None: a boot that no host saw


@dataclass(frozen=True, slots=True)
class CommitResult:
    """The cursor that may be acknowledged, and what changed (None: nothing, all were duplicates)."""

    journal: int
    number: int
    change: Change | None


@dataclass(frozen=True, slots=True)
class ReadingRecord:
    """One slot of STATE; readings are None when the board does not know them."""

    number: int
    flags: int
    lights: int
    mv: int | None
    ma: int | None
    cdeg: int | None


@dataclass(frozen=True, slots=True)
class StateRecord:
    """A whole STATE snapshot, slots 1..N."""

    journal: int
    as_of_event: int
    readings: tuple[ReadingRecord, ...]


@dataclass(frozen=True, slots=True)
class GapRecord:
    """Events that will never come: `first_missing`..`last_missing` (None: nobody knows how far)."""

    board_id: str
    journal: int
    first_missing: int
    last_missing: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class HelloFacts:
    """What a board says about itself."""

    board_id: str  # 16 hex digits, lower case
    board_name: str
    slot_count: int
    caps: int
    firmware_version: str
    boot: int


@dataclass(frozen=True, slots=True)
class CommandRequest:
    """What somebody asks for; `slot_number` 0 asks the chassis, `seen_revision` None skips the check.

    `accepts_own_slot`: the asker was told that this program goes down with the slot, and wants it so.
    `reach`: ids of the sites that the asker may act at; None: at every one.
    """

    chassis_id: int
    slot_number: int
    op: CommandOp
    user_id: int | None = None
    requester_name: str = ""
    seen_revision: int | None = None
    origin: Origin = Origin.PERSON
    arguments: Mapping[str, Any] = field(default_factory=dict)
    accepts_own_slot: bool = False
    reach: frozenset[int] | None = None
