"""The faces of what a person must look at before anything else: silence, alarms, trips, power that is not good.

Pure. Each says what was seen, and what to do about it.
"""

from typing import Final

from backplane.live.face_words import Face, FaceView, view_of
from backplane.live.seen import SlotSeen
from backplane.slots.facts import SlotFlag, SlotState

# An empty slot, and one that is on its way down, may have any rail: that is no power trouble.
_NO_POWER_EXPECTED: Final = frozenset(
    {SlotState.NOT_INSTALLED, SlotState.DEACTIVATION_REQUEST, SlotState.DEACTIVATION_IN_PROGRESS}
)


def no_data(seen: SlotSeen) -> FaceView:
    """Return the face of a slot of which nothing is known: the chassis is silent, or this slot's sensors are."""
    if seen.has(SlotFlag.NOT_ANSWERING):  # told by a board that does answer
        return view_of(
            Face.NO_DATA,
            "The sensors of this slot do not answer; its power is as it was",
            "Check the backplane's slot electronics. Look at the Pi itself before you act.",
        )
    return view_of(
        Face.NO_DATA,
        "The chassis does not answer; the Pi may well be fine",
        "Check the cable and the backplane's own power. Power stays as it was.",
    )


def trouble_of(seen: SlotSeen) -> FaceView | None:
    """Return the face of the worst trouble of a known slot; None when there is none."""
    if seen.has(SlotFlag.SUSPICIOUS):
        flowing = "" if seen.reading.ma is None else f" ({amps(seen.reading.ma)})"
        advice = "Do not pull or insert here. Check the presence contact, then shut the Pi down."
        if seen.has(SlotFlag.ALARM):
            advice = f"Push {seen.belongs or seen.name or 'the carrier'} back into slot {seen.number}, all the way."
        return view_of(
            Face.SUSPICIOUS,
            f"The presence contact is open, yet current flows{flowing}",
            advice,
        )
    if seen.has(SlotFlag.ALARM):
        return _alarm(seen)
    if seen.has(SlotFlag.TRIPPED):
        drawn = "" if seen.trip_ma is None else f" {amps(seen.trip_ma)}"
        return view_of(
            Face.FAULT,
            f"Over-current{drawn}, cut by hardware",
            "Take the carrier out and look for a short, or swap it. Power stays off until the trip is cleared.",
        )
    return _power_trouble(seen)


def _alarm(seen: SlotSeen) -> FaceView:
    who = seen.belongs or ("" if seen.is_present else seen.name) or "the carrier that was there"
    if seen.is_present:
        return view_of(
            Face.FAULT,
            "This slot was pulled by mistake, and what is in it now is not what was there",
            f"Put {who} back in slot {seen.number}, or clear the alarm and say why.",
            word="Wrong carrier",
        )
    if seen.wanted_instead:
        slots = " or ".join(str(number) for number in seen.wanted_instead)
        return view_of(
            Face.FAULT,
            f"That was slot {seen.number}; slot {slots} is the one to pull",
            f"Put {who} back in slot {seen.number}.",
            word="Wrong slot pulled",
        )
    return view_of(
        Face.FAULT,
        "The carrier was pulled while in use",
        f"Put {who} back in slot {seen.number}.",
        word="Pulled while in use",
    )


def _power_trouble(seen: SlotSeen) -> FaceView | None:
    if seen.state in _NO_POWER_EXPECTED:
        return None
    rail_on = seen.has(SlotFlag.RAIL_ON)
    if seen.has(SlotFlag.OVER_TEMPERATURE) and not rail_on:
        return view_of(
            Face.FAULT,
            f"Cut for over-temperature{at_temperature(seen)}",
            "Let it cool, check fans and airflow, then power on again.",
        )
    if seen.cut_for and not rail_on:
        return view_of(
            Face.FAULT, seen.cut_for, "Reseat the carrier, or swap it, then power on again."
        )
    is_meant_to_run = seen.state is SlotState.ACTIVE or seen.has_lost_power
    if is_meant_to_run and not (rail_on and seen.has(SlotFlag.POWER_GOOD)):
        volts = "" if seen.reading.mv is None else f" ({seen.reading.mv / 1000:.1f} V)"
        return view_of(
            Face.FAULT,
            f"Power is not good while the slot is active{volts}",
            "Reseat the carrier or check the supply.",
            word="Power lost",
        )
    return None


def at_temperature(seen: SlotSeen) -> str:
    """Return " at 78 °C"; "" when the temperature is not known."""
    return "" if seen.reading.cdeg is None else f" at {seen.reading.cdeg / 100:.0f} °C"


def amps(current_ma: int) -> str:
    """Return "2.6 A"."""
    return f"{current_ma / 1000:.1f} A"
