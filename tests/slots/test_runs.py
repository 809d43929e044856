"""The pure core of a power run: facts in, the next deed out."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import product

import pytest

from backplane.slots.facts import SlotFacts, SlotFlag, SlotState
from backplane.slots.ops import CommandOp, CommandState
from backplane.slots.runs import (
    OWN_NOTE,
    Ask,
    Asked,
    AskPerson,
    Choice,
    Decision,
    Finish,
    Hold,
    RunFacts,
    RunKind,
    Settle,
    StepState,
    Turn,
    choices,
    decide,
    default_order,
    own_last,
    summary,
)
from tests.support.slots import EMPTY, NOW, OFF, RUNNING, SEATED, later

DOWN, UP = RunKind.SHUTDOWN, RunKind.START
ON = SlotFacts(SlotState.ACTIVE, RUNNING)
IS_OFF = SlotFacts(SlotState.INACTIVE, OFF)
IS_EMPTY = SlotFacts(SlotState.NOT_INSTALLED, EMPTY)
NOT_KNOWN = SlotFacts(SlotState.COMMUNICATION_LOST, None)
NO_ANSWER = SlotFacts(SlotState.COMMUNICATION_LOST, RUNNING | SlotFlag.NOT_ANSWERING)
COMING_UP = SlotFacts(SlotState.ACTIVATION_IN_PROGRESS, SEATED | SlotFlag.RAIL_ON)
FIRST, ASKED, FAILED = StepState.WAITING, StepState.ASKED, StepState.FAILED


def command(state: CommandState, outcome: str = "") -> Asked:
    return Asked(state, outcome, later(30), None if state == CommandState.SENT else later(-1))


def run(kind: RunKind, facts: SlotFacts, state: StepState = FIRST, **changes: object) -> RunFacts:
    turn = Turn(7, state, facts, since=later(-60))
    turn = replace(turn, **changes)  # type: ignore[arg-type]  # names are those of Turn
    return RunFacts(
        kind, is_waiting=state is FAILED, link_is_up=True, link_since=later(-60), turn=turn
    )


SENT, DONE = command(CommandState.SENT), command(CommandState.DONE)
ACCEPTED = command(CommandState.ACCEPTED)
HANGS = command(CommandState.FAILED, "The operating system did not stop in time.")


@pytest.mark.parametrize(
    ("facts", "deed"),
    [
        # its turn comes
        (run(DOWN, ON), Ask(CommandOp.SHUTDOWN)),
        (run(DOWN, COMING_UP), Ask(CommandOp.SHUTDOWN)),
        (run(DOWN, IS_OFF), Settle(StepState.DONE, "Was off already.")),
        (run(DOWN, IS_EMPTY), Settle(StepState.SKIPPED, "Empty.")),
        (run(DOWN, ON, is_asked_by_others=True), Hold()),
        (run(DOWN, ON, wait_until=later(5)), Hold(later(5))),
        (run(UP, IS_OFF), Ask(CommandOp.POWER_ON)),
        (run(UP, ON), Settle(StepState.DONE, "Was on already.")),
        (run(UP, IS_EMPTY), Settle(StepState.SKIPPED, "Empty.")),
        (run(UP, COMING_UP, since=later(-5)), Hold(later(40))),
        (run(UP, COMING_UP), AskPerson("Its power is not good.")),
        # it was asked
        (run(DOWN, ON, ASKED, asked=SENT), Hold(later(30))),
        (run(DOWN, NO_ANSWER, ASKED, asked=SENT), Hold(later(30))),
        (run(DOWN, IS_OFF, ASKED, asked=SENT), Settle(StepState.DONE, "Off.")),
        (run(DOWN, IS_EMPTY, ASKED, asked=HANGS), Settle(StepState.SKIPPED, "Was taken out.")),
        (run(DOWN, ON, ASKED, asked=HANGS), AskPerson(HANGS.outcome)),
        (run(DOWN, ON, ASKED, asked=HANGS, wait_until=later(9)), Hold(later(9))),
        (run(DOWN, ON, ASKED, asked=HANGS, wait_until=NOW), AskPerson(HANGS.outcome)),
        (run(DOWN, ON, ASKED, asked=HANGS, is_asked_by_others=True), Hold()),
        (run(DOWN, ON, ASKED, asked=DONE), AskPerson("It was off, and is on again.")),
        (run(DOWN, ON, ASKED), AskPerson("What became of it is not known.")),
        (run(UP, ON, ASKED, asked=DONE), Settle(StepState.DONE, "On.")),
        (run(UP, COMING_UP, ASKED, asked=DONE), Hold(later(44))),
        (run(UP, IS_OFF, ASKED, asked=DONE), Hold(later(44))),  # the firmware tries again
        (
            run(UP, IS_OFF, ASKED, asked=command(CommandState.REFUSED, "The board is busy.")),
            AskPerson("The board is busy."),
        ),
        # somebody brought it about while a person was waited for
        (run(DOWN, IS_OFF, FAILED, asked=HANGS), Settle(StepState.DONE, "Off.")),
        (run(UP, ON, FAILED, asked=HANGS), Settle(StepState.DONE, "On.")),
        (run(DOWN, ON, FAILED, asked=HANGS), Hold()),
    ],
)
def test_the_next_deed(facts: RunFacts, deed: Decision) -> None:
    assert decide(facts, NOW) == deed
    assert decide(facts, NOW) == deed


def test_a_halted_slot_under_power_is_a_persons_matter() -> None:
    halted = SlotFacts(SlotState.ACTIVE, RUNNING | SlotFlag.HALTED)
    assert decide(run(DOWN, halted), NOW) == AskPerson("It has halted, but its power is on.")


def test_a_trip_while_starting_is_a_persons_matter() -> None:
    tripped = SlotFacts(SlotState.INACTIVE, OFF | SlotFlag.TRIPPED)
    assert decide(run(UP, tripped, ASKED, asked=DONE), NOW) == AskPerson(
        "It was cut for over-current."
    )


@pytest.mark.parametrize("kind", list(RunKind))
@pytest.mark.parametrize("state", [FIRST, ASKED])
@pytest.mark.parametrize("facts", [NOT_KNOWN, NO_ANSWER])
def test_what_is_not_known_is_waited_for_and_then_asked_about(
    kind: RunKind, state: StepState, facts: SlotFacts
) -> None:
    known_lately = run(kind, facts, state, since=later(-4))
    assert decide(known_lately, NOW) == Hold(later(6))
    back_lately = replace(run(kind, facts, state), link_since=later(-1))
    assert decide(back_lately, NOW) == Hold(later(9))
    for_long = run(kind, facts, state)
    asks = AskPerson("Its state is not known; nothing is asked of it.")
    assert decide(for_long, NOW) == asks


@pytest.mark.parametrize("facts", [ON, IS_OFF, NOT_KNOWN])
@pytest.mark.parametrize("state", [FIRST, ASKED])
@pytest.mark.parametrize("kind", list(RunKind))
def test_nothing_is_asked_while_the_link_is_lost(
    kind: RunKind, state: StepState, facts: SlotFacts
) -> None:
    lost = replace(run(kind, facts, state), link_is_up=False)
    assert isinstance(decide(lost, NOW), Hold | Settle)


def every_fact() -> Iterator[RunFacts]:
    """Return every mixture of what a run can meet."""
    many = product(
        RunKind,
        StepState,
        (ON, IS_OFF, IS_EMPTY, NOT_KNOWN, NO_ANSWER, COMING_UP),
        (None, SENT, ACCEPTED, DONE, HANGS),
        product((False, True), repeat=4),
    )
    for kind, state, facts, asked, (link, others, own, waits) in many:
        wait_until = later(5) if waits else None
        turn = Turn(7, state, facts, None, asked, others, own, wait_until)
        yield RunFacts(kind, state is FAILED, link, None, turn)


def test_whatever_happens_a_slot_is_asked_once_and_only_where_it_is_known() -> None:
    deeds = [(run, decide(run, NOW)) for run in every_fact()]
    asking = [(run, run.turn, deed) for run, deed in deeds if isinstance(deed, Ask)]
    assert asking
    for run, turn, deed in asking:
        assert turn is not None
        assert run.link_is_up
        assert turn.state is FIRST
        assert turn.facts.rail_on is (run.kind is DOWN)
        assert not turn.is_asked_by_others
        assert turn.wait_until is None
        assert deed.op is (CommandOp.SHUTDOWN if run.kind is DOWN else CommandOp.POWER_ON)
    assert not [run for run, deed in deeds if run.is_waiting and isinstance(deed, Ask | AskPerson)]


def test_our_own_shutdown_is_over_when_the_board_has_taken_it() -> None:
    own = run(DOWN, ON, ASKED, asked=ACCEPTED, is_own=True)
    assert decide(own, NOW) == Settle(StepState.DONE, OWN_NOTE)
    assert decide(run(DOWN, ON, ASKED, asked=ACCEPTED), NOW) == Hold(later(30))
    not_taken = run(DOWN, ON, ASKED, asked=SENT, is_own=True)
    assert decide(not_taken, NOW) == Hold(later(30))


def test_a_run_ends_when_every_slot_had_its_turn() -> None:
    over = RunFacts(DOWN, is_waiting=False, link_is_up=False, link_since=None, turn=None)
    assert decide(over, NOW) == Finish()


def test_up_is_ascending_and_down_is_descending_with_our_own_last() -> None:
    assert default_order(UP, (3, 1, 7), own=1) == (1, 3, 7)
    assert default_order(DOWN, (3, 1, 7), own=None) == (7, 3, 1)
    assert default_order(DOWN, (3, 1, 7), own=7) == (3, 1, 7)
    assert own_last(DOWN, (7, 1, 3), own=7) == (1, 3, 7)
    assert own_last(UP, (7, 1, 3), own=7) == (7, 1, 3)
    assert own_last(DOWN, (1, 3), own=7) == (1, 3)


@pytest.mark.parametrize(
    ("kind", "facts", "said"),
    [
        (DOWN, ON, {Choice.WAIT, Choice.AGAIN, Choice.CUT, Choice.SKIP, Choice.CANCEL}),
        (DOWN, NOT_KNOWN, {Choice.WAIT, Choice.AGAIN, Choice.SKIP, Choice.CANCEL}),
        (UP, ON, {Choice.WAIT, Choice.AGAIN, Choice.SKIP, Choice.CANCEL}),
    ],
)
def test_what_a_person_can_say(kind: RunKind, facts: SlotFacts, said: set[Choice]) -> None:
    assert set(choices(kind, is_waiting=True, facts=facts)) == said
    assert choices(kind, is_waiting=False, facts=facts) == (Choice.CANCEL,)


@pytest.mark.parametrize(
    ("kind", "states", "own", "text"),
    [
        (DOWN, "dds", None, "2 slots are off, 1 left out."),
        (UP, "d", None, "1 slot is on."),
        (UP, "", None, "0 slots are on."),
        (
            DOWN,
            "ddd",
            7,
            "2 slots are off. Slot 7 shuts down now, and this program with it; only the firmware watches on.",
        ),
    ],
)
def test_what_came_of_it(kind: RunKind, states: str, own: int | None, text: str) -> None:
    names = {"d": StepState.DONE, "s": StepState.SKIPPED}
    assert summary(kind, [names[each] for each in states], own) == text


def test_time_moves_only_by_now() -> None:
    held = decide(run(DOWN, ON, ASKED, asked=SENT), NOW)
    assert isinstance(held, Hold)
    assert isinstance(held.until, datetime)
