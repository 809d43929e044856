"""Chips of a board file: addresses that a kind can have, two on one, and places that lead nowhere. CPython only."""

from collections.abc import Iterator

from firmware.board_spec import BoardSpec

_ADDRESSES = {
    "mcp23017": [range(0x20, 0x28)],
    "tca9555": [range(0x20, 0x28)],
    "pcf8574": [range(0x20, 0x28), range(0x38, 0x40)],  # PCF8574 and PCF8574A
    "ina3221": [range(0x40, 0x44)],
    "ina226": [range(0x40, 0x50)],
    "tca9548a": [range(0x70, 0x78)],
    "pca9685": [range(0x40, 0x70), range(0x71, 0x78)],  # 0x70 calls all of them after power-on
    "24c02": [range(0x50, 0x58)],
    "tmp102": [range(0x48, 0x4C)],
}
_ON_BUS = ("mcp23017", "tca9555", "pcf8574", "ina3221", "ina226", "tca9548a", "pca9685")
_CHANNELS = {"ina3221": range(1, 4), "ina226": range(1, 2), "tca9548a": range(8)}
_SHUNT_UV = {"ina3221": 163_800, "ina226": 81_920}  # full scale: above it a reading stands still
_IDENTITIES = {"24c02", "ds2401"}
_THERMOMETERS = {"tmp102", "ds18b20"}
_ALL_CALL = 0x70


_BYTES = {"mcp23017": 13, "tca9555": 10, "pcf8574": 2}  # on the wire, each time all pins are read
_VERIFY_BYTES = 5
_MOST_MS = 3.0  # of the 5 ms between two samples


def bus_warnings(spec: BoardSpec) -> Iterator[str]:
    """A bus that is too slow for its expanders."""
    sent = sum(_BYTES.get(row["kind"], 0) for row in spec.chips)
    if not sent:
        return
    hz = spec.esp32["i2c"]["hz"]
    spent_ms = (sent + _VERIFY_BYTES) * 9 * 1000 / hz
    if spent_ms > _MOST_MS:
        yield f"Reading all expanders takes {spent_ms:.1f} ms at {hz} Hz and is wanted each 5 ms. Set hz = 400000."


class _Seen:
    """What the file has named so far."""

    def __init__(self) -> None:
        self.by_name: dict[str, dict] = {}
        self.by_address: dict[int, str] = {}
        self.taken: dict[
            str, str
        ] = {}  # meter channels and places behind multiplexers: who has them


def bus_problems(spec: BoardSpec) -> Iterator[str]:
    """Everything on the bus that cannot be there."""
    if spec.chips and "i2c" not in spec.esp32:
        yield "[esp32] has no i2c, but there are chips: write i2c = { id = 0, scl = 22, sda = 21, hz = 400000 }."
    seen = _Seen()
    for row in spec.chips:
        found = list(_chip(row, seen))
        yield from found
        if not found:
            seen.by_name[row["name"]] = row
            seen.by_address[row["address"]] = row["name"]
    yield from _all_call(spec.chips)
    yield from _meters(spec, seen)
    for row in spec.slots:
        for key, kinds in (("identity_at", _IDENTITIES), ("thermometer_at", _THERMOMETERS)):
            if key in row:
                yield from _carrier_chip(row, key, kinds, seen)


def _chip(row: dict, seen: _Seen) -> Iterator[str]:
    name, kind, address = row.get("name"), row.get("kind"), row.get("address")
    if not name or name in seen.by_name or name == "gpio" or "." in str(name):
        yield f"[[chip]] needs a name of its own, without a dot; {name!r} is none."
    elif kind not in _ON_BUS:
        yield f"Chip {name} is of kind {kind!r}. There are drivers for: {', '.join(_ON_BUS)}."
    elif not _fits(kind, address):
        yield f"Chip {name}: a {kind} cannot have address {_hex(address)}; it can have {_ranges(kind)}."
    elif address in seen.by_address:
        yield f"Chips {seen.by_address[address]} and {name} are both at {_hex(address)}. Set the address pins of one otherwise."
    else:
        yield from _chip_keys(row)


def _chip_keys(row: dict) -> Iterator[str]:
    name, kind = row["name"], row["kind"]
    if kind in {"ina3221", "ina226"} and not _has_shunts(row):
        yield f"Chip {name} needs shunt_mohm, the resistance of its shunts in thousandths of an ohm."
    if "marker" in row and (kind != "pcf8574" or row["marker"] not in range(8)):
        yield f"Chip {name}: a marker is a spare pin, 0 to 7, of a pcf8574. Other chips tell a loss of power without one."
    if not 1 <= row.get("brightness_pct", 1) <= 100:
        yield f"Chip {name}: brightness_pct is 1 to 100."


def _all_call(chips: list[dict]) -> Iterator[str]:
    kinds = {row.get("kind"): row for row in chips}
    if "pca9685" in kinds and any(row.get("address") == _ALL_CALL for row in chips):
        yield "A pca9685 also answers at 0x70 after power-on. Give the chip at 0x70 another address."


def _meters(spec: BoardSpec, seen: _Seen) -> Iterator[str]:
    meters = [(f"Slot {row['number']}", row.get("meter_at")) for row in spec.slots]
    for who, text in [*meters, ("[esp32]", spec.esp32.get("chassis_meter_at"))]:
        if text is None:
            continue
        found = list(_channel(who, text, {"ina3221", "ina226"}, seen))
        yield from found
        if not found and seen.taken.setdefault(text, who) != who:
            yield f"{who}: {text!r} measures {seen.taken[text]} already."
        if not found:
            yield from _range(who, text, seen, spec)


def _range(who: str, text: str, seen: _Seen, spec: BoardSpec) -> Iterator[str]:
    """A limit that the meter cannot show would never act, and a sum beyond its range would be told too low."""
    name, _, channel = text.partition(".")
    chip = seen.by_name[name]
    shunt_mohm = _shunts(chip)[int(channel) - 1]
    most_ma = _SHUNT_UV[chip["kind"]] // shunt_mohm
    shows = f"{who}: {name} shows {most_ma} mA at most with {shunt_mohm} mOhm"
    budget_ma = spec.budget_mw * 1000 // spec.rail_mv
    if who == "[esp32]" and most_ma < budget_ma:
        yield f"{shows}, and budget_mw allows {budget_ma}. Take a smaller shunt for the chassis."
    elif who != "[esp32]" and most_ma <= spec.limit_ma:
        yield f"{shows}, so limit_ma = {spec.limit_ma} would never act. Take a smaller shunt or a lower limit."


def _shunts(chip: dict) -> list[int]:
    """Of each channel."""
    shunts = chip["shunt_mohm"]
    return shunts if isinstance(shunts, list) else [shunts] * len(_CHANNELS[chip["kind"]])


def _has_shunts(chip: dict) -> bool:
    shunts = chip.get("shunt_mohm")
    if not isinstance(shunts, list):
        return _is_positive(shunts)
    return chip["kind"] == "ina3221" and len(shunts) == 3 and all(map(_is_positive, shunts))


def _channel(who: str, text: str, kinds: set[str], seen: _Seen) -> Iterator[str]:
    name, _, channel = str(text).partition(".")
    chip = seen.by_name.get(name)
    if chip is None or chip["kind"] not in kinds:
        yield f"{who}: {text!r} names no chip of kind {' or '.join(sorted(kinds))}. Write CHIP.CHANNEL."
    elif not channel.isdigit() or int(channel) not in _CHANNELS[chip["kind"]]:
        channels = _CHANNELS[chip["kind"]]
        yield f"{who}: {text!r} does not exist: a {chip['kind']} has channels {channels[0]} to {channels[-1]}."


def _carrier_chip(row: dict, key: str, kinds: set[str], seen: _Seen) -> Iterator[str]:
    who, place = f"Slot {row['number']}", row[key]
    kind = place.get("kind")
    if kind not in kinds:
        yield f"{who}: {key} is of kind {kind!r}; it can be {' or '.join(sorted(kinds))}."
    elif kind.startswith("ds"):
        yield from _one_wire(who, key, place)
    elif not _fits(kind, place.get("address")):
        yield f"{who}: a {kind} cannot have address {_hex(place.get('address'))}; it can have {_ranges(kind)}."
    else:
        yield from _on_bus(who, place, seen)


def _on_bus(who: str, place: dict, seen: _Seen) -> Iterator[str]:
    address = place["address"]
    if address in seen.by_address:
        yield f"{who}: {_hex(address)} is chip {seen.by_address[address]} on the bus itself, before any multiplexer."
    if "behind" in place:
        yield from _channel(who, place["behind"], {"tca9548a"}, seen)
    spot = f"{place.get('behind', 'the bus')} at {_hex(address)}"
    if seen.taken.setdefault(spot, who) != who:
        yield f"{who}: {seen.taken[spot]} has a chip at {spot} already; two carriers cannot be told apart there."


def _one_wire(who: str, key: str, place: dict) -> Iterator[str]:
    if not isinstance(place.get("pin"), int):
        yield f"{who}: {key} needs the pin of its 1-wire bus, for example pin = 4."
    rom = place.get("rom", "28" + "0" * 14)
    if (
        not isinstance(rom, str)
        or len(rom) != 16
        or any(c not in "0123456789abcdefABCDEF" for c in rom)
    ):
        yield f"{who}: rom is the 16 hexadecimal digits of the thermometer, family first: 28..."


def _fits(kind: str, address: object) -> bool:
    return isinstance(address, int) and any(address in part for part in _ADDRESSES[kind])


def _is_positive(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _hex(address: object) -> str:
    return f"0x{address:02x}" if isinstance(address, int) else repr(address)


def _ranges(kind: str) -> str:
    return " or ".join(f"0x{part[0]:02x} to 0x{part[-1]:02x}" for part in _ADDRESSES[kind])
