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
        # From GPPU to OLAT at one go. A chip that was reset has no pull-ups, and its open contacts read anything.
        data = self._bus.readfrom_mem(self.address, self.PULL_UP, 10)
        self.is_set_up = data[0] | data[1] << 8 == self.plan.inputs
        self.levels = data[6] | data[7] << 8
        self.latch = data[8] | data[9] << 8
