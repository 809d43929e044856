"""What the locate light of a slot says: white at 4 Hz is "here I am". Pure.

The light is what the board reads back; the owner and the end of a locate are only who asked and when it ends.
"""

from datetime import timedelta
from typing import Final

# An override that nobody renews is ended by the firmware itself after this.
LOCATE_LASTS: Final = timedelta(minutes=10)
# A snapshot taken while the light was being switched may still show it dark.
LOCATE_SETTLES: Final = timedelta(seconds=5)
_FAST: Final = 3  # slow white means "insert here" and is no locate
_LAMP_TEST: Final = 2


def reads_dark(lights: int | None) -> bool:
    """Say whether the lights word shows that the slot is not located; False where it cannot tell."""
    if lights is None or lights >> 12 & 3 == _LAMP_TEST:
        return False
    return not reads_lit(lights)


def reads_lit(lights: int | None) -> bool:
    """Say whether the lights word shows the locate light."""
    return lights is not None and lights >> 9 & 7 == _FAST
