"""The board layer: what the core may ask of a board.

A board reads and switches and keeps no rule: every rule lives in the core.
No method blocks and none raises outward; what cannot be read is "not known", never 0.
"""

from .board_spec import BoardSpec

UNKNOWN = 0xFFFF  # millivolts or milliamperes that cannot be read
UNKNOWN_CDEG = 0x7FFF  # a temperature that cannot be read


class Board:
    """Base class of every board. Bit n of a mask is slot n; of supplies_good it is supply n.

    The masks hold what the last sample() saw; rails() and the meters are read when called.
    """

    has_slow_bus = False  # meters and carriers take a good part of a step: a few of them at a time

    def __init__(self, spec: BoardSpec) -> None:
        self.spec = spec
        self.board_id = b"\0" * 8  # ESP32 MAC, zero-padded
        self.simulated = False
        self.reset_cause = 0
        # Told by the power-on signature of the latches, not by the reset cause of the ESP32. It may come
        # at any time: the ESP32 may run on from its own cable. The core answers with forget_power_loss().
        self.chassis_power_was_lost = False
        self.present = 0
        self.handles_closed = 0
        self.power_good = 0
        self.tripped = 0  # the switch's own over-current latch
        self.halted = 0  # latched first edge since rearm_halted(): gpio-poweroff only pulses
        self.answering = (
            spec.slots_mask | 1
        )  # the chips that hold pins of slot n answer; bit 0: meters and what else is the chassis' own
        self.supplies_good = spec.supplies_mask

    def sample(self, now_ms: int) -> None:
        """Read every digital input into the masks; inputs of a silent device keep their last value."""

    def rails(self) -> int:
        """Mask of the rails whose switch latch reads on."""
        return 0

    def set_rail(self, slot: int, on: bool) -> None:
        """Switch one rail. The caller checks rails() afterwards."""

    def set_shutdown_line(self, slot: int, asserted: bool) -> None:
        """Pull the open-drain shutdown line low, or let it float."""

    def clear_trip(self, slot: int) -> None:
        """Clear the over-current latch of the switch; the rail stays off."""

    def rearm_halted(self, slot: int) -> None:
        """Forget the latched halted edge and wait for the next one."""

    def set_lights(self, slot: int, word: int) -> None:
        """Show the lights word of STATE (u16); the board does the blinking."""

    def show_lights(self) -> None:
        """Words were set: light the lamps now, before a write to flash stalls everything."""

    def meter(self, slot: int) -> tuple[int, int]:  # noqa: ARG002 - boards override it
        """(mV, mA) of a slot, or of the chassis supply for slot 0; UNKNOWN where not readable."""
        return UNKNOWN, UNKNOWN

    def temperature(self, slot: int) -> int:  # noqa: ARG002 - boards override it
        """Centi-degrees Celsius of a slot; UNKNOWN_CDEG where not readable."""
        return UNKNOWN_CDEG

    def identity(self, slot: int) -> tuple[bytes, bytes, bytes] | None:  # noqa: ARG002 - boards override it
        """(uid, serial, model) of the carrier in a slot, or None while it cannot be read."""
        return None

    def device_address(self, slot: int) -> int:  # noqa: ARG002 - boards override it
        """Bus address of the device that does not answer for a slot; 0 when all of them do."""
        return 0

    def set_fan(self, fan: int, duty: int) -> None:
        """Set a fan (from 1) to duty 0..255."""

    def forget_power_loss(self) -> None:
        """The loss of chassis power is kept in flash: set the devices up, which ends their power-on signature."""
        self.chassis_power_was_lost = False

    def fan_rpm(self, fan: int) -> int:  # noqa: ARG002 - boards override it
        """Turns a minute of a fan (from 1) that is asked to turn; UNKNOWN where no tacho tells."""
        return UNKNOWN

    def feed_watchdog(self) -> None:
        """Tell the hardware watchdog that the core loop runs."""

    def reboot(self) -> None:
        """Restart the microcontroller; rails stay as their latch holds them."""
