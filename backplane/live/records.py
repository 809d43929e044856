"""What a rendering is made from: one chassis and its slots, read together, as plain records.

Pure. Holds planned, asked and seen side by side and never mixes them.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from backplane.live.alarms import AlarmRecord
from backplane.live.seen import Reading, SlotSeen
from backplane.slots.boards import Limits


@dataclass(frozen=True, slots=True)
class PendingCommand:
    """The open command of a slot. `wait` says what it waits for; "" when it only needs an answer.

    `is_power`: it is about the rail, and no other such command is taken before its end; but for a cut,
    unless the command is one itself. `may_be_taken_back`: it waits, and nothing was sent yet.
    """

    id: int
    word: str
    at: datetime
    wait: str = ""
    is_power: bool = True
    is_cut: bool = False
    may_be_taken_back: bool = False


@dataclass(frozen=True, slots=True)
class Occupant:
    """Who is in a slot, as far as told: of the carrier by the board, of the module by a report or a person.

    `last_seen`: events were lost, so who it is now is not known; this one was there before.
    """

    name: str = ""
    model: str = ""
    serial: str = ""
    mac: str = ""
    carrier: str = ""
    last_seen: str = ""


@dataclass(frozen=True, slots=True)
class Locating:
    """Who asked for the locate light of a slot, and when it ends by itself."""

    by: str
    until: datetime


@dataclass(frozen=True, slots=True)
class SwapBrief:
    """One unfinished swap, as short as a rack can show it."""

    swap_id: int
    slot: int
    step: int
    step_word: str
    branch: str
    holder: str
    state: str
    tone: str
    words: str
    is_alert: bool
    version: int
    key: str = ""
    icon: str = ""
    lead: str = ""  # of an alert alone, as `sub`: with *asterisks* for emphasis
    sub: str = ""


@dataclass(frozen=True, slots=True)
class SlotRecord:
    """One slot. `revision` is the chassis revision at which its state or flags last changed.

    `is_as_planned` False: another module than the planned one is in it. `is_own`: this program runs on it.
    """

    seen: SlotSeen
    revision: int
    occupant: Occupant = Occupant()
    planned: Occupant = Occupant()
    pending: PendingCommand | None = None
    is_as_planned: bool = True
    is_own: bool = False
    locating: Locating | None = None
    swap: SwapBrief | None = None
    restore_policy: int | None = None

    def amid(self, swap: SwapBrief | None, alarm: AlarmRecord | None) -> "SlotRecord":
        """Return the same slot with this swap and this alarm."""
        is_alarmed, belongs = alarm is not None, alarm.name if alarm else ""
        seen = self.seen
        if (swap, is_alarmed, belongs) == (self.swap, seen.is_alarmed, seen.belongs):
            return self
        seen = replace(seen, is_alarmed=is_alarmed, belongs=belongs)
        return replace(self, swap=swap, seen=seen)


@dataclass(frozen=True, slots=True)
class LinkRecord:
    """The serial link of a chassis. `is_up` only when the board answers and obeys us."""

    state: str
    message: str
    since: datetime | None
    is_up: bool
    is_replayed: bool = False  # a recording speaks for the board


@dataclass(frozen=True, slots=True)
class EventLine:
    """One line of a chassis's history: a whole sentence, and who did it where a person did."""

    id: str
    at: datetime
    slot: int | None
    icon: str
    text: str
    who: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """What is told of a chassis a moment after its state: its alarms, its swaps, its newest lines of history."""

    alarms: tuple[AlarmRecord, ...] = ()
    swaps: tuple[SwapBrief, ...] = ()
    lines: tuple[EventLine, ...] = ()


@dataclass(frozen=True, slots=True)
class ChassisRecord:
    """One chassis, at one revision."""

    id: int
    slug: str
    name: str
    location: str
    revision: int
    is_simulated: bool
    board: str
    link: LinkRecord
    limits: Limits
    budget_mw: int | None
    slots: tuple[SlotRecord, ...]
    supply: Reading = field(default_factory=Reading)
    seen_at: datetime | None = None
    storage_is_ok: bool = True
    alarms: tuple[AlarmRecord, ...] = ()
    swaps: tuple[SwapBrief, ...] = ()

    def with_story(self, story: Story) -> "ChassisRecord":
        """Return the same chassis with these alarms and swaps."""
        swaps = {swap.slot: swap for swap in story.swaps}
        alarms = {alarm.slot: alarm for alarm in story.alarms}
        slots = tuple(
            slot.amid(swaps.get(slot.seen.number), alarms.get(slot.seen.number))
            for slot in self.slots
        )
        return replace(self, slots=slots, alarms=story.alarms, swaps=story.swaps)
