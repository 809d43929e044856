"""INA226: bus voltage and shunt current of one channel (TI SBOS547). Measures by itself from power-on."""

import struct

from ..board import UNKNOWN
from ..compat import const

CHANNELS = const(1)
_SHUNT = const(0x01)  # 2.5 uV a step, signed
_BUS = const(0x02)  # 1.25 mV a step
_ENODEV = const(19)
_DIE = const(0xFF)
_DIE_ID = const(0x226)  # its last four bits are the revision


class Ina226:
    """One meter. read() raises OSError when the chip does not answer, or another one does."""

    def __init__(self, bus, address: int, shunt_mohm: int) -> None:
        self._bus = bus
        self.address = address
        self._shunt_mohm = shunt_mohm
        self._is_known = False

    def read(self, channel: int) -> tuple[int, int]:  # noqa: ARG002 - it has but one
        """(mV, mA); a current that flows back counts as none."""
        if not self._is_known:
            self._is_known = self._word(_DIE) >> 4 == _DIE_ID
            if not self._is_known:
                raise OSError(_ENODEV)  # an INA3221 at this address would give wrong numbers
        try:
            shunt, bus = self._word(_SHUNT), self._word(_BUS)
        except OSError:
            self._is_known = False
            raise
        return max(0, bus * 5 // 4), min(UNKNOWN - 1, max(0, shunt * 5 // (2 * self._shunt_mohm)))

    def _word(self, register: int) -> int:
        return struct.unpack(">h", self._bus.readfrom_mem(self.address, register, 2))[0]
