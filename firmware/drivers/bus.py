"""The I2C bus: every transfer ends in bounded time, and a line that a chip holds low is freed.

UM10204 (NXP, rev. 7) section 3.1.16: SDA held low is freed by up to nine clocks. An EEPROM in the middle of a read
lets go only when it is clocked to a 1 and then sees START or STOP, so both follow.
"""

from ..compat import const

_ENODEV = const(19)  # nobody acknowledged: the bus itself is fine
_REST_MS = const(
    1000
)  # a bus that could not be freed is left alone this long: a time-out may take 0.2 s
_CLOCKS = const(9)


class BusDown(OSError):
    """The bus is held; nothing was tried."""


class I2cBus:
    """Transfers raise OSError. open_i2c() makes the controller; lines() gives (scl, sda) as open-drain pins.

    mux_reset is the open-drain pin on the multiplexers' RESET, if there is one: a carrier that holds its own branch
    holds the whole bus, and hears no address that would close the branch. now_ms is set by the board's sample().
    """

    def __init__(self, open_i2c, lines, mux_reset=None) -> None:
        self._open = open_i2c
        self._lines = lines
        self._mux_reset = mux_reset
        self.now_ms = 0
        self._down_until = -1
        self.recoveries = 0
        self._i2c = None
        self.free()  # a reset in the middle of a read leaves a chip holding the line

    def readfrom_mem(self, address: int, register: int, count: int) -> bytes:
        return self._do("readfrom_mem", address, register, count)

    def writeto_mem(self, address: int, register: int, data: bytes) -> None:
        self._do("writeto_mem", address, register, data)

    def readfrom(self, address: int, count: int) -> bytes:
        return self._do("readfrom", address, count)

    def writeto(self, address: int, data: bytes) -> None:
        self._do("writeto", address, data)

    def _do(self, name: str, *arguments):
        if self.now_ms < self._down_until:
            raise BusDown
        if self._i2c is None and not self.free():
            self._down_until = self.now_ms + _REST_MS
            raise BusDown
        try:
            return getattr(self._i2c, name)(*arguments)
        except OSError as error:
            if not error.args or error.args[0] != _ENODEV:
                self._i2c = (
                    None  # a time-out or lost arbitration: look at the lines before the next one
                )
            raise

    def free(self) -> bool:
        """Let go, clock out what holds SDA, and open the controller. Whether both lines are high."""
        scl, sda = self._lines()
        is_free = self._clock_out(scl, sda)
        if not is_free and self._mux_reset is not None:
            self._mux_reset.value(0)
            self._mux_reset.value(1)
            is_free = self._clock_out(scl, sda)
        if is_free:
            sda.value(0)  # START
            sda.value(1)  # STOP
            self._i2c = self._open()
        return is_free

    def _clock_out(self, scl, sda) -> bool:
        scl.value(1)
        sda.value(1)
        for _ in range(_CLOCKS):
            if sda.value() and scl.value():
                return True
            self.recoveries += 1
            scl.value(0)
            scl.value(1)
        return bool(sda.value() and scl.value())
