"""TMP102: a thermometer on I2C (TI SBOS397). 12 bits, 0.0625 degrees a step, high byte first."""

import struct


class Tmp102:
    """One thermometer on a branch of the bus."""

    def __init__(self, bus, mux, address: int) -> None:
        self._bus = bus
        self._mux = mux
        self.address = address
        self._is_warm = False  # it has shown another value than its power-on one, or that twice

    def read(self) -> int | None:
        """Centi-degrees, or None before its first conversion. Raises OSError when it does not answer."""
        try:
            data = self._mux.call(lambda: self._bus.readfrom_mem(self.address, 0, 2))
        except OSError:
            self._is_warm = False
            raise
        raw = struct.unpack(">h", data)[0] >> 4
        if raw == 0 and not self._is_warm:
            self._is_warm = True  # 0 degrees is also what it reads until its first conversion
            return None
        self._is_warm = True
        return raw * 25 // 4
