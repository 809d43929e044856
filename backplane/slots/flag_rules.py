"""How a hardware event changes the flags of a slot, so that a page is right before the next STATE.

Pure. STATE has the last word; this only fills the moment between.
"""

from typing import Final

from backplane.slots.facts import EventKind, SlotFlag

_NOTHING: Final = SlotFlag(0)
_ONLY_WITH_RAIL: Final = (
    SlotFlag.RAIL_ON | SlotFlag.POWER_GOOD | SlotFlag.HALTED | SlotFlag.SHUTDOWN_LINE
)

# kind: (flags it sets, flags it clears)
_RULES: Final[dict[int, tuple[SlotFlag, SlotFlag]]] = {
    EventKind.INSERT: (SlotFlag.PRESENT, SlotFlag.SUSPICIOUS),
    EventKind.REMOVE: (
        SlotFlag.HELD,
        _ONLY_WITH_RAIL
        | SlotFlag.PRESENT
        | SlotFlag.IDENTITY_READ
        | SlotFlag.RELEASED
        | SlotFlag.SUSPICIOUS
        | SlotFlag.OVER_TEMPERATURE,
    ),
    EventKind.HANDLE_OPEN: (_NOTHING, SlotFlag.HANDLE_CLOSED),
    EventKind.HANDLE_CLOSED: (SlotFlag.HANDLE_CLOSED, _NOTHING),
    EventKind.RAIL_ON: (
        SlotFlag.RAIL_ON,
        SlotFlag.RELEASED | SlotFlag.HALTED | SlotFlag.RAIL_BELOW_500_MV | SlotFlag.HELD,
    ),
    EventKind.RAIL_OFF: (_NOTHING, _ONLY_WITH_RAIL),
    EventKind.POWER_GOOD: (SlotFlag.POWER_GOOD, _NOTHING),
    EventKind.POWER_LOST: (_NOTHING, SlotFlag.POWER_GOOD),
    EventKind.POWER_GOOD_FAILED: (_NOTHING, SlotFlag.POWER_GOOD),
    EventKind.TRIP: (SlotFlag.TRIPPED, _ONLY_WITH_RAIL),
    EventKind.TRIP_CLEARED: (_NOTHING, SlotFlag.TRIPPED),
    EventKind.OVER_TEMP: (SlotFlag.OVER_TEMPERATURE, _NOTHING),
    EventKind.HALTED: (SlotFlag.HALTED, _NOTHING),
    EventKind.IDENTIFIED: (SlotFlag.IDENTITY_READ, _NOTHING),
    EventKind.FLAPPING: (SlotFlag.FLAPPING, _NOTHING),
    EventKind.WRONG_PULL: (SlotFlag.ALARM, _NOTHING),
    EventKind.ALARM_CLEARED: (_NOTHING, SlotFlag.ALARM),
    EventKind.SUSPICIOUS: (SlotFlag.SUSPICIOUS, _NOTHING),
    EventKind.DEVICE_LOST: (SlotFlag.NOT_ANSWERING, _NOTHING),
    EventKind.DEVICE_BACK: (_NOTHING, SlotFlag.NOT_ANSWERING),
    EventKind.CHASSIS_POWER_RESTORED: (_NOTHING, _ONLY_WITH_RAIL | SlotFlag.OVER_TEMPERATURE),
}
_SWITCHED_BY_VALUE: Final[dict[int, SlotFlag]] = {
    EventKind.RELEASED: SlotFlag.RELEASED,
    EventKind.SHUTDOWN_LINE: SlotFlag.SHUTDOWN_LINE,
}


def flags_after(flags: SlotFlag, kind: int, value: int) -> SlotFlag:
    """Return the flags after an event; unchanged for kinds that say nothing of them."""
    switched = _SWITCHED_BY_VALUE.get(kind)
    if switched is not None:
        return flags | switched if value else flags & ~switched
    on, off = _RULES.get(kind, (_NOTHING, _NOTHING))
    return (flags & ~off) | on
