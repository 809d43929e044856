"""INA3221: bus voltage and shunt current of three channels (TI SBOS576). Measures by itself from power-on."""

import struct

from ..board import UNKNOWN
from ..compat import const

CHANNELS = const(3)
_BUS_MV = const(8)  # per step of the bus register above its three empty bits
_SHUNT_UV = const(40)  # per step of the shunt register, likewise
_ENODEV = const(19)
_DIE = const(0xFF)
_DIE_ID = const(0x3220)


class Ina3221:
    """One meter; a list of shunts has one for each channel. read() raises OSError when the chip does not answer, or another one does."""

    def __init__(self, bus, address: int, shunt_mohm: int | list[int]) -> None:
        self._bus = bus
        self.address = address
        self._shunts_mohm = shunt_mohm if isinstance(shunt_mohm, list) else [shunt_mohm] * CHANNELS
        self._is_known = False

    def read(self, channel: int) -> tuple[int, int]:
        """(mV, mA) of channel 1 to 3; a current that flows back counts as none."""
        if not self._is_known:
            self._is_known = self._word(_DIE) == _DIE_ID
            if not self._is_known:
                raise OSError(_ENODEV)  # an INA226 at this address would give wrong numbers
        try:
            shunt = self._word(channel * 2 - 1) >> 3
            bus = self._word(channel * 2) >> 3
        except OSError:
            self._is_known = False
            raise
        return max(0, bus * _BUS_MV), min(
            UNKNOWN - 1, max(0, shunt * _SHUNT_UV // self._shunts_mohm[channel - 1])
        )

    def _word(self, register: int) -> int:
        return struct.unpack(">h", self._bus.readfrom_mem(self.address, register, 2))[0]
