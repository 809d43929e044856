"""Which actions a slot offers, whether each is possible now, and why not. Advice for the eye, never the guard.

Pure. The services refuse on their own authority; this only keeps a person from trying what cannot work.
Roles are left out on purpose: one rendering serves every reader, and the page hides what a viewer may not do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypedDict

from backplane.live.lamps import is_locating
from backplane.live.seen import SlotSeen
from backplane.slots.facts import SlotFlag, SlotState

# One button. `class` is its guard: 0 acts at once, 2 asks first, 3 is held down or has the slot's number typed.
ActionView = TypedDict(
    "ActionView",
    {"op": str, "label": str, "icon": str, "enabled": bool, "why": str, "class": int},
)


@dataclass(frozen=True, slots=True)
class Situation:
    """What bears on every action of the slot beside the slot itself. `pending`: an open command, in words."""

    link_is_up: bool
    pending: str = ""


@dataclass(frozen=True, slots=True)
class _Kind:
    op: str
    label: str
    icon: str
    guard: int
    obstacle: Callable[[SlotSeen], str]


def _power_on_obstacle(seen: SlotSeen) -> str:
    if seen.is_present is False:
        return "The slot is empty"
    reasons = (
        (SlotFlag.SUSPICIOUS, "Current flows although the slot looks empty"),
        (SlotFlag.RAIL_ON, "Power is on already"),
        (SlotFlag.RELEASED, "Released for removal: pull it, or take the release back first"),
        (SlotFlag.TRIPPED, "Over-current was cut by hardware: clear the trip first"),
        (SlotFlag.ALARM, "Put the right carrier back first"),
    )
    return next((why for flag, why in reasons if seen.has(flag)), "")


def _rail_obstacle(seen: SlotSeen) -> str:
    return "" if seen.has(SlotFlag.RAIL_ON) else "Power is off already"


def _shutdown_obstacle(seen: SlotSeen) -> str:
    if seen.has(SlotFlag.RAIL_ON) and seen.has(SlotFlag.HALTED):
        return "The operating system is down already"
    if seen.state in {SlotState.DEACTIVATION_REQUEST, SlotState.DEACTIVATION_IN_PROGRESS}:
        return "It is shutting down already"
    return _rail_obstacle(seen)


def _nothing(seen: SlotSeen) -> str:  # noqa: ARG001  (the signature of an obstacle)
    return ""


_LOCATE_ON: Final = _Kind("locate_on", "Locate", "loc", 0, _nothing)
_LOCATE_OFF: Final = _Kind("locate_off", "Stop locating", "loc", 0, _nothing)
_POWER: Final = (
    _Kind("power_on", "Power on", "up", 2, _power_on_obstacle),
    _Kind("shutdown", "Shut down", "down", 2, _shutdown_obstacle),
    _Kind("power_cycle", "Power cycle", "cycle", 3, _rail_obstacle),
    _Kind("power_off", "Cut power", "cut", 3, _rail_obstacle),
)


# Offered only where they make sense, after the others: (flag that calls for it, action).
_WHEN_FLAGGED: Final = (
    (SlotFlag.TRIPPED, _Kind("clear_trip", "Clear the trip", "clear", 2, _nothing)),
    (SlotFlag.ALARM, _Kind("clear_alarm", "Clear the alarm", "clear", 2, _nothing)),
)
_RELEASE: Final = _Kind("release", "Release for removal", "eject", 2, _nothing)


def actions_of(seen: SlotSeen, situation: Situation) -> list[ActionView]:
    """Return the buttons of the slot: the usual ones in a fixed order, then what its condition calls for."""
    locate = _LOCATE_OFF if seen.is_known and is_locating(seen.lights) else _LOCATE_ON
    return [_action(kind, seen, situation) for kind in (locate, *_POWER, *_called_for(seen))]


def _called_for(seen: SlotSeen) -> list[_Kind]:
    kinds = [kind for flag, kind in _WHEN_FLAGGED if seen.is_known and seen.has(flag)]
    could_be_released = seen.state is SlotState.INACTIVE and seen.is_present is True
    if could_be_released and not seen.has(SlotFlag.RAIL_ON) and not seen.has(SlotFlag.RELEASED):
        kinds.insert(0, _RELEASE)
    return kinds


def _action(kind: _Kind, seen: SlotSeen, situation: Situation) -> ActionView:
    why = _why_not(kind, seen, situation)
    return {
        "op": kind.op,
        "label": kind.label,
        "icon": kind.icon,
        "enabled": not why,
        "why": why,
        "class": kind.guard,
    }


def _why_not(kind: _Kind, seen: SlotSeen, situation: Situation) -> str:
    if not situation.link_is_up:
        return "The chassis does not answer"
    if not seen.is_known:
        return "The state of this slot is not known"
    if situation.pending and kind.guard:
        return f"Still busy: {situation.pending}"
    return kind.obstacle(seen)
