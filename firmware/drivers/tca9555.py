"""TCA9555 (also PCA9555): 16 pins. After power-on all inputs, latches 1 (TI SCPS200, section 8.6.2)."""

from .port import RegisterPort


class Tca9555(RegisterPort):
    """A register pair repeats itself, so that levels and latches take a transfer each."""

    IN = 0x00
    OUT = 0x02
    DIRECTION = 0x06
    FRESH_LATCH = 0xFFFF
