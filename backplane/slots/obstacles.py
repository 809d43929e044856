"""What stands in the way of a command on one slot, in words for the person who asked.

Pure. Judges by what is seen alone; no command follows from "not known".
"""

from collections.abc import Callable
from typing import Final

from backplane.slots.facts import SlotFacts
from backplane.slots.ops import CommandOp


def obstacle(op: CommandOp, number: int, facts: SlotFacts | None, *, wants_on: bool = True) -> str:
    """Return why `op` is not possible on slot `number` now, "" when it is.

    `facts` is None for the chassis. `wants_on` False: a release is taken back.
    """
    if facts is None or op in _ALWAYS_POSSIBLE:
        return ""
    if facts.flags is None or facts.rail_on is None:
        return f"The state of slot {number} is not known."
    if op is CommandOp.RELEASE and not wants_on:
        return "" if facts.released else f"Slot {number} is not released."
    reason = _RULES[op](facts)
    return f"Slot {number} {reason}." if reason else ""


def no_shutdown_line(number: int) -> str:
    """Why nobody can ask slot `number` of this board to shut down."""
    return f"Slot {number} has no shutdown line; shut it down from within, then cut power."


_ALWAYS_POSSIBLE: Final = (
    CommandOp.LOCATE_ON,
    CommandOp.LOCATE_OFF,
    CommandOp.INVITE_ON,
    CommandOp.INVITE_OFF,
    CommandOp.SET_CONFIG,
    CommandOp.LAMP_TEST,
)


def _first(*pairs: tuple[bool | None, str]) -> str:
    return next((reason for applies, reason in pairs if applies), "")


def _power_on(facts: SlotFacts) -> str:
    return _first(
        (facts.suspicious, "looks empty, yet current flows"),
        (facts.present is False, "is empty"),
        (facts.rail_on, "is on already"),
        (facts.released, "is released for removal; take the release back first"),
        (facts.tripped, "was cut for over-current; clear the trip first"),
        (facts.handle_closed is False, "has an open handle; close it first"),
        (facts.alarm, "has an alarm; put the right carrier back or clear the alarm first"),
    )


def _rail_must_be_on(facts: SlotFacts) -> str:
    return "" if facts.rail_on else "is off already"


def _shutdown(facts: SlotFacts) -> str:
    return _first(
        (not facts.rail_on, "is off already"),
        (facts.halted, "has halted already; its power can be cut"),
    )


def _clear_trip(facts: SlotFacts) -> str:
    return "" if facts.tripped else "has no trip to clear"


def _clear_alarm(facts: SlotFacts) -> str:
    # Of an empty slot a person may say why it stays so: a surprise is an alarm that the board does not know.
    return "" if facts.alarm or facts.present is False else "has no alarm to clear"


def _release(facts: SlotFacts) -> str:
    return _first(
        (facts.released, "is released already"),
        (facts.present is False, "is empty"),
        (facts.rail_on, "is on; shut it down first"),
    )


_RULES: Final[dict[CommandOp, Callable[[SlotFacts], str]]] = {
    CommandOp.POWER_ON: _power_on,
    CommandOp.POWER_OFF: _rail_must_be_on,
    CommandOp.POWER_CYCLE: _rail_must_be_on,
    CommandOp.SHUTDOWN: _shutdown,
    CommandOp.CLEAR_TRIP: _clear_trip,
    CommandOp.CLEAR_ALARM: _clear_alarm,
    CommandOp.RELEASE: _release,
}
