"""The hardware of a board file: its chips on their bus, the wires of each slot, and what people do to them.

Follows the board file alone, as a person with a soldering iron would; knows nothing of the firmware's parts.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.support.chips.bus import Chip, SimBus
from tests.support.chips.carriers import Eeprom24c02, Tca9548aChip, Tmp102Chip
from tests.support.chips.expanders import Mcp23017Chip, Pcf8574Chip, PinChip, Tca9555Chip
from tests.support.chips.lamps import Pca9685Chip
from tests.support.chips.meters import Ina226Chip, Ina3221Chip
from tests.support.chips.one_wire import Ds18b20Chip, Ds2401Chip, SimWire
from tests.support.esp32.chip import Esp32

_CHIPS: dict[str, Callable[[int], Chip]] = {
    "mcp23017": Mcp23017Chip,
    "tca9555": Tca9555Chip,
    "pcf8574": Pcf8574Chip,
    "ina3221": Ina3221Chip,
    "ina226": Ina226Chip,
    "tca9548a": Tca9548aChip,
    "pca9685": Pca9685Chip,
}
RUNNING_MA = 600


@dataclass(slots=True)
class Place:
    """One slot of the world."""

    number: int
    is_seated: bool = False
    handle_is_closed: bool = False
    has_tripped: bool = False
    is_halted: bool = False
    is_good: bool = True  # the rail comes up when it is switched on
    ma: int = RUNNING_MA
    uid: bytes = b""
    carrier_chips: list[Chip] = field(default_factory=list)


class Rack:
    """All hardware; the ESP32 runs on from its own cable while the chassis has no power."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        esp32 = data["esp32"]
        self.rail_mv = data["limits"]["rail_mv"]
        lines = esp32.get("i2c")
        self.bus = SimBus()
        self.esp32 = Esp32(self.bus, (lines["scl"], lines["sda"]) if lines else None)
        if "mux_reset" in esp32:
            self.esp32.mux_reset = _split(esp32["mux_reset"])[1]
        self.is_powered = True
        self.dead_supplies: set[int] = set()
        self.chips: dict[str, Chip] = {}
        for row in data.get("chip", []):
            chip = _CHIPS[row["kind"]](row["address"])
            self.chips[row["name"]] = chip
            self.bus.chips.append(chip)
            if isinstance(chip, Ina3221Chip | Ina226Chip):
                chip.shunt_mohm = row["shunt_mohm"]
                chip.has_converted = True
                chip.measures = self._meter(row["name"])
        self.places = {row["number"]: Place(row["number"]) for row in data["slot"]}
        self._rows = {row["number"]: row for row in data["slot"]}
        for row in data["slot"]:
            self._wire_slot(row)
        for row in data.get("supply", []):
            if "good" in row:
                self._drive(row["good"], self._supply(row["number"]))

    # -- what people do

    def seat(self, slot: int, uid: bytes = b"") -> None:
        """Put a carrier in and close its handle."""
        place = self.places[slot]
        place.uid = uid or b"carrier-%02d" % slot
        place.is_seated = place.handle_is_closed = True
        self._add_carrier(self._rows[slot], place)

    def pull(self, slot: int) -> None:
        place = self.places[slot]
        place.is_seated = place.handle_is_closed = False
        for branch in self._branches():
            branch[:] = [chip for chip in branch if chip not in place.carrier_chips]
        place.carrier_chips = []
        wire = self._wire_of(self._rows[slot])
        if wire is not None:
            wire.chips = []

    def lose_power(self) -> None:
        """The chassis goes dark; its chips forget and answer nothing."""
        self.is_powered = False
        for chip in self._all_chips():
            chip.is_silent = True

    def regain_power(self) -> None:
        """Everything has its power-on values."""
        self.is_powered = True
        for chip in self._all_chips():
            chip.is_silent = False
            chip.power_on()
            if hasattr(chip, "has_converted"):
                chip.has_converted = True

    def rail(self, slot: int) -> bool:
        """Whether the slot's switch conducts, by the level on its wire; nobody driving it means off."""
        chip, bit, is_inverted = _split(self._rows[slot]["pins"]["switch"])
        level = self._driven(chip, bit)
        return self.is_powered and level is not None and level != is_inverted

    def line_is_pulled(self, slot: int) -> bool:
        """Whether the slot's shutdown line is asserted."""
        chip, bit, is_inverted = _split(self._rows[slot]["pins"]["shutdown"])
        level = self._driven(chip, bit)
        return level is not None and level != is_inverted

    def rail_history(self, slot: int) -> list[bool | None]:
        """Every level that the switch's pin showed, None for floating."""
        chip, bit, _ = _split(self._rows[slot]["pins"]["switch"])
        port = self.chips[chip]
        assert isinstance(port, PinChip)
        return [level for changed, level in port.changes if changed == bit]

    # -- how it is wired

    def _wire_slot(self, row: dict[str, Any]) -> None:
        place = self.places[row["number"]]
        reads: dict[str, Callable[[], bool]] = {
            "presence": lambda: place.is_seated,
            "handle": lambda: place.handle_is_closed,
            "power_good": lambda: self.rail(place.number) and place.is_good,
            "fault": lambda: place.has_tripped,
            "halted": lambda: place.is_halted,
        }
        for name, read in reads.items():
            if name in row["pins"]:
                self._drive(row["pins"][name], read)
        wire = row.get("identity_at", {}).get("pin") or row.get("thermometer_at", {}).get("pin")
        if wire is not None:
            self.esp32.wires[wire] = SimWire()

    def _supply(self, number: int) -> Callable[[], bool]:
        return lambda: self.is_powered and number not in self.dead_supplies

    def _drive(self, text: str, read: Callable[[], bool]) -> None:
        """Contacts to ground read open without a pull-up: what is active low only ever pulls."""
        chip, bit, is_inverted = _split(text)

        def level() -> bool | None:
            is_set = read()
            if not is_inverted:
                return is_set
            return False if is_set else None

        if chip == "gpio":
            self.esp32.pins[bit].outside = lambda: bool(level())
        else:
            port = self.chips[chip]
            assert isinstance(port, PinChip)
            port.outside[bit] = level

    def _driven(self, chip: str, bit: int) -> bool | None:
        if chip == "gpio":
            pin = self.esp32.pins[bit]
            return (
                None
                if pin.mode == "in" or (pin.mode == "open_drain" and pin.out)
                else bool(pin.out)
            )
        port = self.chips[chip]
        assert isinstance(port, PinChip)
        return port.driven(bit) if self.is_powered else None

    def _meter(self, name: str) -> Callable[[int], tuple[int, int]]:
        def measures(channel: int) -> tuple[int, int]:
            for row in self.data["slot"]:
                if row.get("meter_at") == f"{name}.{channel}":
                    return self._measured(row["number"])
            if self.data["esp32"].get("chassis_meter_at") == f"{name}.{channel}":
                return self.rail_mv, 300 + sum(self._measured(slot)[1] for slot in self.places)
            return 0, 0

        return measures

    def _measured(self, slot: int) -> tuple[int, int]:
        place = self.places[slot]
        if not self.rail(slot) or not place.is_good:
            return 0, 0
        return self.rail_mv, place.ma if place.is_seated else 0

    def _add_carrier(self, row: dict[str, Any], place: Place) -> None:
        for key in ("identity_at", "thermometer_at"):
            where = row.get(key)
            if where is None:
                continue
            if where["kind"] == "ds2401":
                self.esp32.wires[where["pin"]].chips.append(Ds2401Chip(0x10000 + place.number))
            elif where["kind"] == "ds18b20":
                clock = lambda: int(self.esp32.true_ms)  # noqa: E731
                probe = Ds18b20Chip(0x20000 + place.number, clock)
                probe.cdeg = 4000 + 100 * place.number
                self.esp32.wires[where["pin"]].chips.append(probe)
            else:
                chip = _carrier_chip(where, place)
                place.carrier_chips.append(chip)
                self._branch(where).append(chip)

    def _branch(self, where: dict[str, Any]) -> list[Chip]:
        if "behind" not in where:
            return self.bus.chips
        name, _, channel = where["behind"].partition(".")
        mux = self.chips[name]
        assert isinstance(mux, Tca9548aChip)
        return mux.branches[int(channel)]

    def _branches(self) -> list[list[Chip]]:
        muxes = [chip for chip in self.chips.values() if isinstance(chip, Tca9548aChip)]
        return [self.bus.chips, *[branch for mux in muxes for branch in mux.branches]]

    def _all_chips(self) -> list[Chip]:
        return [chip for branch in self._branches() for chip in branch]

    def _wire_of(self, row: dict[str, Any]) -> SimWire | None:
        pin = row.get("identity_at", {}).get("pin")
        return self.esp32.wires.get(pin) if pin is not None else None


def _carrier_chip(where: dict[str, Any], place: Place) -> Chip:
    if where["kind"] == "24c02":
        content = eeprom_content(place.uid, b"SN-%d" % place.number, b"tray")
        return Eeprom24c02(where["address"], content)
    thermometer = Tmp102Chip(where["address"])
    thermometer.has_converted = True
    thermometer.cdeg = lambda: 4000 + 100 * place.number
    return thermometer


def eeprom_content(*parts: bytes) -> bytes:
    """The layout of docs/boards.md, written a second time on purpose."""
    body = b"BP\x01" + b"".join(bytes((len(part),)) + part for part in parts)
    return body + zlib.crc32(body).to_bytes(4, "little")


def _split(text: str) -> tuple[str, int, bool]:
    """A wire of the board file: chip, bit, active low."""
    name = text.lstrip("!")
    if name.startswith("gpio"):
        return "gpio", int(name[4:]), name != text
    chip, _, pin = name.partition(".")
    bit = int(pin[1:]) + (8 if pin[0] == "B" else 0) if pin[0] in "AB" else int(pin)
    return chip, bit, name != text
