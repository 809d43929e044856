"""A simulated I2C bus: who acknowledges what, and a data line that a chip holds low.

NXP UM10204 rev. 7: 3.1.6 (acknowledge), 3.1.10 (address, repeated start), 3.1.16 (bus clear). Reads of two chips at
one address are the AND of both, as on the open-drain wire.
"""

import errno
from collections.abc import Callable


class Chip:
    """One device. Subclasses override what a byte does; a silent one acknowledges nothing."""

    hears_more = False  # it may acknowledge other addresses than its own

    def __init__(self, address: int) -> None:
        self.address = address
        self.is_silent = False
        self.power_on()

    def power_on(self) -> None:
        """Take the power-on values."""

    def answers(self, address: int) -> bool:
        """Whether this address byte is acknowledged."""
        return not self.is_silent and address == self.address

    def at(self, address: int) -> "list[Chip]":
        """Chips reached at an address: this one, or those behind it."""
        return [self] if self.answers(address) else []

    def start(self) -> None:
        """START or repeated START with this chip's address."""

    def put(self, byte: int) -> bool:
        """Take a written byte; whether it is acknowledged."""
        return False

    def get(self) -> int:
        """Give the next byte of a read."""
        return 0xFF

    def stop(self) -> None:
        """STOP."""

    def reset_branches(self) -> None:
        """RESET of a multiplexer."""


class SimBus:
    """The wires. `log` keeps (address, bytes written) for tests of order."""

    def __init__(self, *chips: Chip) -> None:
        self.chips = list(chips)
        self.log: list[tuple[int, bytes]] = []
        self.transfers = 0
        # Clocks on the wire (UM10204, 3.1.4 to 3.1.6): nine a byte, one for each START, repeated START and STOP.
        self.clocks = 0
        self._heard: list[Chip] = []
        self.longest_read = 0
        self.held_clocks = 0  # a chip in the middle of a 0 holds SDA until so many clocks went by
        self.holds_until_stop = False  # like an EEPROM in a read: a 1 alone does not end it
        self.clock_is_held = False  # SCL low: nothing can be done
        self.branch_is_held = False  # a chip behind an open multiplexer holds SDA for good
        self.writes_until_stuck = -1  # the transfer after so many more hangs with SDA low
        # What noise makes of the bytes read: I2C has no checksum.
        self.garble: Callable[[bytes], bytes] | None = None

    @property
    def is_held(self) -> bool:
        """Whether a line is low though the controller lets it go."""
        return self.data_is_held or self.clock_is_held

    @property
    def data_is_held(self) -> bool:
        """Whether SDA is low though the controller lets it go."""
        return self.held_clocks > 0 or self.branch_is_held

    def reset_multiplexers(self) -> None:
        """RESET of every TCA9548A (section 7.4.1): all its branches are closed, whatever hangs there."""
        self.branch_is_held = False
        for chip in self.chips:
            if chip.hears_more:
                chip.reset_branches()

    # What a controller does.

    def writeto(self, address: int, data: bytes) -> None:
        self._begin(address)
        reached = self._address(address)
        self._put(reached, data)
        self.log.append((address, bytes(data)))
        self._stop()

    def readfrom(self, address: int, count: int) -> bytes:
        self._begin(address)
        data = self._get(self._address(address), count)
        self._stop()
        return data

    def readfrom_mem(self, address: int, register: int, count: int) -> bytes:
        self._begin(address)
        self._put(self._address(address), bytes((register,)))
        data = self._get(self._address(address), count)  # repeated START
        self._stop()
        return data

    def writeto_mem(self, address: int, register: int, data: bytes) -> None:
        self.writeto(address, bytes((register, *data)))

    # What a bus clear does by hand.

    def clock(self) -> None:
        """One clock pulse with SDA let go."""
        if self.held_clocks:
            self.held_clocks -= 1

    def stop_condition(self) -> None:
        """SDA rises while SCL is high."""
        if not self.held_clocks:
            self.holds_until_stop = False

    def _begin(self, address: int) -> None:
        self.transfers += 1
        self.clocks += 1  # STOP
        if self.writes_until_stuck == 0:
            self.held_clocks, self.writes_until_stuck = 5, -1
        elif self.writes_until_stuck > 0:
            self.writes_until_stuck -= 1
        if self.is_held or self.holds_until_stop:
            raise OSError(errno.ETIMEDOUT, f"0x{address:02x}")

    def _address(self, address: int) -> list[Chip]:
        self.clocks += 10
        self._heard = [chip for chip in self.chips if chip.address == address or chip.hears_more]
        reached = [found for chip in self._heard for found in chip.at(address)]
        if not reached:
            self._stop()
            raise OSError(errno.ENODEV, f"0x{address:02x}")
        for chip in reached:
            chip.start()
        return reached

    def _put(self, reached: list[Chip], data: bytes) -> None:
        for byte in data:
            self.clocks += 9
            acknowledged = [chip.put(byte) for chip in reached]
            if not any(acknowledged):
                self._stop()
                raise OSError(errno.ENODEV, "data byte not acknowledged")

    def _get(self, reached: list[Chip], count: int) -> bytes:
        self.longest_read = max(self.longest_read, count)
        out = bytearray()
        self.clocks += 9 * count
        for _ in range(count):
            byte = 0xFF
            for chip in reached:
                byte &= chip.get()
            out.append(byte)
        return self.garble(bytes(out)) if self.garble else bytes(out)

    def _stop(self) -> None:
        for chip in self._heard:
            chip.stop()
