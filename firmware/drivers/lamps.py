"""Draws lights words on a WS2812 strip: status, hot-swap and locate lamp of each slot."""

from .. import codes
from ..compat import const

_LEVEL = const(40)  # of 255: lamps are seen from a metre away
_COLOURS = ((0, 0, 0), (0, 1, 0), (1, 1, 0), (1, 0, 0))
# (period, time lit) in ms by pattern; 0, 0 is dark
_PATTERNS = ((0, 0), (1, 1), (1000, 500), (250, 125), (1000, 100), (1000, 900), (500, 250))


def is_lit(pattern: int, now_ms: int) -> bool:
    """Whether a lamp of this pattern is lit now."""
    period, lit = _PATTERNS[pattern] if pattern < len(_PATTERNS) else (0, 0)
    return period > 0 and now_ms % period < lit


def lamps(word: int, now_ms: int) -> tuple:
    """Red, green and blue of the three lamps of a lights word."""
    status = _COLOURS[min(word & 7, codes.RED)] if is_lit(word >> 3 & 7, now_ms) else _COLOURS[0]
    blue = is_lit(word >> 6 & 7, now_ms)
    white = is_lit(word >> 9 & 7, now_ms)
    return (
        tuple([part * _LEVEL for part in status]),
        (0, 0, blue * _LEVEL),
        (white * _LEVEL, white * _LEVEL, white * _LEVEL),
    )
