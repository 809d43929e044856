"""The light card: every pattern a slot's three lamps can show, what it means, and what to do. One printable page.

It says what firmware/lights.py does; a test compares the two. It knows no chassis, so that it may be kept offline.
"""

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

# Of each second, in thousandths: (begin, length) of the time that the lamp is lit.
_LIT_MS: Final[dict[str, tuple[tuple[int, int], ...]]] = {
    "off": (),
    "on": ((0, 1000),),
    "slow": ((0, 500),),
    "pfa": ((0, 250), (500, 250)),
    "fast": ((0, 125), (250, 125), (500, 125), (750, 125)),
    "short": ((0, 100),),
    "long": ((0, 900),),
}


@dataclass(frozen=True, slots=True)
class Light:
    """One pattern of one lamp; names are those of the live protocol. `is_stop`: hands off."""

    lamp: str  # status hotswap locate
    colour: str
    pattern: str
    words: str
    meaning: str
    do: str
    is_stop: bool = False

    @property
    def lit_ms(self) -> tuple[tuple[int, int], ...]:
        return _LIT_MS[self.pattern]


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    lead: str
    lights: tuple[Light, ...]


BLUE: Final = Group(
    "Blue: may I pull?",
    "Steady blue, and nothing else, means pull.",
    (
        Light("hotswap", "blue", "on", "Steady", "Power is off, no current flows.", "Pull this slot."),
        Light("hotswap", "blue", "off", "Off", "In use, or nobody wants it out.", "Do not pull."),
        Light("hotswap", "blue", "short", "Short flash each second", "It is shutting down.", "Wait."),
        Light("hotswap", "blue", "long", "On, short gap each second", "It wants power and comes on next.", "Wait."),
    ),
)  # fmt: skip
WHITE: Final = Group(
    "White: which slot?",
    "White never means pull.",
    (
        Light("locate", "white", "fast", "4 times a second", "Somebody looks for this slot. Ends after 10 minutes.", "Tap its number on the screen."),
        Light("locate", "white", "slow", "Once a second", "The new Pi goes here.", "Insert it in this slot only."),
    ),
)  # fmt: skip
STATUS: Final = Group(
    "Green, amber, red: how is it?",
    "Red, four times a second, means stop. Until it ends, no blue is steady in this chassis.",
    (
        Light("status", "red", "fast", "Red, 4 times a second", "The wrong slot was pulled: this one.", "Stop. Put back what came out of it. Pull nothing else.", is_stop=True),
        Light("status", "red", "slow", "Red, once a second", "The contact is open, yet current flows.", "Hands off. Look at the screen.", is_stop=True),
        Light("status", "red", "on", "Red, steady", "Cut: over-current, too hot, or power never became good.", "Look at the screen for the cause."),
        Light("status", "amber", "pfa", "Amber, twice a second", "Its sensors do not answer: not known.", "Hands off. Look at the screen.", is_stop=True),
        Light("status", "amber", "slow", "Amber, once a second", "The system is down, power is still on.", "Do not pull. Cut power on the screen."),
        Light("status", "green", "slow", "Green, once a second", "Power is on, not good yet.", "Wait."),
        Light("status", "green", "on", "Green, steady", "Power is on and good.", "Do not pull."),
        Light("status", "off", "off", "Off", "Power is off, or the slot is empty.", "Pull only when blue is steady."),
    ),
)  # fmt: skip
GROUPS: Final = (BLUE, WHITE, STATUS)


@require_safe
@cache_control(private=True, max_age=600)
def light_card(request: HttpRequest) -> HttpResponse:
    """The light card."""
    return render(request, "help/leds.html", {"groups": GROUPS})
