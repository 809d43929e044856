"""MCP23017: 16 pins with weak pull-ups. After power-on all inputs, latches 0 (Microchip DS20001952, table 3-1)."""

from .port import RegisterPort


class Mcp23017(RegisterPort):
    """Registers of the power-on bank (IOCON.BANK = 0): those of port B follow those of port A."""

    IN = 0x12
    OUT = 0x14
    DIRECTION = 0x00
    PULL_UP = 0x0C
    FRESH_LATCH = 0

    def sample(self) -> None:
        data = self._bus.readfrom_mem(self.address, self.IN, 4)  # GPIO and OLAT stand side by side
        self.levels = data[0] | data[1] << 8
        self.latch = data[2] | data[3] << 8
