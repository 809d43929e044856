"""The planner: who may start, who waits for what, and what is given up."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backplane.slots.facts import Cause, SlotFacts, SlotFlag, SlotState
from backplane.slots.feeds import Feed
from backplane.slots.obstacles import obstacle
from backplane.slots.ops import WAITING_EXPIRY_S, CommandOp, CommandState
from backplane.slots.planner import (
    Expire,
    OpenCommand,
    Plan,
    Refuse,
    Send,
    Surroundings,
    Wait,
    plan,
)
from backplane.slots.power import PoweredSlot, admitted_mw, need_mw
from backplane.slots.waiting import watts
from tests.support.slots import EMPTY, NOW, OFF, RUNNING, facts, later

M0, M1, M2, M3, M4, M5, M6, M7 = SlotState
STAGGER = timedelta(milliseconds=500)


def powered(number: int, state: SlotState = M1, flags: SlotFlag | None = OFF) -> PoweredSlot:
    return PoweredSlot(number, facts(state, flags), 9_000)


def around(*slots: PoweredSlot, budget_mw: int = 150_000) -> Surroundings:
    feed = Feed("Chassis", frozenset(range(1, 11)), budget_mw, budget_mw)
    return Surroundings(slots, (feed,), STAGGER)


def wish(
    slot: int = 7, op: CommandOp = CommandOp.POWER_ON, state: CommandState = CommandState.OPEN
) -> OpenCommand:
    return OpenCommand(slot, op, slot, state, NOW, later(10))


def test_nothing_asked_is_nothing_planned() -> None:
    assert plan([], around(powered(1), powered(2, M2)), NOW) == Plan((), None)


def test_a_start_that_fits_is_sent() -> None:
    made = plan([wish()], around(powered(7)), later(4))
    assert made == Plan((Send(7, 6_000),), later(10))


def test_a_start_that_does_not_fit_waits_and_says_for_what() -> None:
    full = around(powered(1, M4, RUNNING), powered(7), budget_mw=15_000)
    reason = "slot 7 needs 9 W, 6 W free; starts when slot 1 stops"
    assert plan([wish()], full, NOW).decisions == (Wait(7, reason, None, later(WAITING_EXPIRY_S)),)


def test_what_can_never_fit_is_refused() -> None:
    made = plan([wish()], around(powered(7), budget_mw=8_500), NOW)
    assert made.decisions == (Refuse(7, "Slot 7 needs 9 W; the whole chassis has 8.5 W."),)


def test_one_rail_comes_up_at_a_time() -> None:
    made = plan([wish(3), wish(7)], around(powered(3), powered(7)), NOW)
    first, second = made.decisions
    assert first == Send(3, 10_000)
    assert isinstance(second, Wait)
    assert second.reason == "slot 3 is starting; one at a time"


@pytest.mark.parametrize("state", [CommandState.SENT, CommandState.ACCEPTED])
def test_a_start_on_its_way_holds_the_next_one_back(state: CommandState) -> None:
    made = plan([wish(3, state=state), wish(7)], around(powered(3), powered(7)), NOW)
    assert [type(decision) for decision in made.decisions] == [Wait]


def test_a_start_on_its_way_is_already_spent() -> None:
    sent = wish(3, state=CommandState.SENT)
    made = plan([sent, wish(7)], around(powered(3), powered(7), budget_mw=15_000), NOW)
    assert isinstance(made.decisions[0], Wait)
    assert "6 W free" in made.decisions[0].reason


def test_a_rail_coming_up_by_itself_holds_a_start_back() -> None:
    rising = powered(3, M3, OFF | SlotFlag.RAIL_ON)
    decision = plan([wish(7)], around(rising, powered(7)), NOW).decisions[0]
    assert isinstance(decision, Wait)
    assert decision.until is None


def test_a_running_slot_whose_power_failed_blocks_nobody() -> None:
    browned_out = PoweredSlot(3, SlotFacts(M3, OFF | SlotFlag.RAIL_ON, Cause.FAULT), 9_000)
    assert plan([wish(7)], around(browned_out, powered(7)), NOW).decisions == (Send(7, 10_000),)


def test_a_slot_found_with_bad_power_does_not_block_the_others_for_ever() -> None:
    found = SlotFacts(M3, OFF | SlotFlag.RAIL_ON, Cause.LINK_RESTORED)
    slots = around(PoweredSlot(3, found, 9_000, since=NOW), powered(7))
    assert isinstance(plan([wish(7)], slots, NOW).decisions[0], Wait)
    assert plan([wish(7)], slots, later(2)).decisions == (Send(7, 8_000),)


def test_starts_are_half_a_second_apart() -> None:
    just_now = replace(around(powered(7)), last_start_at=later(-0.2))
    made = plan([wish()], just_now, NOW)
    assert made.next_deadline == later(0.3)
    assert isinstance(made.decisions[0], Wait)
    assert plan([wish()], just_now, later(0.3)).decisions == (Send(7, 9_700),)


def test_a_cycle_needs_its_turn_but_no_new_power() -> None:
    cycle = wish(7, CommandOp.POWER_CYCLE)
    full = around(powered(7, M4, RUNNING), budget_mw=9_000)
    assert plan([cycle], full, NOW).decisions == (Send(7, 10_000),)


@pytest.mark.parametrize("op", [CommandOp.POWER_OFF, CommandOp.SHUTDOWN, CommandOp.LOCATE_ON])
def test_stopping_and_locating_wait_for_nobody(op: CommandOp) -> None:
    busy = [wish(3, state=CommandState.SENT), wish(7, op)]
    made = plan(busy, around(powered(3), powered(7, M4, RUNNING)), NOW)
    assert made.decisions == (Send(7, 10_000),)


def test_a_chassis_command_is_sent() -> None:
    assert plan([wish(0, CommandOp.LAMP_TEST)], around(), NOW).decisions == (Send(0, 10_000),)


def test_a_command_the_slot_no_longer_allows_is_refused() -> None:
    tripped = powered(7, M1, OFF | SlotFlag.TRIPPED)
    assert plan([wish()], around(tripped), NOW).decisions == (
        Refuse(7, "Slot 7 was cut for over-current; clear the trip first."),
    )


@pytest.mark.parametrize(
    ("op", "state", "words"),
    [
        (CommandOp.POWER_ON, CommandState.OPEN, "could not be done in time"),
        (CommandOp.POWER_ON, CommandState.SENT, "did not answer in time"),
        (CommandOp.POWER_ON, CommandState.ACCEPTED, "its effect was not seen"),
        (CommandOp.SHUTDOWN, CommandState.ACCEPTED, "Wait, or cut the power"),
    ],
)
def test_what_is_late_is_given_up_in_words(op: CommandOp, state: CommandState, words: str) -> None:
    made = plan([wish(7, op, state)], around(powered(7)), later(10))
    (decision,) = made.decisions
    assert isinstance(decision, Expire)
    assert words in decision.reason
    assert made.next_deadline is None


def test_admission_counts_what_may_draw() -> None:
    assert powered(1, M7, None).counts
    assert not powered(1, M0, EMPTY).counts
    assert powered(1, M0, EMPTY | SlotFlag.SUSPICIOUS).counts
    assert admitted_mw([powered(1), powered(2, M4, RUNNING)], [1]) == 18_000
    assert need_mw(9_000, 11_000) == 11_000
    assert (watts(9_000), watts(4_640)) == ("9 W", "4.6 W")


OBSTACLES = [
    (CommandOp.POWER_ON, EMPTY, "is empty"),
    (CommandOp.POWER_ON, EMPTY | SlotFlag.SUSPICIOUS, "looks empty, yet current flows"),
    (CommandOp.POWER_ON, RUNNING, "is on already"),
    (CommandOp.POWER_ON, OFF | SlotFlag.RELEASED, "take the release back first"),
    (CommandOp.POWER_ON, OFF | SlotFlag.TRIPPED, "clear the trip first"),
    (CommandOp.POWER_ON, OFF | SlotFlag.ALARM, "clear the alarm first"),
    (CommandOp.POWER_ON, OFF, ""),
    (CommandOp.POWER_OFF, OFF, "is off already"),
    (CommandOp.POWER_OFF, RUNNING, ""),
    (CommandOp.POWER_CYCLE, OFF, "is off already"),
    (CommandOp.SHUTDOWN, OFF, "is off already"),
    (CommandOp.SHUTDOWN, RUNNING | SlotFlag.HALTED, "has halted already"),
    (CommandOp.SHUTDOWN, RUNNING, ""),
    (CommandOp.CLEAR_TRIP, OFF, "has no trip to clear"),
    (CommandOp.CLEAR_TRIP, OFF | SlotFlag.TRIPPED, ""),
    (CommandOp.CLEAR_ALARM, OFF, "has no alarm to clear"),
    (CommandOp.CLEAR_ALARM, OFF | SlotFlag.ALARM, ""),
    (CommandOp.RELEASE, RUNNING, "shut it down first"),
    (CommandOp.RELEASE, EMPTY, "is empty"),
    (CommandOp.RELEASE, OFF | SlotFlag.RELEASED, "is released already"),
    (CommandOp.RELEASE, OFF, ""),
    (CommandOp.POWER_OFF, RUNNING | SlotFlag.NOT_ANSWERING, "is not known"),
    (CommandOp.LOCATE_ON, EMPTY, ""),
]


@pytest.mark.parametrize(("op", "flags", "words"), OBSTACLES)
def test_obstacles_are_said_in_words(op: CommandOp, flags: SlotFlag, words: str) -> None:
    reason = obstacle(op, 7, facts(M1, flags))
    assert words in reason
    assert bool(reason) == bool(words)


def test_no_command_follows_from_not_known() -> None:
    lights = {CommandOp.LOCATE_ON, CommandOp.LOCATE_OFF, CommandOp.INVITE_ON, CommandOp.INVITE_OFF}
    for op in set(CommandOp) - lights - {CommandOp.LAMP_TEST, CommandOp.SET_CONFIG}:
        assert "not known" in obstacle(op, 7, facts(M7, None))


def test_a_release_can_be_taken_back_only_if_there_is_one() -> None:
    released, seated = facts(M1, OFF | SlotFlag.RELEASED), facts(M1, OFF)
    assert obstacle(CommandOp.RELEASE, 7, released, wants_on=False) == ""
    assert "is not released" in obstacle(CommandOp.RELEASE, 7, seated, wants_on=False)
