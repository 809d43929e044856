"""Words of a board file that name a wire: "x0.A3", "!x0.11", "gpio25". Pure.

A leading "!" says that the wire is active when it is low.
"""

_PORTS = {"A": 0, "B": 8}
GPIO = "gpio"  # the chip that the ESP32's own pins belong to


class Wire:
    """One pin of one chip."""

    def __init__(self, chip: str, bit: int, is_inverted: bool) -> None:
        self.chip = chip
        self.bit = bit
        self.is_inverted = is_inverted


def parse_wire(text: str) -> Wire:
    """Raises ValueError, which says how a wire is written, for what names none."""
    name = text[1:] if text.startswith("!") else text
    if name.startswith(GPIO) and name[len(GPIO) :].isdigit():
        return Wire(GPIO, int(name[len(GPIO) :]), name != text)
    chip, dot, pin = name.partition(".")
    base = _PORTS.get(pin[:1], -1)
    if base >= 0 and pin[1:].isdigit() and int(pin[1:]) < 8:
        return Wire(chip, base + int(pin[1:]), name != text)
    if chip and dot and pin.isdigit():
        return Wire(chip, int(pin), name != text)
    raise ValueError(
        '"%s" names no pin: write CHIP.BIT like "x0.A3" or "x0.11", or "gpio25"; "!" in front for active low'
        % text
    )
