"""The commands that people, swaps and the API may ask for, and how long each may wait.

Pure. Nothing here decides whether a command is possible now: planner.py does.
"""

from enum import StrEnum


class CommandOp(StrEnum):
    """What can be asked of a slot, or of the chassis (LAMP_TEST)."""

    POWER_ON = "power_on"
    POWER_OFF = "power_off"
    POWER_CYCLE = "power_cycle"
    SHUTDOWN = "shutdown"
    LOCATE_ON = "locate_on"
    LOCATE_OFF = "locate_off"
    INVITE_ON = "invite_on"  # "insert here": white 1 Hz
    INVITE_OFF = "invite_off"
    SET_CONFIG = "set_config"
    CLEAR_TRIP = "clear_trip"
    CLEAR_ALARM = "clear_alarm"
    RELEASE = "release"
    LAMP_TEST = "lamp_test"


class CommandState(StrEnum):
    """Life of a command: open -> sent -> accepted -> done, or one of the three other ends."""

    OPEN = "open"
    SENT = "sent"
    ACCEPTED = "accepted"
    DONE = "done"
    REFUSED = "refused"
    EXPIRED = "expired"
    FAILED = "failed"


class Origin(StrEnum):
    """Who stands behind a command; becomes the cause of its transitions."""

    PERSON = "person"
    API = "api"
    SWAP = "swap"
    HANDLE = "handle"  # a person at the rack, by the handle of the slot


UNFINISHED = (CommandState.OPEN, CommandState.SENT, CommandState.ACCEPTED)
POWER_OPS = (
    CommandOp.POWER_ON,
    CommandOp.POWER_OFF,
    CommandOp.POWER_CYCLE,
    CommandOp.SHUTDOWN,
)

# What brings a rail up, and so needs power and a turn.
STARTS = (CommandOp.POWER_ON, CommandOp.POWER_CYCLE)
# What takes the power from whatever runs in the slot.
STOPS = (CommandOp.POWER_OFF, CommandOp.POWER_CYCLE, CommandOp.SHUTDOWN)

# A person who pressed expects an effect while looking; later it would come as a surprise.
COMMAND_EXPIRY_S = 10.0
# A start that waits for power or for its turn is shown as waiting, and is given up after this.
WAITING_EXPIRY_S = 600.0
# A sent command is given up this much after the board must have refused it as expired.
RESULT_GRACE_S = 2.0
# Rail events must follow an accepted command: 24 slots x 500 ms stagger, a 2 s cycle, and some.
RAIL_CHANGE_LIMIT_S = 30.0
# An operating system gets this long to stop; then a person decides, never the app.
SHUTDOWN_LIMIT_S = 90.0
# The wire's value for "do not compare with the slot's newest event".
SKIP_EVENT_CHECK = 0xFFFFFFFF

# How the outcome begins of a command that a person took back before it was sent.
TAKEN_BACK = "Taken back by"

OP_WORDS = {
    CommandOp.POWER_ON: "Power on",
    CommandOp.POWER_OFF: "Power off",
    CommandOp.POWER_CYCLE: "Power cycle",
    CommandOp.SHUTDOWN: "Shut down",
    CommandOp.LOCATE_ON: "Locate light on",
    CommandOp.LOCATE_OFF: "Locate light off",
    CommandOp.INVITE_ON: "Insert light on",
    CommandOp.INVITE_OFF: "Insert light off",
    CommandOp.SET_CONFIG: "Setting",
    CommandOp.CLEAR_TRIP: "Clear trip",
    CommandOp.CLEAR_ALARM: "Clear alarm",
    CommandOp.RELEASE: "Release",
    CommandOp.LAMP_TEST: "Lamp test",
}


def accepted_limit_s(op: CommandOp) -> float:
    """Return how many seconds after RESULT OK the effect of `op` must have been seen."""
    return SHUTDOWN_LIMIT_S if op is CommandOp.SHUTDOWN else RAIL_CHANGE_LIMIT_S
