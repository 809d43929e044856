"""What must be true of a board file before it goes onto an ESP32. Every finding is a sentence that says what to do.

CPython only; the firmware itself believes a file that went through here.
"""

from collections.abc import Iterator
from typing import Any

from firmware.board_spec import BoardSpec
from firmware.tools.board_shape import shape_problems
from firmware.tools.bus_checks import bus_problems, bus_warnings
from firmware.tools.pin_checks import Uses, pin_problems, pin_warnings

_NUMBERS = {
    "limits": (
        "budget_mw",
        "limit_ma",
        "over_temp_cdeg",
        "rail_mv",
        "rail_min_mv",
        "off_mv",
        "off_ma",
    ),
    "timing": ("stagger_ms", "power_good_ms"),
}
_SENSES = (
    "presence",
    "handle",
    "power_good",
    "meter",
    "temperature",
    "identity",
    "halted_line",
    "shutdown_line",
)
_LAMPS = ("status", "hotswap", "locate")
_LAMP_OF = {"blue": "hotswap", "white": "locate"}  # every other lamp is a status lamp
_PLACES = {"meter": "meter_at", "temperature": "thermometer_at", "identity": "identity_at"}
_PINS = {"halted_line": "halted", "shutdown_line": "shutdown"}


def problems(data: dict[str, Any]) -> list[str]:
    """All that keeps this file from being a board; empty for a good one."""
    if found := list(shape_problems(data)):
        return found
    try:
        spec = BoardSpec(data)
    except KeyError as error:
        return [
            f"[board] lacks {error.args[0]}: a board has a name, a title and its number of slots."
        ]
    except (TypeError, ValueError, AttributeError) as error:
        return [f"{error}."]
    found = [*_numbers(data), *_supplies(spec), *_geometry(spec)]
    if found or not spec.esp32:
        return found or ["[esp32] is missing: it names the uart and the pins of the controller."]
    try:
        uses = Uses(spec)
    except (KeyError, TypeError, ValueError) as error:
        return [f"{error}." if isinstance(error, ValueError) else f"A key is missing: {error}."]
    found = [*pin_problems(spec, uses), *bus_problems(spec)]
    return found or [*_senses(spec), *_lamps(spec)]


def warnings(data: dict[str, Any]) -> list[str]:
    """What works and may surprise, of a file without problems."""
    spec = BoardSpec(data)
    return [*pin_warnings(spec, Uses(spec)), *bus_warnings(spec), *_power_loss(spec)]


def _numbers(data: dict[str, Any]) -> Iterator[str]:
    for section, keys in _NUMBERS.items():
        for key in keys:
            value = data.get(section, {}).get(key)
            if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
                yield f"[{section}] {key} must be a positive whole number."
    limits = data.get("limits", {})
    if not list(_NUMBERS) or any(
        not isinstance(limits.get(key), int) for key in ("rail_mv", "rail_min_mv", "off_mv")
    ):
        return
    if not limits["off_mv"] < limits["rail_min_mv"] < limits["rail_mv"]:
        yield "[limits] must have off_mv below rail_min_mv below rail_mv."


def _supplies(spec: BoardSpec) -> Iterator[str]:
    numbers = [row.get("number") for row in spec.supplies]
    if numbers != list(range(1, len(numbers) + 1)):
        yield "[[supply]] numbers must be 1, 2, 3 in this order."
        return
    fans = [row["number"] for row in spec.data.get("fan", [])]
    if fans != list(range(1, len(fans) + 1)):
        yield "[[fan]] numbers must be 1, 2, 3 in this order."
    for row in spec.supplies:
        strange = [slot for slot in row.get("feeds", []) if not 1 <= slot <= spec.slot_count]
        if strange:
            yield f"Supply {row['number']} feeds slot {strange[0]}, which there is not."
    if spec.supplies and not all(spec.feeds):
        slot = spec.feeds.index(0) + 1
        yield f"No supply feeds slot {slot}: add it to the feeds of one, or leave all feeds out."
    numbers = [row["number"] for row in spec.data.get("slot", [])]
    if len(set(numbers)) != len(numbers) or any(not 1 <= n <= spec.slot_count for n in numbers):
        yield f"[[slot]] numbers must be 1 to {spec.slot_count}, each once."


def _geometry(spec: BoardSpec) -> Iterator[str]:
    g = spec.data.get("geometry")
    if not isinstance(g, dict):
        yield "[geometry] is missing: the chassis cannot be drawn. Copy one from a board of its size."
        return
    needed = ("width_mm", "height_mm", "ear_mm", "first_slot_mm", "pitch_mm", "slot_width_mm")
    missing = [key for key in (*needed, "slot_top_mm", "slot_height_mm") if key not in g]
    if missing:
        yield f"[geometry] lacks {missing[0]}."
        return
    end_mm = g["first_slot_mm"] + (spec.slot_count - 1) * g["pitch_mm"] + g["slot_width_mm"]
    if g["slot_width_mm"] > g["pitch_mm"]:
        yield "[geometry] slot_width_mm is more than pitch_mm: slots would overlap."
    if end_mm > g["width_mm"] - g["ear_mm"] or g["first_slot_mm"] < g["ear_mm"]:
        yield f"[geometry] puts slots outside the panel: the last one ends at {end_mm:g} mm. Mind ear_mm."
    if g["slot_top_mm"] + g["slot_height_mm"] > g["height_mm"]:
        yield "[geometry] slots reach below the panel: slot_top_mm + slot_height_mm exceeds height_mm."


def _senses(spec: BoardSpec) -> Iterator[str]:
    """A sense that is not wired would be a guess, and a wired one that is denied would never be used."""
    for slot in range(1, spec.slot_count + 1):
        row = spec.slots[slot - 1]
        for sense in _SENSES:
            place = _PLACES.get(sense)
            is_wired = place in row if place else _PINS.get(sense, sense) in row.get("pins", {})
            says = spec.has(slot, sense)
            where = place or f"pins.{_PINS.get(sense, sense)}"
            if says and not is_wired:
                yield f"Slot {slot} says it senses {sense}, but {where} is not wired. Set {sense} = false in [senses], or wire it."
            elif is_wired and not says:
                yield f"Slot {slot} has {where}, but [senses] denies {sense}. Set {sense} = true."


def _lamps(spec: BoardSpec) -> Iterator[str]:
    """What is drawn and told of lamps has to be what is wired."""
    said = set(spec.data["geometry"].get("lamps", _LAMPS))
    strip = set(_LAMPS) if "lights" in spec.esp32 else set()
    for row in spec.slots:
        wired = strip | {_LAMP_OF.get(name, "status") for name in row.get("lamps", {})}
        if wired != said:
            names = ", ".join(f'"{name}"' for name in _LAMPS if name in wired)
            yield f"Slot {row['number']} has other lamps than [geometry] says. Write lamps = [{names}], or wire them."
            return


def _power_loss(spec: BoardSpec) -> Iterator[str]:
    kinds = {row["name"]: row for row in spec.chips}
    switches = {wire.chip for wire in Uses(spec).switches}
    if all(
        name not in kinds or (kinds[name]["kind"] == "pcf8574" and "marker" not in kinds[name])
        for name in switches
    ):
        yield (
            "This board cannot tell a loss of power from a restart: nothing switches on by itself after one. "
            "A PCF8574 with a spare pin can: name it as its marker."
        )
