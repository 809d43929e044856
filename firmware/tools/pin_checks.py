"""Pins of a board file: who uses which, and what a pin of an ESP32 or of a chip cannot do. CPython only."""

from collections.abc import Iterator

from firmware.board_parts import lamp_rows
from firmware.board_spec import BoardSpec
from firmware.wiring import GPIO, Wire, parse_wire

WIDTH = {"mcp23017": 16, "tca9555": 16, "pcf8574": 8, "pca9685": 16}
_INPUTS = {"presence", "handle", "power_good", "fault", "halted"}
_PIN_NAMES = {"switch", "shutdown", *_INPUTS}
_LAMPS = {"green", "amber", "red", "status", "blue", "white"}
_FLASH = range(6, 12)
_ABSENT = {20, 24, 28, 29, 30, 31}
_INPUT_ONLY = range(34, 40)
_STRAPS = {
    0: "low at reset starts the loader",
    2: "must be low or open for the loader",
    5: "shapes the boot",
    12: "high at reset sets the wrong flash voltage",
    15: "low at reset silences the boot log",
}
_CONSOLE = {1, 3}


class Use:
    """One pin that something is wired to."""

    def __init__(self, wire: Wire, what: str, direction: str) -> None:
        self.wire = wire
        self.what = what
        self.direction = direction  # "in", "out", "both"

    @property
    def place(self) -> str:
        """The pin as a person writes it."""
        if self.wire.chip == GPIO:
            return f"gpio{self.wire.bit}"
        return f"{self.wire.chip}.{self.wire.bit}"


class Uses:
    """Every pin in use. Raises ValueError or KeyError for a wire that names none."""

    def __init__(self, spec: BoardSpec) -> None:
        self.all: list[Use] = []
        self.switches: list[Wire] = []
        for row in spec.slots:
            self._add_slot(row)
        for slot, lamp, text in lamp_rows(spec):
            if slot and lamp not in _LAMPS:
                raise ValueError(
                    f"Slot {slot} has no lamp {lamp!r}: a lamp is one of {_listed(_LAMPS)}"
                )
            self._add(
                parse_wire(text), f"lamp {lamp} of slot {slot}" if slot else "the alert lamp", "out"
            )
        for row in spec.supplies:
            if "good" in row:
                self._add(parse_wire(row["good"]), f"good of supply {row['number']}", "in")
        for row in spec.data.get("fan", []):
            self._add_gpio(row, "pin", f"fan {row['number']}", "out")
            self._add_gpio(row, "tacho", f"tacho of fan {row['number']}", "in")
        self._add_controller(spec)

    def _add_slot(self, row: dict) -> None:
        slot, pins = row["number"], row.get("pins", {})
        if "switch" not in pins:
            raise ValueError(f'Slot {slot} has no switch: write pins = {{ switch = "x0.A0" }}')
        for name, text in pins.items():
            if name not in _PIN_NAMES:
                raise ValueError(
                    f"Slot {slot} has no pin {name!r}: a pin is one of {_listed(_PIN_NAMES)}"
                )
            wire = parse_wire(text)
            self._add(wire, f"{name} of slot {slot}", "in" if name in _INPUTS else "out")
            if name == "switch":
                self.switches.append(wire)
        for key in ("identity_at", "thermometer_at"):
            place = row.get(key, {})
            if "pin" in place:
                self._add(
                    Wire(GPIO, place["pin"], False), f"{place['kind']} of slot {slot}", "both"
                )

    def _add_controller(self, spec: BoardSpec) -> None:
        esp32 = spec.esp32
        self._add_gpio(esp32["uart"], "tx", "uart", "out")
        self._add_gpio(esp32["uart"], "rx", "uart", "in")
        if "i2c" in esp32:
            self._add_gpio(esp32["i2c"], "scl", "i2c", "both")
            self._add_gpio(esp32["i2c"], "sda", "i2c", "both")
        if "mux_reset" in esp32:
            self._add(parse_wire(esp32["mux_reset"]), "mux_reset", "both")
        if "lights" in esp32:
            self._add_gpio(esp32["lights"], "pin", "the strip of lamps", "out")
        for row in spec.chips:
            if "marker" in row:
                self._add(
                    Wire(row["name"], row["marker"], False), f"marker of {row['name']}", "out"
                )

    def _add_gpio(self, row: dict, key: str, what: str, direction: str) -> None:
        if key in row:
            self._add(Wire(GPIO, row[key], False), what, direction)

    def _add(self, wire: Wire, what: str, direction: str) -> None:
        self.all.append(Use(wire, what, direction))


def pin_problems(spec: BoardSpec, uses: Uses) -> Iterator[str]:
    """Pins that cannot be what the file makes them."""
    kinds = {row["name"]: row["kind"] for row in spec.chips}
    yield from _used_twice(uses)
    if any(use.what == "mux_reset" and use.wire.chip != GPIO for use in uses.all):
        yield "mux_reset must be a pin of the ESP32 itself: an expander cannot be reached while the bus is held."
    for use in uses.all:
        if use.wire.chip == GPIO:
            yield from _gpio_problems(use)
        else:
            yield from _chip_problems(use, kinds)
    on_esp32 = [wire for wire in uses.switches if wire.chip == GPIO]
    if on_esp32 and spec.esp32.get("rails_follow_resets") is not True:
        yield (
            f"The switch on gpio{on_esp32[0].bit} goes off with every restart of the ESP32. Put switches on an expander, "
            "or declare it: rails_follow_resets = true in [esp32]."
        )


def pin_warnings(spec: BoardSpec, uses: Uses) -> Iterator[str]:  # noqa: ARG001 - the same shape as above
    """Pins that work and may surprise."""
    for use in uses.all:
        if use.wire.chip != GPIO:
            continue
        bit = use.wire.bit
        if bit in _STRAPS:
            yield f"gpio{bit} ({use.what}) is read at reset: {_STRAPS[bit]}. Another pin is safer."
        if bit in _CONSOLE:
            yield f"gpio{bit} ({use.what}) is the USB console: boot chatter will be on it."
    for wire in uses.switches:
        if wire.chip == GPIO:
            yield f"The rail on gpio{wire.bit} goes off with every restart of the ESP32, and nothing brings it back by itself."


def _used_twice(uses: Uses) -> Iterator[str]:
    seen: dict[tuple[str, int], Use] = {}
    for use in uses.all:
        key = (use.wire.chip, use.wire.bit)
        former = seen.setdefault(key, use)
        if former is not use and not _may_share(former, use):
            yield f"{use.place} is used twice: by {former.what} and by {use.what}. Give one of them another pin."


def _may_share(one: Use, other: Use) -> bool:
    """A carrier's 1-wire chips may share their wire, each kind once."""
    kinds = {one.what.split()[0], other.what.split()[0]}
    return kinds == {"ds2401", "ds18b20"} and one.what.split()[1:] == other.what.split()[1:]


def _gpio_problems(use: Use) -> Iterator[str]:
    bit = use.wire.bit
    if not isinstance(bit, int) or not 0 <= bit <= 39 or bit in _ABSENT:
        yield f"gpio{bit} ({use.what}) does not exist: the ESP32 has 0 to 39 without {_listed(_ABSENT)}."
    elif bit in _FLASH:
        yield f"gpio{bit} ({use.what}) belongs to the flash memory: use none of 6 to 11."
    elif bit in _INPUT_ONLY and use.direction != "in":
        yield f"gpio{bit} ({use.what}) can only be an input: 34 to 39 have no output."


def _chip_problems(use: Use, kinds: dict[str, str]) -> Iterator[str]:
    kind = kinds.get(use.wire.chip)
    if kind not in WIDTH:
        known = _listed(name for name, each in kinds.items() if each in WIDTH)
        yield f"{use.place} ({use.what}) names no chip with pins. There are: {known}."
    elif use.wire.bit >= WIDTH[kind]:
        yield f"{use.place} ({use.what}) does not exist: a {kind} has pins 0 to {WIDTH[kind] - 1}."
    elif kind == "pca9685" and not use.what.startswith(("lamp", "the alert")):
        yield f"{use.place} ({use.what}): a pca9685 drives lamps only, since it forgets its outputs too easily."
    elif kind == "mcp23017" and use.wire.bit % 8 == 7 and use.direction == "in":
        yield f"{use.place} ({use.what}): pins A7 and B7 of a mcp23017 are outputs only."
    elif (
        kind == "pcf8574"
        and not use.wire.is_inverted
        and use.what.startswith(("switch", "shutdown", "lamp", "the alert"))
    ):
        yield (
            f"{use.place} ({use.what}): a pcf8574 drives only low, and is high after power-on. "
            f'Make it active low: "!{use.place}".'
        )


def _listed(items) -> str:
    return ", ".join(str(item) for item in sorted(items)) or "none"
