"""Which face a slot shows: one word, one icon, the cause and what to do, from what is seen alone.

Pure. Never guesses: a slot of which nothing is known says so. Commands and plans never change a face.
"""

from datetime import datetime, timedelta
from typing import Final, assert_never

from backplane.live.face_words import ICONS, WORDS, WORST_FIRST, Face, FaceView, view_of
from backplane.live.lamps import is_blue_withheld
from backplane.live.seen import SlotSeen
from backplane.live.troubles import amps, at_temperature, no_data, trouble_of
from backplane.slots.boards import Limits
from backplane.slots.facts import SlotFlag, SlotState

__all__ = ["ICONS", "WORDS", "WORST_FIRST", "Face", "FaceView", "face_of", "next_change_at"]

# After that the slot is simply off; its identity stays "not read".
_IDENTIFY_WITHIN: Final = timedelta(seconds=20)


def face_of(seen: SlotSeen, limits: Limits, now: datetime) -> FaceView:
    """Return the face of `seen`; `now` only bounds how long a fresh carrier counts as being identified."""
    if not seen.is_known:
        return no_data(seen)
    return trouble_of(seen) or _by_state(seen, limits, now)


def next_change_at(seen: SlotSeen, now: datetime) -> datetime | None:
    """Return when the face changes by itself, without anything being seen; None: never."""
    until = seen.since + _IDENTIFY_WITHIN
    return until if _awaits_identity(seen) and now < until else None


def _by_state(seen: SlotSeen, limits: Limits, now: datetime) -> FaceView:
    match seen.state:
        case SlotState.NOT_INSTALLED:
            shown = view_of(Face.EMPTY)
        case SlotState.INACTIVE:
            shown = _inactive(seen, now)
        case SlotState.ACTIVATION_REQUEST:
            shown = _wanting_power(seen, now)
        case SlotState.ACTIVATION_IN_PROGRESS:
            shown = _starting(seen)
        case SlotState.ACTIVE:
            shown = _active(seen, limits)
        case SlotState.DEACTIVATION_REQUEST | SlotState.DEACTIVATION_IN_PROGRESS:
            shown = _asked(seen, limits) if _is_only_asked_to_stop(seen) else _shutting_down(seen)
        case SlotState.COMMUNICATION_LOST:
            shown = no_data(seen)
        case _:
            assert_never(seen.state)
    return shown


def _inactive(seen: SlotSeen, now: datetime) -> FaceView:
    if seen.has(SlotFlag.RAIL_ON):  # the board says one thing and the history another: power counts
        if seen.has(SlotFlag.HALTED):
            return _halted()
        return view_of(Face.STARTING, "Power is on")
    if seen.has(SlotFlag.RELEASED):
        return _released(seen)
    if _awaits_identity(seen) and now < seen.since + _IDENTIFY_WITHIN:
        return view_of(Face.IDENTIFYING, "Reading the carrier's identity")
    if seen.has(SlotFlag.HELD):
        return view_of(Face.OFF, "Held: no power until somebody says so")
    return view_of(Face.OFF)


def _released(seen: SlotSeen) -> FaceView:
    # While another slot has an alarm the board withholds the blue light: nobody is told to pull.
    if is_blue_withheld(seen.lights):
        return view_of(Face.OFF, "Released, its blue light waits", "Do not pull it yet.")
    if not seen.has(SlotFlag.METER_WORKS):
        cause = "Power is off; nothing measures what still flows"
        return view_of(Face.SAFE, cause, f"Pull slot {seen.number}.")
    return view_of(Face.SAFE, "Power is off and no current flows", f"Pull slot {seen.number}.")


def _awaits_identity(seen: SlotSeen) -> bool:
    """Whether a carrier was just put in and its identity has not been read."""
    off_and_in = (
        seen.state in {SlotState.INACTIVE, SlotState.ACTIVATION_REQUEST}
        and seen.is_present is True
        and not seen.has(SlotFlag.RELEASED)
    )
    return (
        off_and_in
        and seen.identity_is_sensed
        and not seen.has(SlotFlag.IDENTITY_READ)
        and not seen.has(SlotFlag.RAIL_ON)
    )


def _wanting_power(seen: SlotSeen, now: datetime) -> FaceView:
    """Return the face of a slot that wants power: a wish alone is no power, and paints nothing."""
    if seen.waiting_for or (seen.has(SlotFlag.RAIL_ON) and not seen.has(SlotFlag.HALTED)):
        return _starting(seen)
    return _inactive(seen, now)


def _starting(seen: SlotSeen) -> FaceView:
    if seen.waiting_for:
        return view_of(Face.WAITING, seen.waiting_for)
    if not seen.has(SlotFlag.RAIL_ON):
        return view_of(Face.STARTING, "Power comes on next")
    if not seen.has(SlotFlag.POWER_GOOD):
        return view_of(Face.STARTING, "Power is on, not good yet")
    return view_of(Face.STARTING, "Power is good")


def _halted() -> FaceView:
    return view_of(
        Face.HALTED,
        "The operating system is down, power is still on",
        "Cut power to take it out, or power cycle to start it again.",
    )


def _active(seen: SlotSeen, limits: Limits) -> FaceView:
    if seen.has(SlotFlag.HALTED):
        return _halted()
    cause = _limit_passed(seen, limits)
    if cause:
        return view_of(Face.WARNING, cause, "Check fans, airflow and load.")
    if not seen.has(SlotFlag.SENSES_PRESENCE):
        return _powered(seen, limits)
    return view_of(Face.RUNNING)


def _powered(seen: SlotSeen, limits: Limits) -> FaceView:
    """Return the face of a live slot whose carrier cannot be seen: only its current tells that anything runs."""
    ma = seen.reading.ma
    if ma is None:
        return view_of(Face.POWERED, "Power is on; whether a Pi runs here cannot be seen")
    if ma < limits.off_ma:
        return view_of(Face.POWERED, "Power is on, and nothing draws any")
    return view_of(Face.RUNNING)


def _is_only_asked_to_stop(seen: SlotSeen) -> bool:
    """Whether M5 is a wish alone, by a person or an opened handle: the slot runs on, and is told nothing yet."""
    runs_on = seen.has(SlotFlag.RAIL_ON) and seen.has(SlotFlag.POWER_GOOD)
    return (
        seen.state is SlotState.DEACTIVATION_REQUEST
        and runs_on
        and not seen.has(SlotFlag.SHUTDOWN_LINE)
    )


def _asked(seen: SlotSeen, limits: Limits) -> FaceView:
    """Return the face of a slot that runs on; its open handle is said, for it may be that nothing follows."""
    shown = _active(seen, limits)
    handle_is_open = seen.has(SlotFlag.HAS_HANDLE) and not seen.has(SlotFlag.HANDLE_CLOSED)
    if shown.face is not Face.RUNNING or not handle_is_open:
        return shown
    return view_of(
        Face.RUNNING,
        "The handle is open, power is on",
        "Do not pull yet: shut it down first (from within, where that cannot be asked), or close the handle.",
    )


def _shutting_down(seen: SlotSeen) -> FaceView:
    if seen.has(SlotFlag.HALTED):
        return view_of(Face.SHUTTING_DOWN, "The operating system is down; power goes off next")
    if seen.has(SlotFlag.SHUTDOWN_LINE):
        return view_of(Face.SHUTTING_DOWN, "The Pi was asked to shut down")
    return view_of(Face.SHUTTING_DOWN, "Waiting for the Pi to stop")


def _limit_passed(seen: SlotSeen, limits: Limits) -> str:
    """Return which limit is passed, in words; "" when all is well as far as can be measured."""
    reading = seen.reading
    if seen.has(SlotFlag.OVER_TEMPERATURE):
        return f"Over temperature{at_temperature(seen)}, limit {limits.over_temp_cdeg / 100:.0f} °C"
    if reading.cdeg is not None and reading.cdeg >= limits.warn_temp_cdeg:
        return f"{reading.cdeg / 100:.0f} °C, limit {limits.warn_temp_cdeg / 100:.0f} °C"
    if reading.ma is not None and reading.ma > limits.limit_ma:
        return f"{amps(reading.ma)}, limit {amps(limits.limit_ma)}"
    if reading.mv is not None and reading.mv < limits.rail_min_mv:
        return f"{reading.mv / 1000:.1f} V, at least {limits.rail_min_mv / 1000:.1f} V expected"
    return ""
