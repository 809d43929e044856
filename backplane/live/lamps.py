"""The lights word of one slot, as names: what the three lamps on the panel do, and which layer says so.

Pure. Knows the bit layout of STATE's lights and nothing about why a lamp burns.
"""

from typing import Final, TypedDict

ALL_LAMPS: Final = ("status", "hotswap", "locate")
NO_LAMP: Final = "none"
NO_LAMP_WORDS: Final = "no such lamp on this board"
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
    """One lamp. `pattern`: off on slow (1 Hz) fast (4 Hz) short (100/900 ms) long (900/100 ms) pfa (2 Hz).

    "none": the board has no such lamp, whatever the firmware would show on it.
    """

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


def unpack_lamps(lights: int, fitted: tuple[str, ...] = ALL_LAMPS) -> Lamps:
    """Return the lamps that the 16-bit `lights` word describes; values nobody has defined read as off.

    `fitted`: the lamps that a slot of this board has.
    """

    def lamp(name: str, colour: str, pattern: int) -> Lamp:
        return {
            "colour": colour,
            "pattern": _name(_PATTERNS, pattern & 7) if name in fitted else NO_LAMP,
        }

    return {
        "status": lamp("status", _name(_COLOURS, lights & 7), lights >> 3),
        "hotswap": lamp("hotswap", "blue", lights >> 6),
        "locate": lamp("locate", "white", lights >> 9),
        "layer": _name(_LAYERS, lights >> 12 & 3),
    }


def is_locating(lights: int | None) -> bool:
    """Whether the white lamp blinks at 4 Hz: "here I am". Slow white means "insert here" and is no locate."""
    return lights is not None and lights >> 9 & 7 == _FAST


def is_blue_withheld(lights: int | None) -> bool:
    """Whether the board reports the blue lamp as dark; False where nothing is reported, or in a lamp test."""
    return lights is not None and not lights >> 6 & 7 and lights >> 12 & 3 != _LAMP_TEST


def lamp_words(lamps: Lamps) -> str:
    """Say which lamps burn: "green steady, blue off, white fast blink". A lamp that is not there is left out."""
    status, blue, white = lamps["status"], lamps["hotswap"], lamps["locate"]
    dark = status["colour"] == "off" or status["pattern"] == "off"
    words = [(status, "status off" if dark else _lamp_words(status["colour"], status))]
    words += [(blue, _lamp_words("blue", blue)), (white, _lamp_words("white", white))]
    fitted = [text for lamp, text in words if lamp["pattern"] != NO_LAMP]
    return ", ".join(fitted) or "none at this slot"


def _lamp_words(colour: str, lamp: Lamp) -> str:
    return f"{colour} {_PATTERN_WORDS.get(lamp['pattern'], '')}"
