"""The one transition table of a slot, and the two questions put to it: decide and discover.

Pure. Nothing else in the project knows which state follows which. A happening without a row in the
table changes no state; a kind of event this version does not know changes nothing at all.
"""

from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Final

from backplane.slots.facts import (
    Cause,
    EventKind,
    RailCause,
    SlotFacts,
    SlotFlag,
    SlotState,
    rail_cause,
    rail_command_id,
)
from backplane.slots.flag_rules import flags_after

__all__ = [
    "TRANSITIONS",
    "Cause",
    "Decision",
    "Happening",
    "Row",
    "SlotFacts",
    "SlotState",
    "decide",
    "decide_event",
    "discover",
    "happening_of",
]


class Happening(StrEnum):
    """What can move a slot: seen by the hardware, asked by somebody, or befallen the link."""

    INSERTED = auto()
    REINSERTED_BY_SURPRISE = auto()
    REMOVED = auto()
    HANDLE_OPENED_COLD = auto()
    HANDLE_OPENED_LIVE = auto()
    HANDLE_CLOSED = auto()
    RAIL_WENT_ON = auto()
    RAIL_WENT_OFF = auto()
    RAIL_WENT_OFF_TO_CYCLE = auto()
    RAIL_LEFT_WITH_CARRIER = auto()
    POWER_BECAME_GOOD = auto()
    POWER_BECAME_GOOD_IN_A_HAND = auto()  # while the handle is open
    POWER_WAS_LOST = auto()
    TRIPPED = auto()
    SHUTDOWN_LINE_ASSERTED = auto()
    CHASSIS_POWER_RESTORED = auto()
    DEVICE_WAS_LOST = auto()
    DEVICE_CAME_BACK = auto()
    START_ASKED = auto()
    START_ADMITTED = auto()
    START_HELD_BACK = auto()
    STOP_ASKED = auto()
    STOP_SENT = auto()
    COMMAND_ENDED = auto()
    LINK_LOST = auto()
    LINK_RESTORED = auto()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `new` None: what the flags say. `cause` None: whoever acted."""

    happening: Happening
    old: tuple[SlotState, ...]
    new: SlotState | None
    cause: Cause | None


M0, M1, M2, M3, M4, M5, M6, M7 = SlotState
_NEARLY_ON: Final = (M1, M2, M3)
_POWERED: Final = (
    M2,
    M3,
    M4,
    M5,
    M6,
)  # wants, has or had power a moment ago: pulling is a surprise

TRANSITIONS: Final = (
    Row(Happening.INSERTED, (M0,), M1, Cause.PERSON),
    Row(Happening.REINSERTED_BY_SURPRISE, (M0,), M1, Cause.SURPRISE),
    Row(Happening.REMOVED, (M1,), M0, Cause.PERSON),
    Row(Happening.REMOVED, _POWERED, M0, Cause.SURPRISE),
    Row(Happening.RAIL_LEFT_WITH_CARRIER, _POWERED, M0, Cause.SURPRISE),
    Row(Happening.HANDLE_CLOSED, (M5,), M4, Cause.HANDLE),
    Row(Happening.HANDLE_OPENED_COLD, (M2, M3), M1, Cause.HANDLE),
    Row(Happening.HANDLE_OPENED_LIVE, (M3, M4), M5, Cause.HANDLE),
    Row(Happening.START_ASKED, (M1,), M2, None),
    Row(Happening.START_ADMITTED, (M1, M2), M3, None),
    Row(Happening.START_HELD_BACK, (M1, M2), M3, Cause.BUDGET),
    Row(Happening.RAIL_WENT_ON, (M1, M2), M3, None),
    Row(Happening.POWER_BECAME_GOOD, _NEARLY_ON, M4, None),
    Row(Happening.POWER_BECAME_GOOD_IN_A_HAND, _NEARLY_ON, M5, Cause.HANDLE),
    Row(Happening.POWER_WAS_LOST, (M4,), M3, Cause.FAULT),
    Row(Happening.STOP_ASKED, (M3, M4), M5, None),
    Row(Happening.STOP_SENT, (M3, M4, M5), M6, None),
    Row(Happening.SHUTDOWN_LINE_ASSERTED, (M4, M5), M6, None),
    Row(Happening.RAIL_WENT_OFF, _POWERED, M1, None),
    Row(Happening.RAIL_WENT_OFF_TO_CYCLE, (M3, M4, M5, M6), M2, None),
    Row(Happening.TRIPPED, _POWERED, M1, Cause.FAULT),
    Row(Happening.CHASSIS_POWER_RESTORED, _POWERED, M1, Cause.POWER_RESTORED),
    Row(Happening.COMMAND_ENDED, (M2, M3, M5, M6), None, None),
    Row(Happening.DEVICE_WAS_LOST, (M0, M1, *_POWERED), M7, Cause.FAULT),
    Row(Happening.DEVICE_CAME_BACK, (M7,), None, Cause.FAULT),
    Row(Happening.LINK_LOST, (M0, M1, *_POWERED), M7, Cause.LINK_LOST),
    Row(Happening.LINK_RESTORED, (M7,), None, Cause.LINK_RESTORED),
)
_BY_OLD: Final = {(row.happening, old): row for row in TRANSITIONS for old in row.old}

_HAPPENING_OF_KIND: Final = {
    EventKind.REMOVE: Happening.REMOVED,
    EventKind.HANDLE_CLOSED: Happening.HANDLE_CLOSED,
    EventKind.RAIL_ON: Happening.RAIL_WENT_ON,
    EventKind.POWER_LOST: Happening.POWER_WAS_LOST,
    EventKind.TRIP: Happening.TRIPPED,
    EventKind.CHASSIS_POWER_RESTORED: Happening.CHASSIS_POWER_RESTORED,
    EventKind.DEVICE_LOST: Happening.DEVICE_WAS_LOST,
}
_CAUSE_OF_RAIL: Final = {
    RailCause.TRIP: Cause.FAULT,
    RailCause.POWER_GOOD_FAILED: Cause.FAULT,
    RailCause.OVER_TEMPERATURE: Cause.FAULT,
    RailCause.SUPPLY_LOST: Cause.FAULT,
    RailCause.RESTORE_POLICY: Cause.POWER_RESTORED,
    RailCause.LOCAL_BUTTON: Cause.PERSON,
    RailCause.SHUTDOWN_DONE: Cause.HANDLE,
    RailCause.COMMAND: Cause.API,
    RailCause.CYCLE: Cause.API,
    RailCause.REMOVAL: Cause.SURPRISE,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What a slot is after a happening; `cause` is None when the state stays."""

    state: SlotState
    flags: SlotFlag | None
    cause: Cause | None

    @property
    def is_transition(self) -> bool:
        return self.cause is not None


def decide(facts: SlotFacts, happening: Happening, actor: Cause | None = None) -> Decision:
    """Return what `happening` makes of a slot. `actor` is the cause where the table leaves it open."""
    flags = None if happening is Happening.LINK_LOST else facts.flags
    return _follow(facts, happening, actor, flags)


def decide_event(facts: SlotFacts, kind: int, value: int, actor: Cause | None = None) -> Decision:
    """Return what a hardware event makes of a slot; flags follow it as far as they are known.

    `actor` is the cause of the command that the event carries. In M7 only flags follow: the state is
    discovered from the next STATE, when every event up to it is recorded.
    """
    flags = None if facts.flags is None else flags_after(facts.flags, kind, value)
    happening = happening_of(facts, kind, value)
    if happening is None:
        return Decision(facts.state, flags, None)
    return _follow(facts, happening, actor or _actor_of(facts, kind, value), flags)


def discover(flags: SlotFlag) -> SlotState:
    """Return the state that flags alone prove; M7 when the slot's devices do not answer."""
    if SlotFlag.NOT_ANSWERING in flags:
        return M7
    if SlotFlag.RAIL_ON in flags:
        return _discover_powered(flags)
    is_absent = SlotFlag.SENSES_PRESENCE in flags and SlotFlag.PRESENT not in flags
    return M0 if is_absent and SlotFlag.SUSPICIOUS not in flags else M1


def happening_of(facts: SlotFacts, kind: int, value: int) -> Happening | None:
    """Translate an event for this slot; None for one that moves no slot or is not known."""
    match kind:
        case EventKind.INSERT:
            was_surprise = facts.cause is Cause.SURPRISE
            return Happening.REINSERTED_BY_SURPRISE if was_surprise else Happening.INSERTED
        case EventKind.HANDLE_OPEN | EventKind.POWER_GOOD:
            return _with_a_hand(facts, EventKind(kind))
        case EventKind.RAIL_OFF:
            return _rail_off(value)
        case EventKind.SHUTDOWN_LINE:
            return Happening.SHUTDOWN_LINE_ASSERTED if value else None
        case EventKind.POWER_LOST if not facts.rail_on:
            return None  # the echo of a rail that went off
    return (
        _HAPPENING_OF_KIND.get(EventKind(kind)) if kind in EventKind.__members__.values() else None
    )


def _follow(
    facts: SlotFacts, happening: Happening, actor: Cause | None, flags: SlotFlag | None
) -> Decision:
    row = _BY_OLD.get((happening, facts.state))
    if row is None or (row.new is None and flags is None):
        return Decision(facts.state, flags, None)
    new = discover(flags) if row.new is None and flags is not None else row.new
    if new is None or new is facts.state:
        return Decision(facts.state, flags, None)
    return Decision(new, flags, row.cause or actor or Cause.POLICY)


def _discover_powered(flags: SlotFlag) -> SlotState:
    if SlotFlag.SHUTDOWN_LINE in flags:
        return M6
    if SlotFlag.HAS_HANDLE in flags and SlotFlag.HANDLE_CLOSED not in flags:
        return M5
    return M4 if SlotFlag.POWER_GOOD in flags else M3


def _with_a_hand(facts: SlotFacts, kind: EventKind) -> Happening:
    """Translate what means something else by where the handle is, or the rail when it moves."""
    if kind is EventKind.HANDLE_OPEN:
        return Happening.HANDLE_OPENED_LIVE if facts.rail_on else Happening.HANDLE_OPENED_COLD
    is_open = facts.handle_closed is False
    return Happening.POWER_BECAME_GOOD_IN_A_HAND if is_open else Happening.POWER_BECAME_GOOD


def _rail_off(value: int) -> Happening:
    match rail_cause(value):
        case RailCause.REMOVAL:
            return Happening.RAIL_LEFT_WITH_CARRIER
        case RailCause.CYCLE:
            return Happening.RAIL_WENT_OFF_TO_CYCLE
        case _:
            return Happening.RAIL_WENT_OFF


def _actor_of(facts: SlotFacts, kind: int, value: int) -> Cause | None:
    """Who acted, when no known command stands behind the event."""
    if kind in {EventKind.RAIL_ON, EventKind.RAIL_OFF}:
        cause = rail_cause(value)
        # A stop that somebody began keeps its beginner to the end.
        if cause is RailCause.SHUTDOWN_DONE and facts.state in {M5, M6}:
            return facts.cause
        return _cause_of_rail(kind, cause, rail_command_id(value))
    # Power good and the shutdown line go on with what began before; a start held back was asked for.
    began = facts.state in {M2, M3, M5}
    return (Cause.PERSON if facts.cause is Cause.BUDGET else facts.cause) if began else None


def _cause_of_rail(kind: int, cause: RailCause | None, command_id: int) -> Cause | None:
    """Return None, which is policy, where the firmware acted by itself."""
    if cause is None or (cause is RailCause.COMMAND and not command_id):
        return None  # a rail that the firmware found switched
    by = _CAUSE_OF_RAIL[cause]
    # A fault switches rails off; what switches them on again is the firmware's own retry.
    return None if kind == EventKind.RAIL_ON and by is Cause.FAULT else by
