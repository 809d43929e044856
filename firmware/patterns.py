"""When a lamp of a pattern is lit. Pure."""

from . import codes

# (period, time lit) in ms by pattern; 0, 0 is dark
_PATTERNS = ((0, 0), (1, 1), (1000, 500), (250, 125), (1000, 100), (1000, 900), (500, 250))


def is_lit(pattern: int, now_ms: int) -> bool:
    """Whether a lamp of this pattern is lit now."""
    period, lit = _PATTERNS[pattern] if pattern < len(_PATTERNS) else (0, 0)
    return period > 0 and now_ms % period < lit


def colours(word: int, now_ms: int) -> tuple[int, bool, bool]:
    """(status colour, blue, white) that a lights word shows now."""
    status = min(word & 7, codes.RED) if is_lit(word >> 3 & 7, now_ms) else codes.OFF
    return status, is_lit(word >> 6 & 7, now_ms), is_lit(word >> 9 & 7, now_ms)


def alert_of(words: list[int]) -> int:
    """The pattern of the one lamp that a small board has: red of any slot, else amber, else locate."""
    found = codes.DARK
    for word in words:
        colour, pattern = word & 7, word >> 3 & 7
        if colour == codes.RED and pattern != codes.DARK:
            return codes.FAST if pattern == codes.FAST else codes.STEADY
        if colour == codes.AMBER and pattern != codes.DARK:
            found = codes.PFA
        elif word >> 9 & 7 and found == codes.DARK:
            found = codes.SLOW
    return found
