"""The one word for what is seen of the slot, and what may be asked of it. Pure."""

from enum import StrEnum, auto

from backplane.slots.facts import SlotFacts, SlotFlag, SlotState
from backplane.slots.ops import CommandState
from backplane.swaps.facts import BLUE_SHORT, Ask, Asked, SwapFacts
from backplane.swaps.steps import RELIGHT_S


class Seen(StrEnum):
    """What a slot is to a swap."""

    NOT_KNOWN = auto()
    EMPTY = auto()
    SUSPICIOUS = auto()  # looks empty, yet current flows
    ON = auto()
    HALTED = auto()  # the rail is on, the operating system is down
    RELEASED = auto()
    TRIPPED = auto()
    OFF = auto()


def seen(facts: SlotFacts) -> Seen:
    """Return the word for a slot; where presence is not sensed, something is taken to be in it."""
    if facts.state is SlotState.COMMUNICATION_LOST or facts.rail_on is None:
        return Seen.NOT_KNOWN
    order = (
        (facts.suspicious, Seen.SUSPICIOUS),
        (facts.present is False, Seen.EMPTY),
        (facts.rail_on and facts.halted, Seen.HALTED),
        (facts.rail_on, Seen.ON),
        (facts.released, Seen.RELEASED),
        (facts.tripped, Seen.TRIPPED),
    )
    return next((word for holds, word in order if holds), Seen.OFF)


def seen_of(f: SwapFacts) -> Seen:
    """Return the word for the swap's slot; a person's word stands in for a missing presence contact."""
    if f.slot.facts.present is None and f.row.kept.get("is_out"):
        word = seen(f.slot.facts)
        return word if word in {Seen.ON, Seen.HALTED, Seen.NOT_KNOWN} else Seen.EMPTY
    return seen(f.slot.facts)


def is_known(f: SwapFacts) -> bool:
    return f.link_is_up and seen(f.slot.facts) is not Seen.NOT_KNOWN


def is_stopping(f: SwapFacts) -> bool:
    """Whether the slot was told to shut down and the board still waits for it, as its blue light says too."""
    waits = f.slot.lights is not None and f.slot.lights >> 6 & 7 == BLUE_SHORT
    stopping = {SlotState.DEACTIVATION_REQUEST, SlotState.DEACTIVATION_IN_PROGRESS}
    return waits or f.slot.facts.state in stopping


def is_without_volts(f: SwapFacts) -> bool | None:
    """Say whether the rail is below 0.5 V; None where it is not measured."""
    if not f.slot.facts.has(SlotFlag.METER_WORKS):
        return None
    return bool(f.slot.facts.has(SlotFlag.RAIL_BELOW_500_MV))


def may_power(f: SwapFacts) -> bool:
    """Whether this slot may be asked to power on: nothing unknown, released, alarmed, tripped or absent."""
    facts = f.slot.facts
    return is_known(f) and seen_of(f) is Seen.OFF and not (facts.alarm or f.alarms)


def is_safe_to_release(f: SwapFacts) -> bool:
    """Whether a release can be asked: off, and below 0.5 V as far as it is measured."""
    return seen_of(f) in {Seen.OFF, Seen.TRIPPED} and is_without_volts(f) is not False


def wants_light(f: SwapFacts, ask: Ask, *, is_shown: bool | None) -> bool:
    """Whether a light has to be asked for: never asked, or dark though it was lit, or refused because hands were quicker."""
    asked = f.asked.get(ask)
    if asked is None:
        return True
    was_sent = asked.state in {CommandState.DONE, CommandState.REFUSED}
    if not was_sent or asked.sent_at is None:
        return False
    return is_shown is False and f.is_past(RELIGHT_S, asked.sent_at)


def is_lost(asked: Asked) -> bool:
    """Whether a command came to nothing on its way, as with the link: the board did not say no."""
    return asked.id != 0 and asked.state in {CommandState.EXPIRED, CommandState.FAILED}


def wants_release_back(f: SwapFacts) -> bool:
    """Whether the release has to be taken back: never asked, or lost on its way a while ago. No power follows it."""
    asked = f.asked.get(Ask.RELEASE_OFF)
    if asked is None:
        return True
    return is_lost(asked) and f.is_past(RELIGHT_S, asked.sent_at)
