"""One slot of the simulated rack: contacts, switch, latches, meter, and the carrier in it.

Pure: time comes in as world milliseconds. What the firmware may read and write is here as plain
attributes; the rig turns it into the bit masks of the board layer.
"""

import math
from dataclasses import dataclass, field

from backplane.firmware_link.simulator.pi import Pi, PiPhase, numbers_of

RAIL_MV = 12_050
RISE_MS = 8  # soft start of the switch until power good
DISCHARGE_TIME_CONSTANT_MS = 18.0  # bleeder on the capacitors behind the switch
DROOP_MV_PER_A = 45
BROWNOUT_SHARE = 0.8
BROWNOUT_MS = 300
BACKFEED_MV = 1_850  # what a powered HDMI screen pushes back through a Pi
SURGE_SHARE = 1.32  # of the limit at which the switch trips
SHORT_SHARE = 0.75  # of that limit: the switch limits the current and the rail stays low
SHORT_MV = 1_100
BOUNCE_MS = 1_500
BOUNCE_EDGE_MS = 6  # under every debounce time, so that no level ever holds
SURGE_MS = 30  # how long the meter still shows the current that tripped the switch
HANDLE_DELAY_MS = 250  # a hand needs that long from seating the carrier to closing its handle
LAMPS = {"status": 0x03F, "hotswap": 0x1C0, "locate": 0xE00}  # each lamp's bits in the lights word


@dataclass(slots=True)
class Carrier:
    """A tray with its identity chip and the Pi on it; goes from slot to slot."""

    uid: str
    serial: str
    model: str
    pi: Pi = field(default_factory=Pi)
    pis: int = 1  # how many Pis this tray has carried so far
    is_unreadable: bool = False  # its identity chip does not answer

    def __post_init__(self) -> None:
        """Number a Pi that has no numbers, as in a file from before there were any."""
        if not self.pi.serial:
            self.number_pi()

    def number_pi(self) -> None:
        """Give the Pi the serial and MAC that follow from this tray and from how many it has carried."""
        name = self.uid if self.pis == 1 else f"{self.uid} {self.pis}"
        self.pi.serial, self.pi.mac = numbers_of(name)


@dataclass(slots=True)
class Bay:
    """The hardware of one slot. Call `advance` before reading anything at a new time."""

    number: int
    carrier: Carrier | None = None
    handle_is_closed: bool = False
    handle_closes_ms: int | None = None
    rail_is_commanded: bool = False  # the switch latch
    is_tripped: bool = False  # the over-current latch, in hardware
    has_halted_edge: bool = False  # the halted line's latched first edge
    shutdown_is_asserted: bool = False
    is_backfed: bool = False
    contact_is_loose: bool = False  # the sensed presence contact reads open although seated
    lights: int = 0
    brownout_until_ms: int | None = None
    surge_until_ms: int = 0
    is_live: bool = False  # the switch conducts
    live_changed_ms: int = -60_000
    is_fed: bool = True  # a supply of this slot gives power
    is_shorted: bool = False  # something behind the switch holds the rail down
    device_is_lost: bool = False  # the expander and meter of this slot do not answer
    bounce_since_ms: int | None = None
    dead_lamps: list[str] = field(default_factory=list)
    nominal_mv: int = RAIL_MV  # this and the next two are the board's, set anew by the rig
    limit_ma: int = 2_000
    pin_gates: bool = True  # a short presence pin cuts the rail in hardware

    def reads_present(self, now_ms: int) -> bool:
        """What the presence input says."""
        level = self.carrier is not None and not self.contact_is_loose
        return level != self._bounces(now_ms)

    def reads_handle_closed(self, now_ms: int) -> bool:
        """What the handle's switch says."""
        return self.handle_is_closed != self._bounces(now_ms)

    def lights_seen(self) -> int:
        """The lights word as eyes see it: dead lamps are dark."""
        word = self.lights
        for lamp in self.dead_lamps:
            word &= ~LAMPS[lamp]
        return word

    def _bounces(self, now_ms: int) -> bool:
        """Whether a bouncing contact reads the wrong way just now."""
        if self.bounce_since_ms is None:
            return False
        return (now_ms - self.bounce_since_ms) // BOUNCE_EDGE_MS % 2 == 0

    def advance(self, now_ms: int, *, chassis_is_powered: bool = True) -> None:
        """Let everything happen that is due by `now_ms`."""
        if self.handle_closes_ms is not None and self.handle_closes_ms <= now_ms:
            self.handle_is_closed = True
            self.handle_closes_ms = None
        if self.brownout_until_ms is not None and self.brownout_until_ms <= now_ms:
            self.brownout_until_ms = None
        if self.bounce_since_ms is not None and now_ms - self.bounce_since_ms >= BOUNCE_MS:
            self.bounce_since_ms = None
        self._settle_rail(now_ms, chassis_is_powered)
        if self.carrier is not None:
            self._advance_pi(self.carrier.pi, now_ms)

    def next_change_ms(self, now_ms: int) -> int | None:
        """When an input of this slot changes next by itself, or None."""
        dues = [self.handle_closes_ms, self.brownout_until_ms]
        if self.is_live:
            dues.append(self.live_changed_ms + RISE_MS)
        if self.carrier is not None:
            dues.append(self.carrier.pi.next_change_ms())
        if self.bounce_since_ms is not None:
            edge_ms = BOUNCE_EDGE_MS - (now_ms - self.bounce_since_ms) % BOUNCE_EDGE_MS
            dues.append(now_ms + edge_ms)
        return min((due for due in dues if due is not None and due > now_ms), default=None)

    def power_is_good(self, now_ms: int) -> bool:
        """What the power-good output of the switch says."""
        return (
            self.is_live
            and not self.is_shorted
            and self.brownout_until_ms is None
            and now_ms - self.live_changed_ms >= RISE_MS
        )

    def rail_mv(self, now_ms: int) -> int:
        """Voltage behind the switch."""
        age_ms = now_ms - self.live_changed_ms
        if self.is_live:
            if self.is_shorted:
                return SHORT_MV
            if self.brownout_until_ms is not None:
                return round(self.nominal_mv * BROWNOUT_SHARE)
            rise = min(1.0, age_ms / RISE_MS)
            return round((self.nominal_mv - self.rail_ma(now_ms) * DROOP_MV_PER_A / 1000) * rise)
        left_mv = round(self.nominal_mv * math.exp(-age_ms / DISCHARGE_TIME_CONSTANT_MS))
        if self.is_backfed and self.carrier is not None:
            return max(left_mv, BACKFEED_MV)
        return left_mv

    def rail_ma(self, now_ms: int) -> int:
        """Current through the switch."""
        if now_ms < self.surge_until_ms:
            return round(self.limit_ma * SURGE_SHARE)
        if self.is_live and self.is_shorted:
            return round(self.limit_ma * SHORT_SHARE)
        if not self.is_live or self.carrier is None:
            return 0
        return self.carrier.pi.current_ma(now_ms, self.nominal_mv / 1000)

    def insert(self, carrier: Carrier, now_ms: int) -> None:
        """Seat a carrier; its handle closes a moment later."""
        self.carrier = carrier
        self.handle_closes_ms = now_ms + HANDLE_DELAY_MS

    def pull(self, now_ms: int) -> Carrier | None:
        """Take the carrier out. The short presence pin opens the switch before the power pins part."""
        carrier, self.carrier = self.carrier, None
        if carrier is not None:
            carrier.pi.supply(powered=False, now_ms=now_ms)
        self.handle_is_closed = False
        self.handle_closes_ms = None
        self.brownout_until_ms = None
        self.contact_is_loose = False
        self.is_backfed = False
        return carrier

    def trip(self, now_ms: int) -> None:
        """Over-current: the hardware cuts the rail and latches."""
        self.is_tripped = True
        self.surge_until_ms = now_ms + SURGE_MS

    def brown_out(self, now_ms: int) -> None:
        """Let the rail sag below what the Pi needs; the Pi resets."""
        self.brownout_until_ms = now_ms + BROWNOUT_MS
        if self.carrier is not None:
            self.carrier.pi.supply(powered=False, now_ms=now_ms)

    def lose_power(self) -> None:
        """Forget what the latches held: they have no power any more."""
        self.rail_is_commanded = self.is_tripped = self.has_halted_edge = False
        self.shutdown_is_asserted = False
        self.lights = 0
        self.brownout_until_ms = None

    def _settle_rail(self, now_ms: int, chassis_is_powered: bool) -> None:
        is_live = (
            chassis_is_powered
            and self.is_fed
            and self.rail_is_commanded
            and (self.carrier is not None or not self.pin_gates)
            and not self.is_tripped
        )
        if is_live != self.is_live:
            self.is_live = is_live
            self.live_changed_ms = now_ms

    def _advance_pi(self, pi: Pi, now_ms: int) -> None:
        is_held_down = self.is_shorted or self.brownout_until_ms is not None
        pi.supply(powered=self.is_live and not is_held_down, now_ms=now_ms)
        was_halted = pi.phase is PiPhase.HALTED
        pi.set_shutdown_line(self.shutdown_is_asserted, now_ms)
        pi.advance(now_ms)
        if pi.phase is PiPhase.HALTED and not was_halted:
            self.has_halted_edge = True
