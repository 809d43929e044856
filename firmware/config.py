"""Configuration kept in flash: one value per key, for the chassis (slot 0) or one slot."""

import struct

from . import codes
from .board_spec import BoardSpec
from .journal import KEY_CONFIG, Journal

# key: (least, most, may be set per slot)
_KEYS = {
    codes.RESTORE_POLICY: (0, 2, True),  # 0 last commanded, 1 on, 2 off
    codes.STAGGER_MS: (100, 60000, False),
    codes.LIMIT_MA: (50, 20000, True),
    codes.OVER_TEMP_CDEG: (2000, 12000, True),
    codes.TELEMETRY_PERIOD_MS: (100, 60000, False),
    codes.ON_INSERT_WITHOUT_HOST: (0, 1, True),  # 1: power a carrier that arrives with no host
    codes.BUDGET_MW: (0, 2000000000, False),
    codes.SHUTDOWN_NOTICE_MS: (1000, 3600000, True),
    codes.HALTED_MA: (0, 20000, True),
}


class Config:
    """Values by key and slot. A slot's own value beats the chassis', which beats the board file."""

    def __init__(self, journal: Journal, spec: BoardSpec) -> None:
        self._journal = journal
        self._defaults = {
            codes.STAGGER_MS: spec.stagger_ms,
            codes.LIMIT_MA: spec.limit_ma,
            codes.OVER_TEMP_CDEG: spec.over_temp_cdeg,
            codes.TELEMETRY_PERIOD_MS: spec.telemetry_period_ms,
            codes.BUDGET_MW: spec.budget_mw,
            codes.SHUTDOWN_NOTICE_MS: spec.shutdown_notice_ms,
            codes.HALTED_MA: spec.halted_ma,
        }

    def get(self, key: int, slot: int = 0) -> int:
        """The value in force; the key must exist."""
        value = self._kept(key, slot)
        if value is None and slot:
            value = self._kept(key, 0)
        return self._defaults.get(key, 0) if value is None else value

    def _kept(self, key: int, slot: int) -> int | None:
        """The journal holds the values: kept here as well they would take memory twice."""
        fact = self._journal.get(KEY_CONFIG + key * 256 + slot)
        return struct.unpack("<i", fact)[0] if fact else None

    def check(self, key: int, slot: int) -> int:
        """A result code: whether this key can be set for this slot (0: the chassis)."""
        if key not in _KEYS:
            return codes.E_ARGS
        return codes.OK if slot == 0 or _KEYS[key][2] else codes.E_SLOT

    def set(self, key: int, slot: int, value: int) -> int:
        """Keep a value. Returns a result code; nothing is written when nothing changes."""
        code = self.check(key, slot)
        if code != codes.OK:
            return code
        least, most, _ = _KEYS[key]
        if not least <= value <= most:
            return codes.E_ARGS
        self._journal.put(KEY_CONFIG + key * 256 + slot, struct.pack("<i", value))
        return codes.OK

    def is_set_to(self, key: int, slot: int, value: int) -> bool:
        """Whether exactly this was set before for exactly this slot."""
        return self._kept(key, slot) == value
