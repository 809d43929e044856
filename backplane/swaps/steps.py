"""The nine steps of a guided swap, what can branch off them, and how long each may last.

Pure. The numbers stand in URLs of receipts, in rows and on screens; they never change.
"""

from enum import IntEnum, StrEnum


class Step(IntEnum):
    """The steps in the order in which people see them."""

    LOCATE = 1
    CONFIRM = 2
    SHUT_DOWN = 3
    PULL = 4
    INSERT = 5
    IDENTIFY = 6
    POWER_ON = 7
    HEALTH = 8
    RECORD = 9


class SwapState(StrEnum):
    """Life of a swap. A parked one shows no light, holds no queue, and can be gone on with."""

    OPEN = "open"
    PARKED = "parked"
    DONE = "done"
    CANCELLED = "cancelled"


UNFINISHED_SWAPS = (SwapState.OPEN, SwapState.PARKED)


class Branch(StrEnum):
    """What keeps a step from its usual way; empty is the usual way."""

    NONE = ""
    LINK_LOST = "link_lost"  # any step: the chassis does not answer
    WRONG_PULL = "wrong_pull"  # any step: another slot of this chassis has the alarm
    RESTORE = "restore"  # the slot pulled by mistake is back; its power is off
    OWN_SLOT = "own_slot"  # this program runs on the slot's Pi
    NO_READ_BACK = "no_read_back"  # 1: the board does not report the light
    WRONG_SLOT = "wrong_slot"  # 2: another slot was named
    QUEUED = "queued"  # 3: another swap of this chassis is between 3 and 7
    NO_LINE = "no_line"  # 3: the board has no shutdown line
    HANGS = "hangs"  # 3: the operating system did not stop in time
    NOT_OFF = "not_off"  # 3: the rail is off, yet the release is refused (volts or current left)
    NOT_PULLED = "not_pulled"  # 4: nobody pulled in time
    UNKNOWN = "unknown"  # 6: a carrier nobody has seen
    ELSEWHERE = "elsewhere"  # 6: expected in another slot
    SAME_BACK = "same_back"  # 6: the carrier that was taken out
    NOT_EXPECTED = "not_expected"  # 6: known, but not the one this swap waits for
    NO_IDENTITY = "no_identity"  # 6: nothing could be read in time, or this board cannot read
    NO_POWER = "no_power"  # 7: waits for power budget
    POWER_FAULT = "power_fault"  # 7: power did not become good, or was cut
    UNHEALTHY = "unhealthy"  # 8: a check failed, or nobody reported in time
    REFUSED = "refused"  # any step: something was asked of the board and not done
    UNDOING = "undoing"  # before 5: given up; the slot is put back as it was
    RECORD_WAITS = "record_waits"  # 9: the inventory does not answer; queued


class EntryKind(StrEnum):
    """What a line of a swap's log tells of."""

    START = "start"
    STEP = "step"  # the step it stands in came to its end
    BRANCH = "branch"
    COMMAND = "command"
    DEED = "deed"  # somebody pressed or chose
    MESSAGE = "message"
    NOTE = "note"
    HOLDER = "holder"
    PARK = "park"
    RECORD = "record"
    END = "end"


STEP_WORDS = {
    Step.LOCATE: "Locate",
    Step.CONFIRM: "Confirm slot",
    Step.SHUT_DOWN: "Shut down",
    Step.PULL: "Pull",
    Step.INSERT: "Insert the new Pi",
    Step.IDENTIFY: "Identify",
    Step.POWER_ON: "Power on",
    Step.HEALTH: "Health check",
    Step.RECORD: "Update the inventory",
}

# Steps in which a slot of this chassis may carry a blue or an inviting light: one swap at a time.
EXCLUSIVE_STEPS = (Step.SHUT_DOWN, Step.PULL, Step.INSERT, Step.IDENTIFY, Step.POWER_ON)

LOCATE_LIMIT_S = 600.0  # the firmware ends the light by itself; then parked
SHUT_DOWN_LIMIT_S = 90.0  # then a person decides: wait or cut
PULL_LIMIT_S = 600.0
INSERT_LIMIT_S = 1800.0  # then parked as left empty
INSERT_STABLE_S = 1.0
IDENTIFY_LIMIT_S = 20.0
POWER_ON_LIMIT_S = 10.0  # from the moment its start is admitted
HEALTH_LIMIT_S = 180.0
UNDO_LIMIT_S = 300.0  # a shutdown may take its time; what is undone later surprises people
LEASE_S = 120.0  # renewed by the page or by hardware events
READ_BACK_LIMIT_S = 5.0  # the board reports a changed lamp at once; then a person is asked
RELIGHT_S = (
    15.0  # a light that was lit and is reported dark, after a reboot of the board say, is lit again
)
SAFE_LIMIT_S = 10.0  # a rail with big capacitors takes a while to fall below 0.5 V
