"""PCA9685: 16 LED outputs with 12-bit PWM (NXP PCA9685 rev. 4). After power-on it sleeps and all outputs are off."""

from ..compat import const

CHANNELS = const(16)
_MODE1 = const(0x00)
_LED0 = const(0x06)
_FULL = const(0x10)  # in the high byte of the on or the off time
_AWAKE = const(0x20)  # auto-increment; SLEEP and ALLCALL off, so it no longer answers at 0x70


class Pca9685:
    """Lamps by channel. Raises OSError when the chip does not answer; then everything is written anew."""

    def __init__(self, bus, address: int, brightness: int) -> None:
        self._bus = bus
        self.address = address
        self._dim = brightness * 4095 // 100
        self._is_awake = False

    def write(self, channel: int, level: bool) -> None:
        """Dimmed where on; off is full off."""
        try:
            if not self._is_awake or not self._still_awake():
                self._bus.writeto_mem(self.address, _MODE1, bytes((_AWAKE,)))
                self._is_awake = True
            self._bus.writeto_mem(self.address, _LED0 + 4 * channel, self._times(level))
        except OSError:
            self._is_awake = False
            raise

    def _still_awake(self) -> bool:
        return self._bus.readfrom_mem(self.address, _MODE1, 1)[0] & 0x7F == _AWAKE

    def _times(self, level: bool) -> bytes:
        if not level:
            return bytes((0, 0, 0, _FULL))
        if self._dim >= 4095:
            return bytes((0, _FULL, 0, 0))
        return bytes((0, 0, self._dim & 0xFF, self._dim >> 8))
