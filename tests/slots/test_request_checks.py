"""What a request must bring: the knowledge that this program goes down with its slot, a reason, a setting that exists."""

import pytest
from pytest_django import Settings

from backplane.slots.errors import NotPossible, OwnSlot
from backplane.slots.facts import SlotFlag
from backplane.slots.models import Command
from backplane.slots.ops import STOPS, CommandOp, Origin
from tests.support.slots import EMPTY, OFF, ask, new_chassis

pytestmark = pytest.mark.django_db


@pytest.fixture
def own(settings: Settings) -> None:
    """Let our own slot be slot 7 of the chassis that new_chassis makes."""
    settings.OWN_SLOT = ("demo", 7)


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize("op", STOPS)
def test_our_own_slot_is_stopped_only_by_who_knows_it(op: CommandOp) -> None:
    chassis = new_chassis()
    with pytest.raises(
        OwnSlot, match=r"This program runs on slot 7\. If .* goes down with it"
    ) as told:
        ask(chassis, op)
    assert "only the firmware watches on" in str(told.value)
    assert not Command.objects.exists()
    assert ask(chassis, op, accepts_own_slot=True).op == op
    assert ask(chassis, op, 6).op == op


@pytest.mark.usefixtures("own")
def test_what_takes_no_power_is_free_on_our_own_slot() -> None:
    chassis = new_chassis({7: OFF})
    assert ask(chassis, CommandOp.LOCATE_ON).pk
    assert ask(chassis, CommandOp.POWER_ON).pk


@pytest.mark.usefixtures("own")
def test_what_is_not_possible_is_said_before_what_is_dangerous() -> None:
    chassis = new_chassis({7: OFF})
    with pytest.raises(NotPossible, match="is off already"):
        ask(chassis, CommandOp.POWER_OFF)


def test_a_refused_cut_of_our_own_slot_replaces_nothing(settings: Settings) -> None:
    chassis = new_chassis()
    running = ask(chassis, CommandOp.SHUTDOWN)
    settings.OWN_SLOT = ("demo", 7)
    with pytest.raises(OwnSlot):
        ask(chassis, CommandOp.POWER_OFF)
    running.refresh_from_db()
    assert running.is_unfinished


def test_an_alarm_is_cleared_with_a_reason() -> None:
    chassis = new_chassis({7: EMPTY | SlotFlag.ALARM})
    for nothing in ({}, {"reason": ""}, {"reason": "  "}):
        with pytest.raises(NotPossible, match="Say why the alarm of slot 7 is cleared"):
            ask(chassis, CommandOp.CLEAR_ALARM, arguments=nothing)
    command = ask(chassis, CommandOp.CLEAR_ALARM, arguments={"reason": "Scrapped."})
    assert command.arguments == {"reason": "Scrapped."}
    assert ask(chassis, CommandOp.CLEAR_ALARM, origin=Origin.SWAP).pk  # the swap holds its own


@pytest.mark.parametrize(
    ("slot", "arguments", "words"),
    [
        (7, {}, "no such setting"),
        (7, {"key": 77, "value": 1}, "no such setting"),
        (7, {"key": 1, "value": "on"}, "a whole number"),
        (7, {"key": 1, "value": True}, "a whole number"),
        (7, {"key": 1, "value": 3}, "takes 0 to 2"),
        (7, {"key": 7, "value": 90_000}, "for the whole chassis"),
        (0, {"key": 7, "value": -1}, "takes 0 to 2000000000"),
    ],
)
def test_a_setting_that_the_board_would_refuse_is_refused_in_words(
    slot: int, arguments: dict[str, object], words: str
) -> None:
    chassis = new_chassis()
    with pytest.raises(NotPossible, match=words):
        ask(chassis, CommandOp.SET_CONFIG, slot, arguments=arguments)


@pytest.mark.parametrize("slot", [0, 7])
def test_a_setting_that_exists_is_asked(slot: int) -> None:
    chassis = new_chassis()
    command = ask(chassis, CommandOp.SET_CONFIG, slot, arguments={"key": 1, "value": 2})
    assert (command.slot is None) == (slot == 0)
