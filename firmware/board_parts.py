"""Makes the parts of a board from its file: ports with their plans, gauges, lamps. Knows no `machine`: it is given
what opens a pin, a 1-wire bus and a strip.
"""

from binascii import unhexlify

from .board_spec import BoardSpec
from .drivers.at24c02 import At24c02
from .drivers.gpio import GpioPort
from .drivers.ina226 import Ina226
from .drivers.ina3221 import Ina3221
from .drivers.mcp23017 import Mcp23017
from .drivers.one_wire import Ds18b20, Ds2401
from .drivers.pca9685 import Pca9685
from .drivers.pcf8574 import Pcf8574
from .drivers.plain_lamps import PlainLamps
from .drivers.port import Plan
from .drivers.tca9548a import NoMux, Tca9548a
from .drivers.tca9555 import Tca9555
from .drivers.tmp102 import Tmp102
from .drivers.ws2812 import LAMPS, Ws2812
from .gauges import Gauges
from .latches import Latches
from .wiring import GPIO, parse_wire

_PORTS = {"mcp23017": Mcp23017, "tca9555": Tca9555, "pcf8574": Pcf8574}
_METERS = {"ina3221": Ina3221, "ina226": Ina226}
_INPUTS = ("presence", "handle", "power_good", "fault", "halted")
_BRIGHTNESS_PCT = 16  # lamps are seen from a metre away


class Opener:
    """What only the ESP32 has. Each wire and pin is opened once."""

    def __init__(self, pin, wire, strip) -> None:
        self.pin = pin  # number -> machine.Pin as the reset left it
        self._wire = wire  # number -> onewire.OneWire
        self.strip = strip  # number, lamps -> neopixel.NeoPixel
        self._wires: dict = {}

    def wire(self, number: int):
        """The 1-wire bus on a pin; several chips may share it."""
        if number not in self._wires:
            self._wires[number] = self._wire(number)
        return self._wires[number]


def make_latches(spec: BoardSpec, bus, opener: Opener) -> Latches:
    """All chips with pins, and the ESP32's own pins where any is used."""
    plans = plans_of(spec)
    ports = {}
    for row in spec.chips:
        if row["kind"] in _PORTS:
            ports[row["name"]] = _PORTS[row["kind"]](bus, row["address"], plans[row["name"]])
    if GPIO in plans:
        ports[GPIO] = GpioPort(opener.pin, plans[GPIO])
    return Latches(ports)


def plans_of(spec: BoardSpec) -> dict[str, Plan]:
    """What each chip's pins are for."""
    plans = {row["name"]: Plan() for row in spec.chips}
    for row in spec.chips:
        if "marker" in row:
            plans[row["name"]].marker = 1 << row["marker"]
    for row in spec.slots:
        for name, text in row.get("pins", {}).items():
            _plan(plans, name, text)
    for _, _, text in lamp_rows(spec):
        _plan(plans, "lamp", text)
    for supply in spec.supplies:
        if "good" in supply:
            _plan(plans, "power_good", supply["good"])
    return plans


def _plan(plans: dict, name: str, text: str) -> None:
    wire = parse_wire(text)
    plan = plans.setdefault(wire.chip, Plan())
    if name in _INPUTS:
        plan.inputs |= 1 << wire.bit
    elif name == "shutdown" and wire.is_inverted:
        plan.open_drain |= 1 << wire.bit
    else:
        plan.add_output(wire.bit, wire.is_inverted)


def lamp_rows(spec: BoardSpec) -> list:
    """(slot, lamp, wire) of every lamp on a pin; slot 0 is the chassis."""
    rows = []
    for row in spec.slots:
        for lamp, text in sorted(row.get("lamps", {}).items()):
            rows.append((row["number"], lamp, text))
    if "alert" in spec.esp32:
        rows.append((0, "alert", spec.esp32["alert"]))
    return rows


def make_lights(spec: BoardSpec, bus, opener: Opener, latches: Latches) -> list:
    """The strip, if there is one, and the lamps on pins."""
    lights: list = []
    strip = spec.esp32.get("lights")
    if strip:
        pixels = opener.strip(strip["pin"], spec.slot_count * LAMPS)
        lights.append(Ws2812(pixels, strip.get("brightness_pct", _BRIGHTNESS_PCT)))
    dimmers = {
        row["name"]: Pca9685(bus, row["address"], row.get("brightness_pct", _BRIGHTNESS_PCT))
        for row in spec.chips
        if row["kind"] == "pca9685"
    }
    lamps = []
    for slot, lamp, text in lamp_rows(spec):
        wire = parse_wire(text)
        chip = dimmers.get(wire.chip) or latches.ports[wire.chip]
        lamps.append((slot, lamp, chip, wire.bit, wire.is_inverted))
    if lamps:
        lights.append(PlainLamps(lamps))
    return lights


def make_gauges(spec: BoardSpec, bus, opener: Opener) -> Gauges:
    """Meters, identities and thermometers by slot."""
    chips = {}
    for row in spec.chips:
        if row["kind"] in _METERS:
            chips[row["name"]] = _METERS[row["kind"]](bus, row["address"], row["shunt_mohm"])
    meters, identities, thermometers, probes = {}, {}, {}, {}
    places = [(row["number"], row.get("meter_at")) for row in spec.slots]
    for slot, place in places + [(0, spec.esp32.get("chassis_meter_at"))]:
        if place:
            name, _, channel = place.partition(".")
            meters[slot] = (chips[name], int(channel))
    for row in spec.slots:
        slot = row["number"]
        if "identity_at" in row:
            identities[slot] = _identity(spec, row["identity_at"], bus, opener)
        if "thermometer_at" in row:
            place = row["thermometer_at"]
            if place["kind"] == "ds18b20":
                rom = unhexlify(place["rom"]) if "rom" in place else None
                probes[slot] = Ds18b20(opener.wire(place["pin"]), rom)
            else:
                thermometers[slot] = Tmp102(bus, _branch(spec, place, bus), place["address"])
    return Gauges(meters, identities, thermometers, probes)


def _identity(spec: BoardSpec, place: dict, bus, opener: Opener):
    if place["kind"] == "ds2401":
        return Ds2401(opener.wire(place["pin"]))
    return At24c02(bus, _branch(spec, place, bus), place["address"])


def _branch(spec: BoardSpec, place: dict, bus):
    """The multiplexer that a chip sits behind, if any: "mux0.3"."""
    if "behind" not in place:
        return NoMux()
    name, _, channel = place["behind"].partition(".")
    for row in spec.chips:
        if row["name"] == name:
            return Tca9548a(bus, row["address"], int(channel))
    raise ValueError("no chip is named " + name)
