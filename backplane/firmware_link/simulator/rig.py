"""The simulated rack as the firmware's board: inputs, latches, meters, identities, lights.

Owns the world and its file. Takes no decision: every rule lives in the firmware core. Time is given
by `advance`; a firmware that stops or restarts leaves everything here as it was.
"""

import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from backplane.firmware_link.simulator.bay import Bay
from backplane.firmware_link.simulator.demo import board_id_of, demo_world
from backplane.firmware_link.simulator.pi import PiPhase
from backplane.firmware_link.simulator.world import World, load_world, save_world
from firmware.board import UNKNOWN, UNKNOWN_CDEG, Board
from firmware.board_spec import BoardSpec

log = logging.getLogger(__name__)

SUPPLY_OVER_MV = 80  # a supply gives a little more than its name says, and so does a rail
RAIL_OVER_MV = 50
SUPPLY_DROOP_MV_PER_A = 9
HOUSEKEEPING_MA = 340  # the backplane itself and its fans


def _nobody_listens() -> None:
    """Stand in until a machine connects itself."""


class Rig(Board):  # type: ignore[misc]  # the firmware is MicroPython and has no types for mypy
    """One rack. `on_reboot` is called when the firmware restarts its microcontroller."""

    def __init__(
        self, name: str, spec: BoardSpec, folder: Path, world: World | None = None
    ) -> None:
        """Take up the rack kept in `folder`, else `world`, else the demo rack of that name."""
        super().__init__(spec)
        folder.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.folder = folder
        self.board_id = board_id_of(name)
        self.simulated = True
        self.slot_count = int(spec.slot_count)
        kept = load_world(folder, self.slot_count)
        self.world = kept or world or demo_world(name, self.slot_count)
        self.on_reboot: Callable[[], None] = _nobody_listens
        self._fans: dict[int, int] = {}
        self._former: dict[str, int] = {}  # the inputs as they were last read
        self._phases: list[tuple[bool, PiPhase | None]] = []
        self._save_failed = False
        for bay in self.world.bays:
            bay.nominal_mv = spec.rail_mv + RAIL_OVER_MV
            bay.limit_ma = spec.limit_ma
            bay.pin_gates = spec.has(bay.number, "presence")
        self.save()

    # For the machine and the hands at the rack.

    def advance(self, now_ms: int) -> None:
        """Let the rack live on until `now_ms`, world milliseconds; going back is ignored."""
        self.world.now_ms = max(self.world.now_ms, now_ms)
        if self._settle():
            self.save()

    def next_change_ms(self) -> int | None:
        """When an input changes next by itself, in world milliseconds."""
        now_ms = self.world.now_ms
        dues = (bay.next_change_ms(now_ms) for bay in self.world.bays)
        return min((due for due in dues if due is not None), default=None)

    def changed(self) -> None:
        """Take note of a change by hand or by the firmware: settle the rails and keep the world."""
        self._settle()
        self.save()

    def save(self) -> None:
        """Write world.json. A full disk stops the keeping, not the rack."""
        try:
            save_world(self.world, self.folder)
        except OSError as error:
            if not self._save_failed:
                log.warning(
                    "The simulated rack %s cannot be kept in %s: %s", self.name, self.folder, error
                )
            self._save_failed = True
        else:
            self._save_failed = False

    def begin_boot(self, reset_cause: int) -> None:
        """Prepare for a starting firmware; it reads the expanders' power-on signature once."""
        self.reset_cause = reset_cause
        self.chassis_power_was_lost = self.world.power_was_lost
        self.sample(0)

    def lose_power(self) -> None:
        """Cut the supply: latches forget, every Pi goes dark."""
        self.world.is_powered = False
        self.world.power_was_lost = True
        for bay in self.world.bays:
            bay.lose_power()
        self.changed()

    def regain_power(self) -> None:
        """Switch the supply on again; every rail stays off until the firmware acts."""
        self.world.is_powered = True
        self.changed()

    # The board layer, for the firmware.

    def sample(self, now_ms: int) -> None:  # noqa: ARG002  (the rig keeps the world's time)
        bays, time_ms = self.world.bays, self.world.now_ms
        lost = _bits(bay.number for bay in bays if bay.device_is_lost)
        self.answering = (self.spec.slots_mask | 1) & ~lost
        self.present = self._mask("presence", lambda bay: bay.reads_present(time_ms))
        self.handles_closed = self._mask("handle", lambda bay: bay.reads_handle_closed(time_ms))
        self.power_good = self._mask("power_good", self._power_is_good)
        self.halted = self._mask("halted_line", lambda bay: bay.has_halted_edge)
        self.tripped = _bits(bay.number for bay in bays if bay.is_tripped)
        self.supplies_good = self.spec.supplies_mask & ~_bits(self.world.dead_supplies)
        if not self.world.is_powered:
            self.supplies_good = 0

    def rails(self) -> int:
        return _bits(bay.number for bay in self.world.bays if bay.rail_is_commanded)

    def set_rail(self, slot: int, on: bool) -> None:
        bay = self.world.bay(slot)
        if bay.rail_is_commanded != bool(on) and not bay.device_is_lost:
            bay.rail_is_commanded = bool(on)
            self.changed()

    def set_shutdown_line(self, slot: int, asserted: bool) -> None:
        bay = self.world.bay(slot)
        if bay.shutdown_is_asserted != bool(asserted) and not bay.device_is_lost:
            bay.shutdown_is_asserted = bool(asserted)
            self.changed()

    def clear_trip(self, slot: int) -> None:
        bay = self.world.bay(slot)
        if bay.device_is_lost:
            return
        bay.is_tripped = False
        bay.rail_is_commanded = False
        self.changed()

    def rearm_halted(self, slot: int) -> None:
        bay = self.world.bay(slot)
        if bay.has_halted_edge:
            bay.has_halted_edge = False
            self.changed()

    def set_lights(self, slot: int, word: int) -> None:
        self.world.bay(slot).lights = int(word)

    def meter(self, slot: int) -> tuple[int, int]:
        if not self.world.is_powered:
            return UNKNOWN, UNKNOWN
        if slot == 0:
            return self._supply_meter()
        bay, now_ms = self.world.bay(slot), self.world.now_ms
        if bay.device_is_lost or not self.spec.has(slot, "meter"):
            return UNKNOWN, UNKNOWN
        return bay.rail_mv(now_ms), bay.rail_ma(now_ms)

    def temperature(self, slot: int) -> int:
        if slot == 0 or not self.world.is_powered or not self.spec.has(slot, "temperature"):
            return int(UNKNOWN_CDEG)
        bay = self.world.bay(slot)
        carrier = bay.carrier
        if carrier is None or bay.device_is_lost:
            return int(UNKNOWN_CDEG)
        return carrier.pi.temperature_cdeg(self.world.now_ms)

    def identity(self, slot: int) -> tuple[bytes, bytes, bytes] | None:
        bay = self.world.bay(slot)
        carrier = bay.carrier
        if carrier is None or not self.world.is_powered or not self.spec.has(slot, "identity"):
            return None
        if carrier.is_unreadable or bay.device_is_lost:
            return None
        return carrier.uid.encode(), carrier.serial.encode(), carrier.model.encode()

    def device_address(self, slot: int) -> int:
        return int(next(iter(self.spec.addresses(slot)), 0)) if slot else 0

    def set_fan(self, fan: int, duty: int) -> None:
        self._fans[fan] = duty

    def forget_power_loss(self) -> None:
        super().forget_power_loss()
        if self.world.power_was_lost:
            self.world.power_was_lost = False
            self.save()

    def reboot(self) -> None:
        self.on_reboot()

    def _settle(self) -> bool:
        """Bring each bay up to the world's time; whether a Pi or a rail has changed by that."""
        world = self.world
        for bay in world.bays:
            bay.is_fed = self._is_fed(bay.number)
            bay.advance(world.now_ms, chassis_is_powered=world.is_powered)
        former = self._phases
        self._phases = [
            (bay.is_live, bay.carrier.pi.phase if bay.carrier else None) for bay in world.bays
        ]
        return self._phases != former

    def _mask(self, sense: str, reads: Callable[[Bay], bool]) -> int:
        """What the inputs of one sense say; those of a device that does not answer keep their last level."""
        sensed = int(self.spec.mask(sense))
        silent = ~int(self.answering)
        now = _bits(bay.number for bay in self.world.bays if reads(bay)) & sensed
        former = self._former.get(sense, now)
        self._former[sense] = now & ~silent | former & silent
        return self._former[sense]

    def _is_fed(self, slot: int) -> bool:
        feeds = int(self.spec.feeds[slot - 1])
        return not feeds or bool(feeds & ~_bits(self.world.dead_supplies))

    def _power_is_good(self, bay: Bay) -> bool:
        return bay.power_is_good(self.world.now_ms)

    def _supply_meter(self) -> tuple[int, int]:
        if "chassis_meter_at" not in self.spec.esp32:
            return UNKNOWN, UNKNOWN
        good = [s for s in self.spec.supplies if s["number"] not in self.world.dead_supplies]
        if not good:
            return 0, 0
        now_ms = self.world.now_ms
        total_ma = HOUSEKEEPING_MA + sum(bay.rail_ma(now_ms) for bay in self.world.bays)
        supply_mv = good[0].get("mv", self.spec.rail_mv) + SUPPLY_OVER_MV
        return round(supply_mv - total_ma * SUPPLY_DROOP_MV_PER_A / 1000), total_ma


def _bits(numbers: Iterable[int]) -> int:
    mask = 0
    for number in numbers:
        mask |= 1 << number
    return mask
