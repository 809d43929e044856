"""Everything the rules and words of a swap may know: one frozen picture, taken at one moment.

Pure. loading.py takes the picture; nothing here reads rows. None is not known.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from backplane.slots.boards import Limits, Senses
from backplane.slots.facts import SlotFacts
from backplane.slots.ops import CommandState
from backplane.swaps.ports import Check
from backplane.swaps.steps import Branch, Step, SwapState

WHITE_SLOW = 2  # of the lights word: "insert here"
WHITE_FAST = 3  # of the lights word: "here I am"
BLUE_SHORT = 4  # of the lights word: told to shut down
_CURRENT_LAYERS = (0, 1)  # local and override; a lamp test proves nothing


class Ask(StrEnum):
    """What a swap asks of the hardware; the key under which a step remembers the command."""

    LOCATE_ON = "locate_on"
    LOCATE_OFF = "locate_off"
    SHUTDOWN = "shutdown"
    CUT = "cut"
    RELEASE = "release"
    RELEASE_OFF = "release_off"
    INVITE_ON = "invite_on"
    INVITE_OFF = "invite_off"
    POWER = "power"
    CLEAR_TRIP = "clear_trip"
    RESTORE = "restore"  # power for the slot that was pulled by mistake


@dataclass(frozen=True, slots=True)
class Asked:
    """A command of this step and how it stands. `id` 0: it could not even be asked, `outcome` says why."""

    state: CommandState
    outcome: str = ""
    waiting_for: str = ""
    sent_at: datetime | None = None
    id: int = 0

    @property
    def is_under_way(self) -> bool:
        return self.state in {CommandState.OPEN, CommandState.SENT, CommandState.ACCEPTED}

    @property
    def has_failed(self) -> bool:
        return not self.is_under_way and self.state is not CommandState.DONE


@dataclass(frozen=True, slots=True)
class AlarmSlot:
    """A slot with the wrong-pull alarm, who must go back into it, and what is in it meanwhile ("": not read)."""

    number: int
    name: str
    is_in: bool = False
    read: str = ""


@dataclass(frozen=True, slots=True)
class Ahead:
    """Another swap of this chassis whose turn comes before ours."""

    swap_id: int
    slot: int
    holder: str


@dataclass(frozen=True, slots=True)
class CarrierFacts:
    """The carrier that was read, and what is known of it. `home`: "a09 slot 3" when it belongs elsewhere."""

    text: str
    module_id: int | None = None
    module_name: str = ""
    is_old: bool = False
    home: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the meter and the thermometer say now."""

    mv: int | None = None
    ma: int | None = None
    cdeg: int | None = None


@dataclass(frozen=True, slots=True)
class SwapRow:
    """The swap's own row."""

    id: int = 1
    state: SwapState = SwapState.OPEN
    step: Step = Step.LOCATE
    branch: Branch = Branch.NONE
    since: datetime | None = None  # of the step
    holder: str = ""
    lease_until: datetime | None = None
    old_name: str = ""
    new_name: str = ""
    has_new_module: bool = False
    outcome: str = ""
    record: Mapping[str, Any] = field(default_factory=dict)
    memory: Mapping[str, Any] = field(default_factory=dict)

    @property
    def noted(self) -> Mapping[str, Any]:
        """What this step remembers; forgotten with it."""
        noted: Mapping[str, Any] = self.memory.get("noted", {})
        return noted

    @property
    def kept(self) -> Mapping[str, Any]:
        """What the swap remembers over all steps."""
        kept: Mapping[str, Any] = self.memory.get("kept", {})
        return kept


@dataclass(frozen=True, slots=True)
class SlotPicture:
    """The slot as last seen, and what its board can see at all."""

    number: int
    facts: SlotFacts
    since: datetime | None = None
    lights: int | None = None
    senses: Senses = field(default_factory=Senses)
    lamps: tuple[str, ...] = ("status", "hotswap", "locate")  # those that the board has at a slot
    limits: Limits = field(default_factory=Limits)
    reading: Reading = Reading()
    carrier: CarrierFacts | None = None
    stay_id: int | None = None  # of what stands there now; read only where it is compared

    @property
    def shows_locate(self) -> bool | None:
        """Whether the board reports the white lamp at 4 Hz; None while nothing is reported."""
        if self.lights is None:
            return None
        return self.lights >> 9 & 7 == WHITE_FAST and self.lights >> 12 & 3 in _CURRENT_LAYERS

    @property
    def shows_invite(self) -> bool | None:
        """Whether the board reports the white lamp at 1 Hz; None while nothing is reported."""
        if self.lights is None:
            return None
        return self.lights >> 9 & 7 == WHITE_SLOW and self.lights >> 12 & 3 in _CURRENT_LAYERS

    @property
    def shows_white(self) -> bool:
        return self.lights is not None and self.lights >> 9 & 7 != 0


@dataclass(frozen=True, slots=True)
class SwapFacts:
    """One swap and all that bears on it, at `now`."""

    now: datetime
    row: SwapRow
    slot: SlotPicture
    chassis: str = ""
    slot_numbers: tuple[int, ...] = ()
    link_is_up: bool = True
    link_message: str = ""
    asked: Mapping[Ask, Asked] = field(default_factory=dict)
    alarms: tuple[AlarmSlot, ...] = ()
    wrong: SlotFacts | None = None  # the slot that was pulled by mistake, as it is now
    ahead: tuple[Ahead, ...] = ()
    is_own: bool = False
    expected_id: int | None = None
    expected_name: str = ""
    modules: tuple[tuple[int, str], ...] = ()  # that may be put in: (id, name)
    checks: tuple[Check, ...] = ()  # of those who report
    has_reporters: bool = False
    checklist: tuple[str, ...] = ()

    def after(self, seconds: float, since: datetime | None = None) -> datetime:
        """Return the moment `seconds` after `since`, else after the step began."""
        return (since or self.row.since or self.now) + timedelta(seconds=seconds)

    def is_past(self, seconds: float, since: datetime | None = None) -> bool:
        return self.now >= self.after(seconds, since)

    def noted_at(self, key: str) -> datetime | None:
        """Return a moment that this step remembers."""
        text = self.row.noted.get(key)
        return datetime.fromisoformat(text) if text else None

    @property
    def power_first(self) -> bool:
        """Whether this board reads no identity: steps 6 and 7 change places."""
        return not self.slot.senses.identity

    @property
    def is_accepted(self) -> bool:
        """Whether what stands in the slot now was accepted, and not something that was there before it."""
        kept = self.row.kept
        return bool(kept.get("accepted")) and kept.get("stay") == self.slot.stay_id

    @property
    def is_exchanged(self) -> bool:
        """Whether something else stands in the slot than what is to be taken out: nobody saw it change."""
        old, new = self.row.kept.get("old_stay"), self.slot.stay_id
        return old is not None and new is not None and old != new

    @property
    def has_turn(self) -> bool:
        return bool(self.row.kept.get("turn"))
