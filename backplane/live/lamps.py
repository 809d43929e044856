"""The lights word of one slot, as names: what the three lamps on the panel do, and which layer says so.

Pure. Knows the bit layout of STATE's lights and nothing about why a lamp burns.
"""

from typing import Final, TypedDict

_COLOURS: Final = ("off", "green", "amber", "red")
_PATTERNS: Final = ("off", "on", "slow", "fast", "short", "long", "pfa")
_LAYERS: Final = ("local", "override", "lamp-test")
_FAST: Final = 3
_LAMP_TEST: Final = 2
_PATTERN_WORDS: Final = {
    "off": "off",
    "on": "steady",
    "slow": "slow blink",
    "fast": "fast blink",
    "short": "short blink",
    "long": "long blink",
    "pfa": "blink",
}


class Lamp(TypedDict):
    """One lamp. `pattern`: off on slow (1 Hz) fast (4 Hz) short (100/900 ms) long (900/100 ms) pfa (2 Hz)."""

    colour: str
    pattern: str


class Lamps(TypedDict):
    """The three lamps of a slot and the layer in force: local, override or lamp-test."""

    status: Lamp
    hotswap: Lamp
    locate: Lamp
    layer: str


def _name(names: tuple[str, ...], value: int) -> str:
    return names[value] if value < len(names) else names[0]


def unpack_lamps(lights: int) -> Lamps:
    """Return the lamps that the 16-bit `lights` word describes; values nobody has defined read as off."""
    return {
        "status": {
            "colour": _name(_COLOURS, lights & 7),
            "pattern": _name(_PATTERNS, lights >> 3 & 7),
        },
        "hotswap": {"colour": "blue", "pattern": _name(_PATTERNS, lights >> 6 & 7)},
        "locate": {"colour": "white", "pattern": _name(_PATTERNS, lights >> 9 & 7)},
        "layer": _name(_LAYERS, lights >> 12 & 3),
    }


def is_locating(lights: int | None) -> bool:
    """Whether the white lamp blinks at 4 Hz: "here I am". Slow white means "insert here" and is no locate."""
    return lights is not None and lights >> 9 & 7 == _FAST


def is_blue_withheld(lights: int | None) -> bool:
    """Whether the board reports the blue lamp as dark; False where nothing is reported, or in a lamp test."""
    return lights is not None and not lights >> 6 & 7 and lights >> 12 & 3 != _LAMP_TEST


def lamp_words(lamps: Lamps) -> str:
    """Say which lamps burn: "green steady, blue off, white fast blink"."""
    status = lamps["status"]
    dark = status["colour"] == "off" or status["pattern"] == "off"
    first = "status off" if dark else f"{status['colour']} {_PATTERN_WORDS[status['pattern']]}"
    blue = _PATTERN_WORDS[lamps["hotswap"]["pattern"]]
    white = _PATTERN_WORDS[lamps["locate"]["pattern"]]
    return f"{first}, blue {blue}, white {white}"
