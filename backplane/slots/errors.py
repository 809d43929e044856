"""Errors of the slot domain. Each carries fields; the text for people is made in __str__.

SlotError
    InvalidTransition
    StaleGeneration         another worker holds the chassis
    NotInSequence           an event whose number does not follow the cursor
    DuplicateDiffers        a number seen before, with other contents: the journal is not continuous
    ChassisMismatch         another board answers where a known one was
    StorageFull             the database cannot take the events; they stay on the board
    CommandNotAccepted
        NotAtThisSite           a technician who is assigned to other sites
        LinkNotLive  StaleView  CommandInFlight  NotPossible
        SettingMovedOn  OwnerMovedOn    what the board was shown to do, or to obey
        SiteMovedOn     where the chassis was shown to stand
        RunUnderWay  RunMovedOn     of a start or shutdown of the whole chassis
        OwnSlot             the program would go down with it; asked again with that accepted
"""

# ruff: noqa: N818  (the names say what is wrong; the base class says that it is an error)

from dataclasses import dataclass


@dataclass
class SlotError(Exception):
    """Base of all errors of this domain."""

    def __post_init__(self) -> None:
        Exception.__init__(self)

    def __str__(self) -> str:
        return type(self).__name__


@dataclass
class InvalidTransition(SlotError):
    slot: int
    old: str
    new: str

    def __str__(self) -> str:
        return f"Slot {self.slot} cannot go from {self.old} to {self.new}."


@dataclass
class StaleGeneration(SlotError):
    epoch: int
    current: int

    def __str__(self) -> str:
        return f"Generation {self.epoch} of this chassis is over; {self.current} holds it now."


@dataclass
class NotInSequence(SlotError):
    expected: int
    number: int

    def __str__(self) -> str:
        return f"Event {self.number} came where {self.expected} should be."


@dataclass
class DuplicateDiffers(SlotError):
    journal: int
    number: int

    def __str__(self) -> str:
        return (
            f"Event {self.number} of journal {self.journal:08x} was recorded with other contents."
        )


@dataclass
class ChassisMismatch(SlotError):
    slug: str
    expected: str
    found: str

    def __str__(self) -> str:
        return (
            f"This port had board {self.expected} (chassis {self.slug}); now board {self.found} answers. "
            f"If the board was replaced, choose Adopt board on the page of {self.slug}; "
            "else plug the right cable in."
        )


@dataclass
class StorageFull(SlotError):
    detail: str

    def __str__(self) -> str:
        return f"The database cannot be written ({self.detail}). Events wait on the board; make room on the disk."


@dataclass
class CommandNotAccepted(SlotError):
    """A request that was not written; str() is the sentence for the person who asked."""


@dataclass
class NotAtThisSite(CommandNotAccepted):
    chassis: str

    def __str__(self) -> str:
        return f"{self.chassis} is not at one of your sites. Ask an admin to assign you, or an operator to do it."


@dataclass
class LinkNotLive(CommandNotAccepted):
    message: str

    def __str__(self) -> str:
        return self.message


@dataclass
class StaleView(CommandNotAccepted):
    slot: int
    state: str
    word: str
    revision: int

    def __str__(self) -> str:
        return f"Changed since you looked: slot {self.slot} is now {self.word}."


@dataclass
class SettingMovedOn(CommandNotAccepted):
    slot: int

    def __str__(self) -> str:
        return f"Changed since you looked: the restore policy of slot {self.slot} is another now."


@dataclass
class OwnerMovedOn(CommandNotAccepted):
    def __str__(self) -> str:
        return "Changed since you looked: no board of another installation answers here now."


@dataclass
class SiteMovedOn(CommandNotAccepted):
    chassis: str
    site: str

    def __str__(self) -> str:
        return f"Changed since you looked: {self.chassis} stands at {self.site or 'no site'} now."


@dataclass
class CommandInFlight(CommandNotAccepted):
    slot: int
    command_id: int
    word: str
    requester: str

    def __str__(self) -> str:
        return (
            f"{self.word} of slot {self.slot} was just asked by {self.requester}; wait for its end."
        )


@dataclass
class NotPossible(CommandNotAccepted):
    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass
class OwnSlot(CommandNotAccepted):
    slot: int
    op: str

    def __str__(self) -> str:
        return (
            f"This program runs on slot {self.slot}. {_OWN_SLOT_CONSEQUENCES.get(self.op, '')}"
            "and only the firmware watches on."
        )


_OWN_SLOT_CONSEQUENCES = {
    "power_off": "If its power is cut, the program goes down with it at once, ",
    "power_cycle": "If its power is cycled, the program goes down with it until it has started again, ",
    "shutdown": "If it is shut down, the program goes down with it, ",
}


@dataclass
class RunUnderWay(CommandNotAccepted):
    run_id: int
    kind: str
    requester: str

    def __str__(self) -> str:
        word = "A start" if self.kind == "start" else "A shutdown"
        return f"{word} of this chassis, asked by {self.requester}, is under way; wait for its end, or cancel it."


@dataclass
class RunMovedOn(CommandNotAccepted):
    slot: int | None  # whose turn it is now; None: the run is over

    def __str__(self) -> str:
        if self.slot is None:
            return "Changed since you looked: this run is over."
        return f"Changed since you looked: the run is at slot {self.slot} now."
