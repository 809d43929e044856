"""What kind of value each key of a board file takes: types, ranges, words, and what a table needs. CPython only.

Runs first: all other checks may then count on whole numbers where there have to be some.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

Fits = Callable[[Any], bool]
Rule = tuple[Fits, str]  # what fits, and how that reads after "must be"
Table = dict[str, Any]  # key: Rule, or Table; "*" stands for every key

_BAUDS = (115_200, 230_400, 460_800, 921_600)
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def whole(least: int, most: int) -> Rule:
    """A whole number within bounds."""
    return (
        lambda value: _is_whole(value) and least <= value <= most,
        f"a whole number from {least} to {most}",
    )


def _number(least: float, most: float) -> Rule:
    def fits(value: Any) -> bool:
        return (_is_whole(value) or isinstance(value, float)) and least <= value <= most

    return fits, f"a number from {least:g} to {most:g}"


def _one_of(*words: Any) -> Rule:
    listed = ", ".join(f'"{word}"' if isinstance(word, str) else str(word) for word in words)
    return (
        lambda value: not isinstance(value, bool) and any(value == word for word in words),
        f"one of {listed}",
    )


def _list_of(rule: Rule, most: int) -> Rule:
    fits, words = rule
    return (
        lambda value: isinstance(value, list) and len(value) <= most and all(map(fits, value)),
        f"a list, each part of it {words}",
    )


_POSITIVE: Rule = (
    lambda value: _is_whole(value) and 0 < value < 2**31,
    "a positive whole number",
)
_ANY_WHOLE: Rule = (_is_whole, "a whole number")
_TEXT: Rule = (lambda value: isinstance(value, str) and bool(value), "a text in quotes")
_FLAG: Rule = (lambda value: isinstance(value, bool), "true or false")
_MM = _number(0, 3000)
_READING = whole(1, 65534)  # what STATE and TELEMETRY can carry
_HOLE: Rule = (
    lambda value: isinstance(value, list) and len(value) == 2 and all(map(_MM[0], value)),
    "[x, y] in millimetres",
)
_SENSES: Table = dict.fromkeys(
    (
        *("presence", "handle", "power_good", "meter", "temperature", "identity"),
        *("halted_line", "shutdown_line"),
    ),
    _FLAG,
)
_PLACE: Table = {"kind": _TEXT, "address": _ANY_WHOLE, "behind": _TEXT, "pin": _ANY_WHOLE}

_SECTIONS: Table = {
    "board": {
        "name": (
            lambda value: isinstance(value, str) and bool(_NAME.fullmatch(value)),
            "a name of small letters, digits, dots and dashes, such as my-box",
        ),
        "title": _TEXT,
        "slots": _ANY_WHOLE,
    },
    "geometry": {
        "u": whole(1, 60),
        **dict.fromkeys(("width_mm", "height_mm", "pitch_mm", "slot_width_mm"), _number(1, 3000)),
        **dict.fromkeys(("ear_mm", "first_slot_mm", "slot_top_mm"), _MM),
        "slot_height_mm": _number(1, 3000),
        "order": _one_of("ltr", "rtl"),
        "face": _one_of("front", "rear"),
        "lamps": _list_of(_one_of("status", "hotswap", "locate"), 3),
        "holes_mm": _list_of(_HOLE, 100),
    },
    "limits": {
        "budget_mw": _POSITIVE,
        "module_rating_mw": _POSITIVE,
        **dict.fromkeys(("rail_mv", "rail_min_mv", "off_mv", "off_ma"), _READING),
        "limit_ma": whole(50, 20000),
        "halted_ma": whole(0, 20000),
        "over_temp_cdeg": whole(2000, 12000),
        "warn_temp_cdeg": whole(0, 12000),
    },
    "timing": {
        "stagger_ms": whole(100, 60000),
        "power_good_ms": whole(1, 60000),
        "retries_ms": _list_of(whole(1, 3600000), 10),
        "shutdown_pulse_ms": whole(1, 60000),
        "shutdown_notice_ms": whole(1000, 3600000),
        "telemetry_period_ms": whole(100, 60000),
    },
    "senses": _SENSES,
    "power": {"redundancy": _one_of("none", "n+1")},
    "esp32": {
        "uart": {
            "id": whole(1, 2),
            "tx": _ANY_WHOLE,
            "rx": _ANY_WHOLE,
            "baud": _one_of(*_BAUDS),
        },
        "i2c": {
            "id": whole(0, 1),
            "scl": _ANY_WHOLE,
            "sda": _ANY_WHOLE,
            "hz": whole(10000, 1000000),
        },
        "lights": {
            "kind": _one_of("ws2812"),
            "pin": _ANY_WHOLE,
            "brightness_pct": whole(1, 100),
        },
        "alert": _TEXT,
        "chassis_meter_at": _TEXT,
        "mux_reset": _TEXT,
        "rails_follow_resets": _FLAG,
    },
    "chip": [
        {
            "name": _TEXT,
            "kind": _TEXT,
            "address": _ANY_WHOLE,
            "shunt_mohm": (
                lambda value: _is_whole(value) or _list_of(_ANY_WHOLE, 3)[0](value),
                "a whole number, or a list of three for the channels of an ina3221",
            ),
            "marker": _ANY_WHOLE,
            "brightness_pct": _ANY_WHOLE,
        }
    ],
    "slot": [
        {
            "number": _ANY_WHOLE,
            "pins": {"*": _TEXT},
            "lamps": {"*": _TEXT},
            "meter_at": _TEXT,
            "identity_at": _PLACE,
            "thermometer_at": {**_PLACE, "rom": _TEXT},
            **_SENSES,
        }
    ],
    "supply": [
        {
            "number": _ANY_WHOLE,
            "name": _TEXT,
            "mv": _READING,
            "rating_mw": _POSITIVE,
            "feeds": _list_of(_ANY_WHOLE, 24),
            "good": _TEXT,
        }
    ],
    "fan": [
        {
            "number": _ANY_WHOLE,
            "name": _TEXT,
            "pin": _ANY_WHOLE,
            "tacho": _ANY_WHOLE,
            "pulses_per_turn": whole(1, 100),
        }
    ],
}
_NEEDED = {
    "esp32": ("uart",),
    "esp32.uart": ("id", "tx", "rx", "baud"),
    "esp32.i2c": ("id", "scl", "sda", "hz"),
    "esp32.lights": ("kind", "pin"),
    "chip": ("name", "kind", "address"),
    "slot": ("number",),
    "supply": ("number", "name", "mv", "rating_mw"),
    "fan": ("number", "name", "pin"),
}


def shape_problems(data: dict[str, Any]) -> Iterator[str]:
    """Each value of the wrong kind, and each table that lacks something."""
    for section in sorted(data):
        shape, value = _SECTIONS.get(section), data[section]
        if isinstance(shape, list):
            if not isinstance(value, list):
                yield f"[[{section}]] has two brackets on each side: there may be several."
                continue
            for row in value:
                yield from _table(section, shape[0], row)
        elif shape is None:
            yield f"There is no section [{section}]. There are: {', '.join(sorted(_SECTIONS))}."
        else:
            yield from _table(section, shape, value)


def _table(where: str, shape: Table, value: object) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{_named(where, value)} must be a table of keys and values."
        return
    for key in _NEEDED.get(where, ()):
        if key not in value:
            yield f"{_named(where, value)} lacks {key}."
    for key in value:
        rule = shape.get(key, shape.get("*"))
        if rule is None:
            yield f"{_named(where, value)} has no key {key!r}. It knows: {', '.join(sorted(shape))}."
        elif isinstance(rule, dict):
            yield from _table(f"{where}.{key}", rule, value[key])
        elif not rule[0](value[key]):
            yield f"{_named(where, value)} {key} must be {rule[1]}; it is {value[key]!r}."


def _named(where: str, table: object) -> str:
    """The section as it is written, with the number or name of a row."""
    if isinstance(table, dict) and where in {"chip", "slot", "supply", "fan"}:
        row = table.get("name" if where == "chip" else "number", "without a name")
        return f"[{where}] {row}"
    return f"[{where}]"
