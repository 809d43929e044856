"""The transition table: every row, every kind of event, and what must hold whatever comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backplane.slots.facts import (
    KNOWN_KINDS,
    Cause,
    EventKind,
    RailCause,
    SlotFacts,
    SlotFlag,
    SlotState,
    rail_cause,
    rail_command_id,
)
from backplane.slots.states import (
    TRANSITIONS,
    Decision,
    Happening,
    Row,
    decide,
    decide_event,
    discover,
)
from tests.support.slots import EMPTY, OFF, RUNNING, SEATED, SENSES, facts

M0, M1, M2, M3, M4, M5, M6, M7 = SlotState
STARTING = SEATED | SlotFlag.RAIL_ON
ROWS = [(row, old) for row in TRANSITIONS for old in row.old]


@pytest.mark.parametrize(("row", "old"), ROWS, ids=[f"{r.happening}-{o}" for r, o in ROWS])
def test_each_row_of_the_table_is_followed(row: Row, old: SlotState) -> None:
    decision = decide(facts(old, STARTING), row.happening, Cause.API)
    expected = row.new or M3  # rail on and not good is M3
    if expected is old:
        assert not decision.is_transition
    else:
        assert (decision.state, decision.cause) == (expected, row.cause or Cause.API)


@pytest.mark.parametrize("happening", Happening)
@pytest.mark.parametrize("old", SlotState)
def test_what_has_no_row_changes_no_state(happening: Happening, old: SlotState) -> None:
    if any(row.happening is happening and old in row.old for row in TRANSITIONS):
        return
    decision = decide(facts(old), happening)
    assert decision.state is old
    assert not decision.is_transition


def test_no_two_rows_answer_the_same_question() -> None:
    keys = [(row.happening, old) for row, old in ROWS]
    assert len(keys) == len(set(keys))


EVENTS = [
    # old, flags, kind, value -> new, cause
    (M0, EMPTY, EventKind.INSERT, 0, M1, Cause.PERSON),
    (M1, OFF, EventKind.REMOVE, 0, M0, Cause.PERSON),
    (M2, OFF, EventKind.REMOVE, 0, M0, Cause.SURPRISE),
    (M4, RUNNING, EventKind.REMOVE, 0, M0, Cause.SURPRISE),
    (M6, RUNNING, EventKind.REMOVE, 0, M0, Cause.SURPRISE),
    (M3, STARTING & ~SlotFlag.HANDLE_CLOSED, EventKind.POWER_GOOD, 0, M5, Cause.HANDLE),
    (M2, OFF, EventKind.HANDLE_OPEN, 0, M1, Cause.HANDLE),
    (M3, OFF, EventKind.HANDLE_OPEN, 0, M1, Cause.HANDLE),
    (M3, STARTING, EventKind.HANDLE_OPEN, 0, M5, Cause.HANDLE),
    (M4, RUNNING, EventKind.HANDLE_OPEN, 0, M5, Cause.HANDLE),
    (M5, RUNNING, EventKind.HANDLE_CLOSED, 0, M4, Cause.HANDLE),
    (M1, OFF, EventKind.RAIL_ON, RailCause.RESTORE_POLICY, M3, Cause.POWER_RESTORED),
    (M1, OFF, EventKind.RAIL_ON, RailCause.LOCAL_BUTTON, M3, Cause.PERSON),
    (M1, OFF, EventKind.RAIL_ON, RailCause.COMMAND, M3, Cause.POLICY),  # found on
    (M1, OFF, EventKind.RAIL_ON, RailCause.COMMAND | 5 << 8, M3, Cause.API),
    (M1, OFF, EventKind.RAIL_ON, RailCause.POWER_GOOD_FAILED, M3, Cause.POLICY),  # a retry
    (M1, OFF, EventKind.RAIL_ON, 200, M3, Cause.POLICY),  # a cause of a newer firmware
    (M3, STARTING, EventKind.POWER_GOOD, 0, M4, Cause.POLICY),
    (M4, RUNNING, EventKind.POWER_LOST, 9_000, M3, Cause.FAULT),
    (M4, RUNNING, EventKind.TRIP, 2_600, M1, Cause.FAULT),
    (M4, RUNNING, EventKind.RAIL_OFF, RailCause.TRIP, M1, Cause.FAULT),
    (M3, STARTING, EventKind.RAIL_OFF, RailCause.POWER_GOOD_FAILED, M1, Cause.FAULT),
    (M4, RUNNING, EventKind.RAIL_OFF, RailCause.OVER_TEMPERATURE, M1, Cause.FAULT),
    (M4, RUNNING, EventKind.RAIL_OFF, RailCause.SUPPLY_LOST, M1, Cause.FAULT),
    (M4, RUNNING, EventKind.RAIL_OFF, RailCause.LOCAL_BUTTON, M1, Cause.PERSON),
    (M4, RUNNING, EventKind.RAIL_OFF, RailCause.REMOVAL, M0, Cause.SURPRISE),
    (M4, RUNNING, EventKind.RAIL_OFF, RailCause.CYCLE, M2, Cause.API),
    (M4, RUNNING, EventKind.RAIL_OFF, RailCause.SHUTDOWN_DONE, M1, Cause.HANDLE),
    (M4, RUNNING, EventKind.SHUTDOWN_LINE, 1, M6, Cause.POLICY),
    (M4, RUNNING, EventKind.CHASSIS_POWER_RESTORED, 0, M1, Cause.POWER_RESTORED),
    (M4, RUNNING, EventKind.DEVICE_LOST, 0x20, M7, Cause.FAULT),
]


@pytest.mark.parametrize("case", EVENTS, ids=lambda case: f"{case[2].name}-{case[0]}-{case[3]}")
def test_hardware_events_that_move_a_slot(
    case: tuple[SlotState, SlotFlag, EventKind, int, SlotState, Cause],
) -> None:
    old, flags, kind, value, new, cause = case
    decision = decide_event(facts(old, flags), kind, value)
    assert (decision.state, decision.cause) == (new, cause)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (EventKind.BOOT, 1),
        (EventKind.HALTED, 0),
        (EventKind.SUSPICIOUS, 300),
        (EventKind.HOST_LOST, 0),
        (EventKind.FLAPPING, 0),
        (EventKind.WRONG_PULL, 0),
        (EventKind.OVER_TEMP, 8_100),
        (EventKind.POWER_GOOD_FAILED, 1),
        (EventKind.SHUTDOWN_LINE, 0),
        (EventKind.INSERT, 0),
        (EventKind.DEVICE_BACK, 0x20),
    ],
)
def test_hardware_events_that_leave_a_running_slot_running(kind: EventKind, value: int) -> None:
    decision = decide_event(facts(M4), kind, value)
    assert decision.state is M4
    assert not decision.is_transition


def test_power_lost_after_the_rail_went_off_is_an_echo() -> None:
    assert not decide_event(facts(M4, OFF), EventKind.POWER_LOST, 0).is_transition


def test_reinsertion_after_a_surprise_is_a_surprise() -> None:
    removed = decide_event(facts(M4), EventKind.REMOVE, 0)
    back = SlotFacts(removed.state, removed.flags, removed.cause)
    assert decide_event(back, EventKind.INSERT, 0).cause is Cause.SURPRISE


def test_suspicious_is_not_a_removal() -> None:
    decision = decide_event(facts(M4), EventKind.SUSPICIOUS, 300)
    assert decision.flags == RUNNING | SlotFlag.SUSPICIOUS
    assert discover(EMPTY | SlotFlag.SUSPICIOUS) is M1


def test_the_command_behind_an_event_gives_the_cause() -> None:
    assert decide_event(facts(M1, OFF), EventKind.RAIL_ON, 0, Cause.PERSON).cause is Cause.PERSON


@pytest.mark.parametrize(
    ("began_as", "cause"),
    [(Cause.API, Cause.API), (Cause.BUDGET, Cause.PERSON), (None, Cause.POLICY)],
)
def test_power_good_goes_on_with_what_began(began_as: Cause | None, cause: Cause) -> None:
    starting = SlotFacts(M3, STARTING, began_as)
    assert decide_event(starting, EventKind.POWER_GOOD, 0).cause is cause


def test_a_finished_shutdown_keeps_its_beginner() -> None:
    stopping = SlotFacts(M6, RUNNING, Cause.PERSON)
    decision = decide_event(stopping, EventKind.RAIL_OFF, RailCause.SHUTDOWN_DONE)
    assert (decision.state, decision.cause) == (M1, Cause.PERSON)


def test_in_m7_events_move_flags_but_not_the_state() -> None:
    decision = decide_event(facts(M7, RUNNING), EventKind.REMOVE, 0)
    assert decision.state is M7
    assert decision.flags is not None
    assert SlotFlag.PRESENT not in decision.flags


def test_what_is_not_known_stays_not_known() -> None:
    unknown = facts(M7, None)
    assert decide_event(unknown, EventKind.INSERT, 0) == Decision(M7, None, None)
    assert decide(unknown, Happening.LINK_RESTORED) == Decision(M7, None, None)


def test_a_lost_link_forgets_the_flags() -> None:
    assert decide(facts(M4), Happening.LINK_LOST) == Decision(M7, None, Cause.LINK_LOST)


@pytest.mark.parametrize(
    ("flags", "state"),
    [
        (EMPTY, M0),
        (OFF, M1),
        (SlotFlag.METER_WORKS, M1),  # presence cannot be sensed: not called empty
        (STARTING, M3),
        (RUNNING, M4),
        (RUNNING & ~SlotFlag.HANDLE_CLOSED, M5),
        (RUNNING | SlotFlag.SHUTDOWN_LINE, M6),
        (RUNNING | SlotFlag.NOT_ANSWERING, M7),
    ],
)
def test_discovery_from_flags(flags: SlotFlag, state: SlotState) -> None:
    assert discover(flags) is state


def test_facts_are_three_valued() -> None:
    assert facts(M4, None).rail_on is None
    assert facts(M4, RUNNING | SlotFlag.NOT_ANSWERING).rail_on is None
    assert facts(M4, RUNNING & ~SENSES).present is None
    assert facts(M4, RUNNING & ~SENSES).handle_closed is None
    assert facts(M4, RUNNING).handle_closed is True
    assert facts(M0, EMPTY).present is False
    running = facts(M4, RUNNING)
    assert running.power_good is True
    assert (running.held, running.flapping, running.over_temperature) == (False, False, False)


def test_rail_values_carry_cause_and_command() -> None:
    value = (RailCause.CYCLE | 0xFFFFFF << 8) - 2**32  # as the wire's i32 shows it
    assert (rail_cause(value), rail_command_id(value)) == (RailCause.CYCLE, 0xFFFFFF)
    assert rail_cause(99) is None


kinds = st.one_of(st.sampled_from(sorted(KNOWN_KINDS)), st.integers(32, 255))
values = st.one_of(st.integers(0, 9), st.integers(-(2**31), 2**31 - 1))
any_flags = st.none() | st.integers(0, 2**20 - 1).map(SlotFlag)


@given(st.sampled_from(SlotState), any_flags, st.integers(32, 255), values)
def test_unknown_kinds_change_nothing(
    state: SlotState, flags: SlotFlag | None, kind: int, value: int
) -> None:
    assert decide_event(SlotFacts(state, flags), kind, value) == Decision(state, flags, None)


@given(any_flags, st.lists(st.tuples(kinds, values), max_size=40))
def test_any_order_of_events_keeps_the_invariants(
    flags: SlotFlag | None, events: list[tuple[int, int]]
) -> None:
    start = M7 if flags is None else discover(flags)
    now = SlotFacts(start, flags)
    for kind, value in events:
        before, decision = now, decide_event(now, kind, value)
        now = SlotFacts(decision.state, decision.flags, decision.cause or now.cause)
        # One change of state has one cause; no change has none.
        assert decision.is_transition == (decision.state is not before.state)
        # What was not known is not known now, and never moves out of M7 by an event.
        assert (decision.flags is None) == (flags is None)
        if before.state is M7:
            assert decision.state is M7
        # Pulled under power is never called planned.
        if decision.state is M0 and decision.is_transition and before.state is not M1:
            assert decision.cause is Cause.SURPRISE
        # Blue is steady for released slots only: never with the rail on, unless the board says so itself.
        if kind == EventKind.RAIL_ON and decision.flags is not None:
            assert SlotFlag.RELEASED not in decision.flags


@given(st.sampled_from(SlotState), any_flags, kinds, values)
def test_the_same_physical_event_twice_is_as_once(
    state: SlotState, flags: SlotFlag | None, kind: int, value: int
) -> None:
    if kind in {EventKind.HANDLE_CLOSED, EventKind.HANDLE_OPEN}:
        return  # a lever moved twice is two wishes
    once = decide_event(SlotFacts(state, flags), kind, value)
    after = SlotFacts(once.state, once.flags, once.cause or None)
    twice = decide_event(after, kind, value)
    assert twice.flags == once.flags
    if kind in {EventKind.INSERT, EventKind.REMOVE, EventKind.TRIP}:
        assert not twice.is_transition
