"""Which actions a slot offers, whether each is possible now, and why not. Advice for the eye, never the guard.

Pure. The services refuse by the same rules (slots.obstacles); this keeps a person from trying in vain.
Roles are left out on purpose: one rendering serves every reader, and the page hides what a viewer may not do.
"""

from dataclasses import dataclass
from typing import Final, TypedDict

from backplane.live.lamps import is_locating
from backplane.live.records import PendingCommand
from backplane.live.seen import SlotSeen
from backplane.slots.facts import SlotFacts, SlotFlag, SlotState
from backplane.slots.obstacles import no_shutdown_line, obstacle
from backplane.slots.ops import CommandOp

# One button. `class` is its guard: 0 acts at once, 2 asks first, 3 is held down or has the slot's number typed.
ActionView = TypedDict(
    "ActionView",
    {"op": str, "label": str, "icon": str, "enabled": bool, "why": str, "class": int},
)

PLAYED: Final = "Played from a recording."  # why nothing can be asked of it


@dataclass(frozen=True, slots=True)
class Situation:
    """What bears on every action of the slot beside the slot itself. `pending`: an unfinished power command."""

    link_is_up: bool
    pending: PendingCommand | None = None
    is_replayed: bool = False

    @property
    def out_of_reach(self) -> str:
        """Why nothing at all can be asked of the chassis; "" when it can."""
        if self.is_replayed:
            return PLAYED
        return "" if self.link_is_up else "The chassis does not answer."


TAKE_BACK: Final = "take_back"  # what the button sends: no command, but the end of one that waits
TAKE_BACK_RELEASE: Final = "release_off"  # what the button sends; the command is RELEASE, off


@dataclass(frozen=True, slots=True)
class _Kind:
    """`sends`: the button's own word, where one command serves two buttons."""

    op: CommandOp
    label: str
    icon: str
    guard: int
    sends: str = ""


_LOCATE_ON: Final = _Kind(CommandOp.LOCATE_ON, "Locate", "loc", 0)
_LOCATE_OFF: Final = _Kind(CommandOp.LOCATE_OFF, "Stop locating", "loc", 0)
_POWER: Final = (
    _Kind(CommandOp.POWER_ON, "Power on", "up", 2),
    _Kind(CommandOp.SHUTDOWN, "Shut down", "down", 2),
    _Kind(CommandOp.POWER_CYCLE, "Power cycle", "cycle", 3),
    _Kind(CommandOp.POWER_OFF, "Cut power", "cut", 3),
)


_ON_ITS_WAY_DOWN: Final = (SlotState.DEACTIVATION_REQUEST, SlotState.DEACTIVATION_IN_PROGRESS)
_CLEAR_ALARM: Final = _Kind(CommandOp.CLEAR_ALARM, "Clear the alarm", "clear", 2)
# Offered only where they make sense, after the others: (flag that calls for it, action).
_WHEN_FLAGGED: Final = (
    (SlotFlag.TRIPPED, _Kind(CommandOp.CLEAR_TRIP, "Clear the trip", "clear", 2)),
    (SlotFlag.ALARM, _CLEAR_ALARM),
)
_RELEASE: Final = _Kind(CommandOp.RELEASE, "Release for removal", "eject", 2)
_TAKE_BACK_RELEASE: Final = _Kind(
    CommandOp.RELEASE, "Take back release", "lock", 2, TAKE_BACK_RELEASE
)


def actions_of(seen: SlotSeen, situation: Situation) -> list[ActionView]:
    """Return the buttons of the slot: the usual ones in a fixed order, then what its condition calls for."""
    locate = _LOCATE_OFF if seen.is_known and is_locating(seen.lights) else _LOCATE_ON
    actions = [_action(kind, seen, situation) for kind in (locate, *_POWER, *_called_for(seen))]
    if situation.pending and situation.pending.may_be_taken_back:
        actions.append(_take_back())
    return actions


def _take_back() -> ActionView:
    """Return the button that ends what waits. It needs no board: nothing was sent."""
    return {
        "op": TAKE_BACK,
        "label": "Stop waiting",
        "icon": "clear",
        "enabled": True,
        "why": "",
        "class": 0,
    }


def _called_for(seen: SlotSeen) -> list[_Kind]:
    kinds = [kind for flag, kind in _WHEN_FLAGGED if seen.is_known and seen.has(flag)]
    if seen.is_known and seen.is_alarmed and not seen.has(SlotFlag.ALARM):
        kinds.append(_CLEAR_ALARM)
    is_at_rest = seen.state in {SlotState.INACTIVE, SlotState.ACTIVATION_REQUEST}
    could_be_released = is_at_rest and seen.is_present is True
    if could_be_released and not seen.has(SlotFlag.RAIL_ON) and not seen.has(SlotFlag.RELEASED):
        kinds.insert(0, _RELEASE)
    if seen.is_known and seen.has(SlotFlag.RELEASED):
        kinds.insert(0, _TAKE_BACK_RELEASE)
    return kinds


def _action(kind: _Kind, seen: SlotSeen, situation: Situation) -> ActionView:
    why = _why_not(kind, seen, situation)
    return {
        "op": kind.sends or kind.op.value,
        "label": kind.label,
        "icon": kind.icon,
        "enabled": not why,
        "why": why,
        "class": kind.guard,
    }


def _may_replace(kind: _Kind, running: PendingCommand) -> bool:
    """Whether this is the cut that ends a start or a shutdown: a Pi that hangs must not have to be waited for."""
    return kind.op is CommandOp.POWER_OFF and not running.is_cut


def _why_not(kind: _Kind, seen: SlotSeen, situation: Situation) -> str:
    if situation.out_of_reach:
        return situation.out_of_reach
    if situation.pending and kind.guard and not _may_replace(kind, situation.pending):
        return f"Still busy: {situation.pending.word}."
    if kind.op is CommandOp.SHUTDOWN and seen.state in _ON_ITS_WAY_DOWN:
        return f"Slot {seen.number} is shutting down already."
    if not seen.is_known:
        return f"The state of slot {seen.number} is not known."
    facts = SlotFacts(seen.state, seen.flags)
    why = obstacle(kind.op, seen.number, facts, wants_on=kind.sends != TAKE_BACK_RELEASE)
    if not why and kind.op is CommandOp.SHUTDOWN and not seen.has_shutdown_line:
        return no_shutdown_line(seen.number)
    return why
