"""Settings that live in the board: their keys as on the wire, and what may be set for which slot.

Pure. The board has the last word; what is refused here would be refused there, without words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final


class ConfigKey(IntEnum):
    """Keys of SET_CONFIG and GET_CONFIG."""

    RESTORE_POLICY = 1
    STAGGER_MS = 2
    LIMIT_MA = 3
    OVER_TEMP_CDEG = 4
    TELEMETRY_PERIOD_MS = 5
    ON_INSERT_WITHOUT_HOST = 6
    BUDGET_MW = 7
    SHUTDOWN_NOTICE_MS = 8
    HALTED_MA = 9
    SUPPLIES_GOOD = 10


class RestorePolicy(IntEnum):
    """What the board does with a slot after a real loss of chassis power, with or without a host."""

    LAST = 0
    ON = 1
    OFF = 2


@dataclass(frozen=True, slots=True)
class _Range:
    least: int
    most: int
    is_per_slot: bool = False


_RANGES: Final = {
    ConfigKey.RESTORE_POLICY: _Range(0, 2, is_per_slot=True),
    ConfigKey.STAGGER_MS: _Range(100, 60_000),
    ConfigKey.LIMIT_MA: _Range(50, 20_000, is_per_slot=True),
    ConfigKey.OVER_TEMP_CDEG: _Range(2_000, 12_000, is_per_slot=True),
    ConfigKey.TELEMETRY_PERIOD_MS: _Range(100, 60_000),
    ConfigKey.ON_INSERT_WITHOUT_HOST: _Range(0, 1, is_per_slot=True),
    ConfigKey.BUDGET_MW: _Range(0, 2_000_000_000),
    ConfigKey.SHUTDOWN_NOTICE_MS: _Range(1_000, 3_600_000, is_per_slot=True),
    ConfigKey.HALTED_MA: _Range(0, 20_000, is_per_slot=True),
}


def setting_obstacle(slot: int, arguments: Mapping[str, Any]) -> str:
    """Return why a setting {"key", "value"} cannot be sent for a slot (0: the chassis), "" when it can."""
    key, value = arguments.get("key"), arguments.get("value")
    if not isinstance(key, int) or key not in ConfigKey.__members__.values():
        return "The board has no such setting."
    allowed = _RANGES.get(ConfigKey(key))
    if allowed is None:
        return "This can only be read."
    if slot and not allowed.is_per_slot:
        return "This setting is for the whole chassis."
    if not isinstance(value, int) or isinstance(value, bool):
        return "A setting needs a whole number."
    if not allowed.least <= value <= allowed.most:
        return f"This setting takes {allowed.least} to {allowed.most}."
    return ""
