"""Three WS2812 lamps a slot: status, hot-swap and locate. The strip is MicroPython's neopixel.NeoPixel, given by the board.

Worldsemi WS2812B data sheet: 24 bits a lamp, green first; NeoPixel sees to the order.
"""

from ..compat import const
from ..patterns import colours

LAMPS = const(3)
_COLOURS = ((0, 0, 0), (0, 1, 0), (1, 1, 0), (1, 0, 0))


class Ws2812:
    """Draws the lights words of all slots; a strip cannot answer, so a dead one is never known."""

    def __init__(self, strip, brightness: int) -> None:
        self._strip = strip
        self._level = brightness * 255 // 100

    def draw(self, words: list[int], now_ms: int) -> None:
        """words[n] is that of slot n."""
        for slot in range(1, len(words)):
            status, blue, white = colours(words[slot], now_ms)
            at = (slot - 1) * LAMPS
            self._strip[at] = tuple([part * self._level for part in _COLOURS[status]])
            self._strip[at + 1] = (0, 0, blue * self._level)
            self._strip[at + 2] = (white * self._level,) * 3
        self._strip.write()
