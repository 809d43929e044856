"""Board profiles, the listeners and the words of errors."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backplane.slots import notify
from backplane.slots.boards import load_profile, parse_profile
from backplane.slots.errors import InvalidTransition, NotInSequence, SlotError, StaleGeneration
from backplane.slots.facts import SlotState
from backplane.slots.models import Carrier, Chassis, Gap, HardwareEvent, Module, Slot, Transition
from backplane.slots.models.chassis import Installation
from backplane.slots.records import Change


def test_the_reference_board_is_read_from_its_own_file() -> None:
    profile = load_profile("reference-10", 10)
    assert profile.is_known
    assert (profile.geometry.width_mm, profile.geometry.pitch_mm) == (482.6, 40.64)
    assert (profile.limits.budget_mw, profile.limits.stagger_ms) == (150_000, 500)
    assert profile.supplies[0].name == "PSU A"
    assert profile.senses_of(7).shutdown_line
    assert load_profile("reference-10", 10) is profile


@pytest.mark.parametrize(
    ("name", "slots"), [("nobody", 4), ("../../etc/passwd", 4), ("", 4), ("reference-10", 4)]
)
def test_an_unknown_board_gets_a_plain_profile(name: str, slots: int) -> None:
    profile = load_profile(name, slots)
    assert not profile.is_known
    assert profile.slot_count == slots
    assert "Unknown board" in profile.title


@given(st.integers(1, 24))
def test_a_plain_profile_fits_its_panel(slots: int) -> None:
    geometry = load_profile("nobody", slots).geometry
    right = geometry.first_slot_mm + (slots - 1) * geometry.pitch_mm + geometry.slot_width_mm
    assert right <= geometry.width_mm - geometry.ear_mm


def test_a_slot_may_sense_less_than_its_board() -> None:
    profile = parse_profile(
        {
            "board": {"name": "b", "slots": 2},
            "senses": {"halted_line": False},
            "slot": [{"number": 2, "shutdown_line": False}],
        }
    )
    assert profile.title == "b"
    assert (profile.senses_of(1).shutdown_line, profile.senses_of(2).shutdown_line) == (True, False)
    assert not profile.senses_of(2).halted_line


def test_a_board_file_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('[board]\nname = "mine"\nslots = 3\n')
    assert load_profile("mine", 3, tmp_path).is_known


def test_a_listener_that_fails_keeps_the_news_from_nobody() -> None:
    told: list[Change] = []

    def broken(_: Change) -> None:
        message = "a screen is gone"
        raise RuntimeError(message)

    for listener in (broken, told.append, told.append):
        notify.subscribe(listener)
    try:
        notify.changed(Change(1, (7,), 5))
    finally:
        notify.unsubscribe(broken)
        notify.unsubscribe(told.append)
    notify.changed(Change(1, (7,), 6))
    notify.unsubscribe(broken)
    assert told == [Change(1, (7,), 5)]


def test_rows_and_errors_speak_for_themselves() -> None:
    chassis = Chassis(slug="demo", board_name="reference-10", slot_count=10)
    assert (str(chassis), str(Slot(number=7)), str(Gap(first_missing=3))) == (
        "demo",
        "slot 7",
        "from 3 to ?",
    )
    assert str(HardwareEvent(kind=3, number=812)) == "REMOVE 812"
    assert str(HardwareEvent(kind=77, number=812)) == "kind 77 812"
    assert str(Transition(old=SlotState.ACTIVE, new=SlotState.NOT_INSTALLED)) == "M4 to M0"
    assert (str(Module(serial="9f31")), str(Carrier(uid="beef"))) == ("9f31", "beef")
    assert str(Installation(host_id=1)) == "0000000000000001"
    assert chassis.power_budget_mw == 150_000
    assert str(SlotError()) == "SlotError"
    assert "M0 to M4" in str(InvalidTransition(7, "M0", "M4"))
    assert "Generation 3" in str(StaleGeneration(3, 4))
    assert "Event 9" in str(NotInSequence(8, 9))
