from datetime import timedelta
from typing import Any

import pytest

from backplane.live.faces import ICONS, WORDS, WORST_FIRST, Face, face_of, next_change_at
from backplane.live.seen import Reading
from backplane.slots.facts import SlotFlag, SlotState
from tests.support.live import EMPTY, LIMITS, LONG_AGO, NOW, OFF, RUNNING, SEATED, seen

UNREAD = OFF & ~SlotFlag.IDENTITY_READ
JUST_NOW = NOW - timedelta(seconds=3)
HOT = Reading(12_000, 400, 7_800, NOW)


@pytest.mark.parametrize(
    ("state", "flags", "changes", "face"),
    [
        ("M0", EMPTY, {}, Face.EMPTY),
        ("M1", OFF, {}, Face.OFF),
        ("M1", UNREAD, {"since": JUST_NOW}, Face.IDENTIFYING),
        ("M1", UNREAD, {"since": LONG_AGO}, Face.OFF),
        ("M1", UNREAD, {"since": JUST_NOW, "identity_is_sensed": False}, Face.OFF),
        ("M1", OFF | SlotFlag.RELEASED, {"lights": None}, Face.SAFE),
        ("M1", OFF | SlotFlag.RELEASED, {"lights": 1 << 6}, Face.SAFE),
        ("M1", OFF | SlotFlag.RELEASED, {"lights": 0}, Face.OFF),
        ("M1", OFF | SlotFlag.RELEASED, {"lights": 2 << 12}, Face.SAFE),
        ("M1", RUNNING | SlotFlag.RELEASED, {}, Face.STARTING),
        ("M2", OFF, {}, Face.OFF),
        ("M2", OFF, {"waiting_for": "slot 7 needs 9 W, 6 W free"}, Face.WAITING),
        ("M2", SEATED | SlotFlag.RAIL_ON, {}, Face.STARTING),
        ("M2", UNREAD, {"since": JUST_NOW}, Face.IDENTIFYING),
        ("M3", OFF, {}, Face.STARTING),
        ("M3", SEATED | SlotFlag.RAIL_ON, {}, Face.STARTING),
        ("M3", OFF, {"waiting_for": "slot 7 needs 9 W, 6 W free"}, Face.WAITING),
        ("M4", RUNNING, {}, Face.RUNNING),
        ("M4", RUNNING | SlotFlag.HALTED, {}, Face.HALTED),
        ("M4", SEATED | SlotFlag.RAIL_ON, {}, Face.FAULT),
        ("M4", OFF, {}, Face.FAULT),
        ("M4", RUNNING, {"reading": HOT}, Face.WARNING),
        ("M4", RUNNING | SlotFlag.OVER_TEMPERATURE, {}, Face.WARNING),
        ("M4", RUNNING, {"reading": Reading(12_000, 2_600, 4_000, NOW)}, Face.WARNING),
        ("M4", RUNNING, {"reading": Reading(10_400, 500, 4_000, NOW)}, Face.WARNING),
        ("M4", RUNNING, {"reading": Reading()}, Face.RUNNING),
        ("M5", RUNNING, {}, Face.RUNNING),
        ("M5", RUNNING & ~SlotFlag.HANDLE_CLOSED, {}, Face.RUNNING),
        ("M5", RUNNING | SlotFlag.SHUTDOWN_LINE, {}, Face.SHUTTING_DOWN),
        ("M5", SEATED | SlotFlag.RAIL_ON, {}, Face.SHUTTING_DOWN),
        ("M3", SEATED | SlotFlag.RAIL_ON, {"has_lost_power": True}, Face.FAULT),
        ("M6", RUNNING | SlotFlag.SHUTDOWN_LINE, {}, Face.SHUTTING_DOWN),
        ("M6", RUNNING | SlotFlag.HALTED, {}, Face.SHUTTING_DOWN),
        ("M7", None, {}, Face.NO_DATA),
        ("M7", RUNNING, {}, Face.NO_DATA),
        ("M4", None, {}, Face.NO_DATA),
        ("M4", RUNNING | SlotFlag.NOT_ANSWERING, {}, Face.NO_DATA),
        ("M1", OFF | SlotFlag.TRIPPED, {}, Face.FAULT),
        ("M1", OFF, {"cut_for": "Power did not become good"}, Face.FAULT),
        ("M1", OFF | SlotFlag.OVER_TEMPERATURE, {}, Face.FAULT),
        ("M0", EMPTY | SlotFlag.ALARM, {}, Face.FAULT),
        ("M4", RUNNING | SlotFlag.SUSPICIOUS, {}, Face.SUSPICIOUS),
        ("M0", EMPTY | SlotFlag.OVER_TEMPERATURE, {}, Face.EMPTY),
    ],
)
def test_each_condition_has_its_face(
    state: str, flags: SlotFlag | None, changes: dict[str, Any], face: Face
) -> None:
    shown = face_of(seen(SlotState(state), flags, **changes), LIMITS, NOW)
    assert shown.face is face
    assert shown.word
    assert shown.icon == ICONS[face]


UNSEEN = RUNNING & ~(SlotFlag.SENSES_PRESENCE | SlotFlag.PRESENT)


@pytest.mark.parametrize(
    ("reading", "word", "detail"),
    [
        (Reading(None, None, None, NOW), "Power on", "whether a Pi runs here cannot be seen"),
        (Reading(12_000, 3, None, NOW), "Power on", "nothing draws any"),
        (Reading(12_000, 400, None, NOW), "Running", ""),
    ],
)
def test_where_no_carrier_is_sensed_only_the_current_tells_that_a_pi_runs(
    reading: Reading, word: str, detail: str
) -> None:
    shown = face_of(seen(SlotState.ACTIVE, UNSEEN, reading=reading), LIMITS, NOW)
    assert shown.word == word
    assert detail in shown.detail


def test_no_current_is_claimed_where_nothing_measures_it() -> None:
    flags = (OFF | SlotFlag.RELEASED) & ~(SlotFlag.METER_WORKS | SlotFlag.RAIL_BELOW_500_MV)
    shown = face_of(seen(SlotState.INACTIVE, flags, lights=None), LIMITS, NOW)
    assert shown.face is Face.SAFE
    assert "nothing measures" in shown.detail


@pytest.mark.parametrize("flag", list(SlotFlag))
def test_steady_blue_is_never_promised_while_power_is_on(flag: SlotFlag) -> None:
    flags = SEATED | SlotFlag.RAIL_ON | SlotFlag.RELEASED | flag
    for state in SlotState:
        assert face_of(seen(state, flags), LIMITS, NOW).face is not Face.SAFE


@pytest.mark.parametrize("state", list(SlotState))
def test_a_halted_pi_is_never_shown_as_running(state: SlotState) -> None:
    shown = face_of(seen(state, RUNNING | SlotFlag.HALTED), LIMITS, NOW)
    assert shown.face is not Face.RUNNING
    if state in {"M1", "M2", "M4", "M5"}:
        assert shown.word in {"Halted, power on", "Shutting down"}


@pytest.mark.parametrize("state", [state for state in SlotState if state != "M7"])
@pytest.mark.parametrize("more", [SlotFlag(0), SlotFlag.ALARM, SlotFlag.TRIPPED, SlotFlag.RELEASED])
def test_an_open_contact_with_current_is_suspicious_whatever_else(
    state: SlotState, more: SlotFlag
) -> None:
    flags = (RUNNING & ~SlotFlag.PRESENT) | SlotFlag.SUSPICIOUS | more
    shown = face_of(seen(state, flags), LIMITS, NOW)
    assert shown.face is Face.SUSPICIOUS
    assert shown.detail == "The presence contact is open, yet current flows (0.4 A)"
    assert ("Push web-03 back" in shown.advice) == bool(more & SlotFlag.ALARM)


def test_who_waits_for_power_says_for_what() -> None:
    reason = "slot 7 needs 9 W, 6 W free; starts when slot 3 stops"
    waiting = seen(SlotState.ACTIVATION_IN_PROGRESS, OFF, waiting_for=reason)
    shown = face_of(waiting, LIMITS, NOW)
    assert (shown.word, shown.detail) == ("Waiting for power", reason)


def test_a_warning_says_what_and_which_limit() -> None:
    assert face_of(seen(reading=HOT), LIMITS, NOW).detail == "78 °C, limit 75 °C"


def test_a_trip_says_how_much_flowed() -> None:
    tripped = seen(SlotState.INACTIVE, OFF | SlotFlag.TRIPPED, trip_ma=2_600)
    assert face_of(tripped, LIMITS, NOW).detail == "Over-current 2.6 A, cut by hardware"


def test_a_wrong_pull_names_the_device_and_its_slot() -> None:
    pulled = seen(SlotState.NOT_INSTALLED, EMPTY | SlotFlag.ALARM, wanted_instead=(5,))
    shown = face_of(pulled, LIMITS, NOW)
    assert shown.word == "Wrong slot pulled"
    assert shown.detail == "That was slot 7; slot 5 is the one to pull"
    assert shown.advice == "Put web-03 back in slot 7."


def test_another_carrier_in_an_alarmed_slot_is_no_all_clear() -> None:
    shown = face_of(seen(SlotState.INACTIVE, OFF | SlotFlag.ALARM), LIMITS, NOW)
    assert shown.word == "Wrong carrier"
    assert shown.face is Face.FAULT
    assert "web-03" not in shown.advice  # that is the one to take out
    known = seen(SlotState.INACTIVE, OFF | SlotFlag.ALARM, belongs="cache-01")
    assert face_of(known, LIMITS, NOW).advice.startswith("Put cache-01 back in slot 7")


def test_silent_sensors_are_not_blamed_on_the_whole_chassis() -> None:
    silent = seen(SlotState.COMMUNICATION_LOST, RUNNING | SlotFlag.NOT_ANSWERING)
    assert face_of(silent, LIMITS, NOW).detail.startswith("The sensors of this slot do not answer")
    unheard = seen(SlotState.COMMUNICATION_LOST, None)
    assert face_of(unheard, LIMITS, NOW).detail.startswith("The chassis does not answer")


def test_a_surprise_is_called_one() -> None:
    pulled = seen(SlotState.NOT_INSTALLED, EMPTY | SlotFlag.ALARM)
    assert face_of(pulled, LIMITS, NOW).word == "Pulled while in use"


def test_identifying_ends_by_itself() -> None:
    fresh = seen(SlotState.INACTIVE, UNREAD, since=JUST_NOW)
    due = next_change_at(fresh, NOW)
    assert due == JUST_NOW + timedelta(seconds=20)
    assert face_of(fresh, LIMITS, due).face is Face.OFF
    assert next_change_at(fresh, due) is None
    assert next_change_at(seen(), NOW) is None


def test_every_face_has_a_word_an_icon_and_a_rank() -> None:
    assert set(ICONS) == set(WORDS) == set(WORST_FIRST) == set(Face)
