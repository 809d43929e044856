"""Which face a slot shows: one word, one icon, the cause and what to do, from what is seen alone.

Pure. Never guesses: a slot of which nothing is known says so. Commands and plans never change a face.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

from backplane.live.seen import SlotSeen
from backplane.slots.boards import Limits
from backplane.slots.facts import SlotFlag, SlotState

# An empty slot, and one that is on its way down, may have any rail: that is no power trouble.
_NO_POWER_EXPECTED: Final = frozenset(
    {SlotState.NOT_INSTALLED, SlotState.DEACTIVATION_REQUEST, SlotState.DEACTIVATION_IN_PROGRESS}
)
_IDENTIFY_WITHIN: Final = timedelta(
    seconds=20
)  # after that the slot is simply off; the identity stays "not read"


class Face(StrEnum):
    EMPTY = "empty"
    IDENTIFYING = "identifying"
    OFF = "off"
    STARTING = "starting"
    WAITING = "waiting"
    RUNNING = "running"
    HALTED = "halted"
    SHUTTING_DOWN = "shutting-down"
    SAFE = "safe"
    WARNING = "warning"
    FAULT = "fault"
    SUSPICIOUS = "suspicious"
    NO_DATA = "no-data"


ICONS: Final[dict[Face, str]] = {
    Face.EMPTY: "empty",
    Face.IDENTIFYING: "id",
    Face.OFF: "off",
    Face.STARTING: "up",
    Face.WAITING: "clock",
    Face.RUNNING: "run",
    Face.HALTED: "halt",
    Face.SHUTTING_DOWN: "down",
    Face.SAFE: "eject",
    Face.WARNING: "warn",
    Face.FAULT: "fault",
    Face.SUSPICIOUS: "warn",
    Face.NO_DATA: "unk",
}
# Worst first: the order of the summary, and of lists that show what needs a person on top.
WORST_FIRST: Final = (
    Face.FAULT,
    Face.SUSPICIOUS,
    Face.WARNING,
    Face.NO_DATA,
    Face.HALTED,
    Face.SAFE,
    Face.WAITING,
    Face.SHUTTING_DOWN,
    Face.STARTING,
    Face.IDENTIFYING,
    Face.RUNNING,
    Face.OFF,
    Face.EMPTY,
)
WORDS: Final[dict[Face, str]] = {
    Face.EMPTY: "Empty",
    Face.IDENTIFYING: "Identifying",
    Face.OFF: "Off",
    Face.STARTING: "Starting",
    Face.WAITING: "Waiting for power",
    Face.RUNNING: "Running",
    Face.HALTED: "Halted, power on",
    Face.SHUTTING_DOWN: "Shutting down",
    Face.SAFE: "Safe to remove",
    Face.WARNING: "Warning",
    Face.FAULT: "Fault",
    Face.SUSPICIOUS: "Suspicious",
    Face.NO_DATA: "No data",
}


@dataclass(frozen=True, slots=True)
class FaceView:
    """What a slot shows: `word` names the state, `detail` its cause, `advice` what a person can do."""

    face: Face
    word: str
    detail: str = ""
    advice: str = ""

    @property
    def icon(self) -> str:
        """The symbol's id, without "i-"."""
        return ICONS[self.face]


def face_of(seen: SlotSeen, limits: Limits, now: datetime) -> FaceView:
    """Return the face of `seen`; `now` only bounds how long a fresh carrier counts as being identified."""
    if not seen.is_known:
        return _no_data(seen)
    return _trouble(seen) or _by_state(seen, limits, now)


def next_change_at(seen: SlotSeen, now: datetime) -> datetime | None:
    """Return when the face changes by itself, without anything being seen; None: never."""
    until = seen.since + _IDENTIFY_WITHIN
    return until if _awaits_identity(seen) and now < until else None


def _view(face: Face, detail: str = "", advice: str = "", *, word: str = "") -> FaceView:
    return FaceView(face, word or WORDS[face], detail, advice)


def _no_data(seen: SlotSeen) -> FaceView:
    if seen.has(SlotFlag.NOT_ANSWERING) and seen.state is not SlotState.COMMUNICATION_LOST:
        return _view(
            Face.NO_DATA,
            "The sensors of this slot do not answer; its power is as it was",
            "Check the backplane's slot electronics. Look at the Pi itself before you act.",
        )
    return _view(
        Face.NO_DATA,
        "The chassis does not answer; the Pi may well be fine",
        "Check the cable and the backplane's own power. Power stays as it was.",
    )


def _trouble(seen: SlotSeen) -> FaceView | None:
    """Return the face of what a person must look at before anything else, worst first."""
    if seen.has(SlotFlag.SUSPICIOUS):
        flowing = "" if seen.reading.ma is None else f" ({_amps(seen.reading.ma)})"
        return _view(
            Face.SUSPICIOUS,
            f"The presence contact is open, yet current flows{flowing}",
            "Do not pull or insert here. Check the presence contact, then shut the Pi down.",
        )
    if seen.has(SlotFlag.ALARM):
        return _alarm(seen)
    if seen.has(SlotFlag.TRIPPED):
        drawn = "" if seen.trip_ma is None else f" {_amps(seen.trip_ma)}"
        return _view(
            Face.FAULT,
            f"Over-current{drawn}, cut by hardware",
            "Take the carrier out and look for a short, or swap it. Power stays off until the trip is cleared.",
        )
    return _power_trouble(seen)


def _alarm(seen: SlotSeen) -> FaceView:
    who = seen.name or "the carrier"
    if seen.is_present:
        return _view(
            Face.FAULT,
            "This slot was pulled by mistake, and another carrier is in it now",
            f"Put {who} back in slot {seen.number}, or clear the alarm and say why.",
            word="Wrong carrier",
        )
    if seen.wanted_instead:
        slots = " or ".join(str(number) for number in seen.wanted_instead)
        return _view(
            Face.FAULT,
            f"That was slot {seen.number}; slot {slots} is the one to pull",
            f"Put {who} back in slot {seen.number}.",
            word="Wrong slot pulled",
        )
    return _view(
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
        return _view(
            Face.FAULT,
            f"Cut for over-temperature{_at(seen)}",
            "Let it cool, check fans and airflow, then power on again.",
        )
    if seen.cut_for and not rail_on:
        return _view(
            Face.FAULT, seen.cut_for, "Reseat the carrier, or swap it, then power on again."
        )
    if seen.state is SlotState.ACTIVE and not (rail_on and seen.has(SlotFlag.POWER_GOOD)):
        volts = "" if seen.reading.mv is None else f" ({seen.reading.mv / 1000:.1f} V)"
        return _view(
            Face.FAULT,
            f"Power is not good while the slot is active{volts}",
            "Reseat the carrier or check the supply.",
            word="Power lost",
        )
    return None


def _by_state(seen: SlotSeen, limits: Limits, now: datetime) -> FaceView:
    match seen.state:
        case SlotState.NOT_INSTALLED:
            return _view(Face.EMPTY)
        case SlotState.INACTIVE:
            return _inactive(seen, now)
        case SlotState.ACTIVATION_REQUEST | SlotState.ACTIVATION_IN_PROGRESS:
            return _starting(seen)
        case SlotState.ACTIVE:
            return _active(seen, limits)
        case SlotState.DEACTIVATION_REQUEST | SlotState.DEACTIVATION_IN_PROGRESS:
            return _shutting_down(seen)
        case SlotState.COMMUNICATION_LOST:
            return _no_data(seen)
    assert_never(seen.state)


def _inactive(seen: SlotSeen, now: datetime) -> FaceView:
    if seen.has(SlotFlag.RAIL_ON):  # the board says one thing and the history another: power counts
        return _view(Face.STARTING, "Power is on")
    if seen.has(SlotFlag.RELEASED):
        return _view(Face.SAFE, "Power is off and no current flows", f"Pull slot {seen.number}.")
    if _awaits_identity(seen) and now < seen.since + _IDENTIFY_WITHIN:
        return _view(Face.IDENTIFYING, "Reading the carrier's identity")
    if seen.has(SlotFlag.HELD):
        return _view(Face.OFF, "Held: no power until somebody says so")
    return _view(Face.OFF)


def _awaits_identity(seen: SlotSeen) -> bool:
    """Whether a carrier was just put in and its identity has not been read."""
    off_and_in = (
        seen.state is SlotState.INACTIVE
        and seen.is_present is True
        and not seen.has(SlotFlag.RELEASED)
    )
    return (
        off_and_in
        and seen.identity_is_sensed
        and not seen.has(SlotFlag.IDENTITY_READ)
        and not seen.has(SlotFlag.RAIL_ON)
    )


def _starting(seen: SlotSeen) -> FaceView:
    if seen.waiting_for:
        return _view(Face.WAITING, seen.waiting_for)
    if not seen.has(SlotFlag.RAIL_ON):
        return _view(Face.STARTING, "Power comes on next")
    if not seen.has(SlotFlag.POWER_GOOD):
        return _view(Face.STARTING, "Power is on, not good yet")
    return _view(Face.STARTING, "Power is good")


def _active(seen: SlotSeen, limits: Limits) -> FaceView:
    if seen.has(SlotFlag.HALTED):
        return _view(
            Face.HALTED,
            "The operating system is down, power is still on",
            "Power off to take it out, or power cycle to start it again.",
        )
    cause = _limit_passed(seen, limits)
    if cause:
        return _view(Face.WARNING, cause, "Check fans, airflow and load.")
    return _view(Face.RUNNING)


def _shutting_down(seen: SlotSeen) -> FaceView:
    if seen.has(SlotFlag.HALTED):
        return _view(Face.SHUTTING_DOWN, "The operating system is down; power goes off next")
    if seen.has(SlotFlag.SHUTDOWN_LINE):
        return _view(Face.SHUTTING_DOWN, "The Pi was asked to shut down")
    return _view(Face.SHUTTING_DOWN, "Waiting for the Pi to stop")


def _limit_passed(seen: SlotSeen, limits: Limits) -> str:
    """Return which limit is passed, in words; "" when all is well as far as can be measured."""
    reading = seen.reading
    if seen.has(SlotFlag.OVER_TEMPERATURE):
        return f"Over temperature{_at(seen)}, limit {limits.over_temp_cdeg / 100:.0f} °C"
    if reading.cdeg is not None and reading.cdeg >= limits.warn_temp_cdeg:
        return f"{reading.cdeg / 100:.0f} °C, limit {limits.warn_temp_cdeg / 100:.0f} °C"
    if reading.ma is not None and reading.ma > limits.limit_ma:
        return f"{_amps(reading.ma)}, limit {_amps(limits.limit_ma)}"
    if reading.mv is not None and reading.mv < limits.rail_min_mv:
        return f"{reading.mv / 1000:.1f} V, at least {limits.rail_min_mv / 1000:.1f} V expected"
    return ""


def _at(seen: SlotSeen) -> str:
    return "" if seen.reading.cdeg is None else f" at {seen.reading.cdeg / 100:.0f} °C"


def _amps(current_ma: int) -> str:
    return f"{current_ma / 1000:.1f} A"
