"""What is known of one slot, in the words of BP/1: flag bits, event kinds, rail causes.

Pure. The numbers are the wire's (docs/firmware-link.md) and are kept as they came, so that a database
row can be compared with a STATE frame bit by bit. Unknown is None, never False.
"""

from dataclasses import dataclass
from enum import IntEnum, IntFlag, StrEnum


class SlotState(StrEnum):
    """FRU states of PICMG 3.0; the value is what rows, URLs and the live protocol carry."""

    NOT_INSTALLED = "M0"
    INACTIVE = "M1"
    ACTIVATION_REQUEST = "M2"
    ACTIVATION_IN_PROGRESS = "M3"
    ACTIVE = "M4"
    DEACTIVATION_REQUEST = "M5"
    DEACTIVATION_IN_PROGRESS = "M6"
    COMMUNICATION_LOST = "M7"


class Cause(StrEnum):
    """Why a slot changed state."""

    HANDLE = "handle"
    PERSON = "person"
    POLICY = "policy"
    API = "api"
    BUDGET = "budget"
    FAULT = "fault"
    SURPRISE = "surprise"
    LINK_LOST = "link_lost"
    LINK_RESTORED = "link_restored"
    POWER_RESTORED = "power_restored"


class SlotFlag(IntFlag):
    """Flag bits of a slot in STATE."""

    PRESENT = 1 << 0
    HANDLE_CLOSED = 1 << 1
    RAIL_ON = 1 << 2
    POWER_GOOD = 1 << 3
    TRIPPED = 1 << 4
    HALTED = 1 << 5
    SHUTDOWN_LINE = 1 << 6
    IDENTITY_READ = 1 << 7
    FLAPPING = 1 << 8
    RELEASED = 1 << 9
    SENSES_PRESENCE = 1 << 10
    HAS_HANDLE = 1 << 11
    METER_WORKS = 1 << 12
    NOT_ANSWERING = 1 << 13
    OVER_TEMPERATURE = 1 << 14
    HELD = 1 << 15
    ALARM = 1 << 16
    SUSPICIOUS = 1 << 17
    HAS_HALTED_LINE = 1 << 18
    RAIL_BELOW_500_MV = 1 << 19


class EventKind(IntEnum):
    """Kinds of hardware events."""

    BOOT = 1
    INSERT = 2
    REMOVE = 3
    HANDLE_OPEN = 4
    HANDLE_CLOSED = 5
    RAIL_ON = 6
    RAIL_OFF = 7
    POWER_GOOD = 8
    POWER_LOST = 9
    TRIP = 10
    OVER_TEMP = 11
    HALTED = 12
    IDENTIFIED = 13
    HOST_LOST = 14
    HOST_BACK = 15
    OVERFLOW = 16
    CONFIG = 17
    FLAPPING = 18
    WRONG_PULL = 19
    BUTTON = 20
    SUPPLY_LOST = 21
    SUPPLY_BACK = 22
    CHASSIS_POWER_RESTORED = 23
    RELEASED = 24
    SHUTDOWN_LINE = 25
    TRIP_CLEARED = 26
    POWER_GOOD_FAILED = 27
    DEVICE_LOST = 28
    DEVICE_BACK = 29
    SUSPICIOUS = 30
    ALARM_CLEARED = 31


KNOWN_KINDS = frozenset(kind.value for kind in EventKind)


class RailCause(IntEnum):
    """Why the firmware switched a rail; low byte of the value of RAIL_ON and RAIL_OFF."""

    COMMAND = 0
    REMOVAL = 1
    TRIP = 2
    POWER_GOOD_FAILED = 3
    OVER_TEMPERATURE = 4
    RESTORE_POLICY = 5
    SHUTDOWN_DONE = 6
    SUPPLY_LOST = 7
    LOCAL_BUTTON = 8
    CYCLE = 9


def rail_cause(value: int) -> RailCause | None:
    """Return the cause in a RAIL event's value, or None for one this version does not know."""
    number = value & 0xFF
    return RailCause(number) if number in RailCause.__members__.values() else None


def rail_command_id(value: int) -> int:
    """Return the 24-bit wire id of the command in a RAIL event's value, 0 for none."""
    return (value & 0xFFFFFFFF) >> 8


@dataclass(frozen=True, slots=True)
class SlotFacts:
    """State and flags of one slot; `flags` is None as long as nothing is known."""

    state: SlotState
    flags: SlotFlag | None
    cause: Cause | None = None

    def has(self, flag: SlotFlag) -> bool | None:
        """Say whether `flag` is set; None when the slot's devices do not answer or were never heard."""
        if self.flags is None or SlotFlag.NOT_ANSWERING in self.flags:
            return None
        return flag in self.flags

    def _sensed(self, flag: SlotFlag, sense: SlotFlag) -> bool | None:
        return self.has(flag) if self.has(sense) else None

    @property
    def present(self) -> bool | None:
        return self._sensed(SlotFlag.PRESENT, SlotFlag.SENSES_PRESENCE)

    @property
    def handle_closed(self) -> bool | None:
        return self._sensed(SlotFlag.HANDLE_CLOSED, SlotFlag.HAS_HANDLE)

    @property
    def rail_on(self) -> bool | None:
        return self.has(SlotFlag.RAIL_ON)

    @property
    def power_good(self) -> bool | None:
        return self.has(SlotFlag.POWER_GOOD)

    @property
    def tripped(self) -> bool | None:
        return self.has(SlotFlag.TRIPPED)

    @property
    def halted(self) -> bool | None:
        return self.has(SlotFlag.HALTED)

    @property
    def released(self) -> bool | None:
        return self.has(SlotFlag.RELEASED)

    @property
    def held(self) -> bool | None:
        return self.has(SlotFlag.HELD)

    @property
    def alarm(self) -> bool | None:
        return self.has(SlotFlag.ALARM)

    @property
    def suspicious(self) -> bool | None:
        return self.has(SlotFlag.SUSPICIOUS)

    @property
    def flapping(self) -> bool | None:
        return self.has(SlotFlag.FLAPPING)

    @property
    def over_temperature(self) -> bool | None:
        return self.has(SlotFlag.OVER_TEMPERATURE)
