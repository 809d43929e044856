"""TCA9548A: eight buses behind one (TI SCPS207). One control byte; after power-on all channels are off."""


class Tca9548a:
    """A branch of the bus. Always left: two multiplexers never show two carriers at one address."""

    def __init__(self, bus, address: int, channel: int) -> None:
        self._bus = bus
        self.address = address
        self._channel = channel

    def call(self, read):
        """What read() gives while the branch is open. Raises OSError when the multiplexer or a chip is silent."""
        try:
            self._bus.writeto(self.address, bytes((1 << self._channel,)))
            return read()
        finally:
            self._leave()

    def _leave(self) -> None:
        try:
            self._bus.writeto(self.address, b"\0")
        except OSError:
            return


class NoMux:
    """A chip on the bus itself."""

    address = 0

    def call(self, read):
        """What read() gives."""
        return read()
