"""Numbers that BP/1 gives to types, events, operations and results. Pure data.

A number is never reused or renamed once released (docs/firmware-link.md lists each with its meaning).
"""

from enum import IntEnum, IntFlag

PROTOCOL_VERSION = 1
IF_EVENT_ANY = 0xFFFFFFFF  # skips the "newest event" check: only for a person's "cut now"
LED_AS_LOCAL = 7  # in SET_LED: leave this lamp as the firmware's own rules have it


class MessageType(IntEnum):
    HELLO_REQ = 0x01
    HELLO = 0x02
    BYE = 0x04
    EVENT = 0x10
    ACK = 0x11
    REPLAY = 0x12
    CMD = 0x20
    RESULT = 0x21
    STATE = 0x30
    TELEMETRY = 0x31
    LOG = 0x40
    ERROR = 0x41
    PING = 0x50
    PONG = 0x51
    CONSOLE = 0x60


class EventKind(IntEnum):
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


class Op(IntEnum):
    SET_POWER = 1
    POWER_CYCLE = 2
    REQUEST_SHUTDOWN = 3
    RELEASE = 4
    SET_LED = 5
    LAMP_TEST = 6
    CLEAR_TRIP = 7
    CLEAR_ALARM = 8
    GET_STATE = 9
    GET_IDENTITY = 10
    SET_CONFIG = 11
    GET_CONFIG = 12
    STATS = 13
    SET_FAN = 14
    NEW_JOURNAL = 15
    REBOOT = 16
    UPDATE_BEGIN = 20
    UPDATE_DATA = 21
    UPDATE_COMMIT = 22
    UPDATE_STATUS = 23


class ResultCode(IntEnum):
    OK = 0
    E_SLOT = 1
    E_OP = 2
    E_ARGS = 3
    E_NOT_OWNER = 4
    E_EXPIRED = 5
    E_STATE = 6
    E_BUSY = 7
    E_HARDWARE = 8


class RailCause(IntEnum):
    COMMAND = 0
    REMOVAL = 1
    TRIP = 2
    POWER_GOOD_FAILED = 3
    OVER_TEMP = 4
    RESTORE_POLICY = 5
    SHUTDOWN_DONE = 6
    SUPPLY_LOST = 7
    LOCAL_BUTTON = 8
    CYCLE = 9


class ConfigKey(IntEnum):
    RESTORE_POLICY = 1
    STAGGER_MS = 2
    LIMIT_MA = 3
    OVER_TEMP_CDEG = 4
    TELEMETRY_PERIOD_MS = 5
    ON_INSERT_WITHOUT_HOST = 6
    BUDGET_MW = 7
    SHUTDOWN_NOTICE_MS = 8
    HALTED_MA = 9
    SUPPLIES_GOOD = 10  # read only


class ByeReason(IntEnum):
    SUPERSEDED = 1
    OTHER_OWNER = 2
    GOING_AWAY = 3
    NO_COMMON_VERSION = 4


class ErrorCode(IntEnum):
    GONE = 1
    NOT_OWNER = 2
    BAD_BODY = 3
    BAD_TYPE = 4


class LedLayer(IntEnum):
    LOCAL = 0
    OVERRIDE = 1
    LAMP_TEST = 2


class LedColour(IntEnum):
    OFF = 0
    GREEN = 1
    AMBER = 2
    RED = 3


class LedPattern(IntEnum):
    OFF = 0
    ON = 1
    SLOW = 2
    FAST = 3
    SHORT = 4
    LONG = 5
    PFA = 6


class HelloFlags(IntFlag):
    NONE = 0
    TAKE = 1
    LISTEN_ONLY = 2


class Caps(IntFlag):
    SIMULATED = 1 << 0
    HANDLES = 1 << 1
    CONSOLES = 1 << 2
    UPDATE = 1 << 3


class SlotFlags(IntFlag):
    PRESENT = 1 << 0
    HANDLE_CLOSED = 1 << 1
    RAIL_ON = 1 << 2
    POWER_GOOD = 1 << 3
    TRIPPED = 1 << 4
    HALTED = 1 << 5
    SHUTDOWN_LINE = 1 << 6
    IDENTIFIED = 1 << 7
    FLAPPING = 1 << 8
    RELEASED = 1 << 9
    CAN_SENSE_PRESENCE = 1 << 10
    HAS_HANDLE = 1 << 11
    METER_WORKS = 1 << 12
    DEVICE_LOST = 1 << 13
    OVER_TEMP = 1 << 14
    HELD = 1 << 15
    ALARM = 1 << 16
    SUSPICIOUS = 1 << 17
    HAS_HALTED_LINE = 1 << 18
    RAIL_BELOW_HALF_VOLT = 1 << 19
