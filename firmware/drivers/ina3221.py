"""INA3221 meters: bus voltage and shunt current of three channels each."""

import struct

from ..board import UNKNOWN
from ..compat import const

_BUS_MV = const(8)  # per step of the bus register after its three empty bits
_SHUNT_UV = const(40)  # per step of the shunt register


def read_channel(i2c, address: int, channel: int, shunt_mohm: int) -> tuple[int, int]:
    """(mV, mA) of channel 1 to 3; UNKNOWN twice when the meter does not answer."""
    try:
        shunt = struct.unpack(">h", i2c.readfrom_mem(address, channel * 2 - 1, 2))[0] >> 3
        bus = struct.unpack(">h", i2c.readfrom_mem(address, channel * 2, 2))[0] >> 3
    except OSError:
        return UNKNOWN, UNKNOWN
    return max(0, bus * _BUS_MV), max(0, shunt * _SHUNT_UV // shunt_mohm)
