"""What holds of every plan, whatever is asked, however the supplies are wired and whichever are lost."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backplane.slots.boards import BoardProfile, Supply
from backplane.slots.facts import SlotFacts, SlotFlag, SlotState
from backplane.slots.feeds import Caps, Feed, feeds_of
from backplane.slots.ops import STARTS, UNFINISHED, CommandOp, CommandState
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
from backplane.slots.power import PoweredSlot, admitted_mw, on_feed
from tests.support.slots import EMPTY, NOW, OFF, RUNNING, later

pytestmark = pytest.mark.long

SLOTS = range(1, 11)
STAGGER = timedelta(milliseconds=500)

states = st.sampled_from(
    [
        (SlotState.NOT_INSTALLED, EMPTY),
        (SlotState.INACTIVE, OFF),
        (SlotState.INACTIVE, OFF),
        (SlotState.INACTIVE, OFF | SlotFlag.TRIPPED),
        (SlotState.ACTIVATION_IN_PROGRESS, OFF | SlotFlag.RAIL_ON),
        (SlotState.ACTIVE, RUNNING),
        (SlotState.DEACTIVATION_IN_PROGRESS, RUNNING),
        (SlotState.COMMUNICATION_LOST, None),
    ]
)
fed = st.one_of(st.just(frozenset[int]()), st.frozensets(st.sampled_from(SLOTS), min_size=1))
wishes = st.tuples(
    st.sampled_from(SLOTS),
    st.sampled_from([CommandOp.POWER_ON, *CommandOp]),
    st.sampled_from([CommandState.OPEN, *UNFINISHED]),
    st.integers(0, 9_000),  # ms since the first
)


@st.composite
def all_feeds(draw: st.DrawFn) -> tuple[Feed, ...]:
    wiring = draw(st.lists(st.tuples(fed, st.integers(0, 80_000)), max_size=4))
    supplies = tuple(
        Supply(n, f"PSU {n}", 12_000, rating_mw, tuple(sorted(slots)))
        for n, (slots, rating_mw) in enumerate(wiring, start=1)
    )
    redundancy = draw(st.sampled_from(["none", "n+1"]))
    lost = draw(st.frozensets(st.integers(1, 4)))
    caps = Caps(draw(st.integers(0, 150_000)), draw(st.none() | st.integers(0, 150_000)))
    return feeds_of(
        BoardProfile("b", "b", 10, supplies=supplies, redundancy=redundancy), lost, caps
    )


@st.composite
def racks(draw: st.DrawFn) -> tuple[list[OpenCommand], Surroundings, datetime]:
    slots = tuple(
        PoweredSlot(n, SlotFacts(*draw(states)), draw(st.integers(0, 25_000))) for n in SLOTS
    )
    asked = draw(st.lists(wishes, max_size=10, unique_by=lambda each: each[0]))
    commands = [
        OpenCommand(slot, op, slot, state, later(ms / 1000), later(10))
        for slot, op, state, ms in asked
    ]
    last = draw(st.none() | st.floats(-1, 0).map(later))
    return (
        commands,
        Surroundings(slots, draw(all_feeds()), STAGGER, last),
        later(draw(st.floats(9, 12))),
    )


def starts_of(commands: list[OpenCommand], made: Plan, kind: type) -> list[OpenCommand]:
    by_id = {command.id: command for command in commands}
    decided = [by_id[each.command_id] for each in made.decisions if isinstance(each, kind)]
    return [command for command in decided if command.op in STARTS]


def rise(commands: list[OpenCommand], around: Surroundings, made: Plan) -> list[PoweredSlot]:
    """Return the slots that a plan newly grants power."""
    slots = {slot.number: slot for slot in around.slots}
    return [
        slots[each.slot] for each in starts_of(commands, made, Send) if not slots[each.slot].counts
    ]


@given(racks())
def test_a_plan_is_idempotent_invents_nothing_and_gives_every_wait_its_reason(
    rack: tuple[list[OpenCommand], Surroundings, datetime],
) -> None:
    commands, around, now = rack
    made = plan(commands, around, now)
    assert made == plan(commands, around, now)
    ids = [each.command_id for each in made.decisions]
    assert len(ids) == len(set(ids))
    assert set(ids) <= {command.id for command in commands}
    assert all(each.reason for each in made.decisions if isinstance(each, Wait | Refuse | Expire))
    decided = set(ids)
    assert all(c.id in decided for c in commands if c.state is CommandState.OPEN)


@given(racks())
def test_no_feed_is_ever_granted_more_than_it_has(
    rack: tuple[list[OpenCommand], Surroundings, datetime],
) -> None:
    commands, around, now = rack
    made = plan(commands, around, now)
    on_the_way = [c.slot for c in commands if c.op in STARTS and c.state is not CommandState.OPEN]
    for slot in rise(commands, around, made):
        for feed in around.feeds:
            if slot.number in feed.slots:
                spent = admitted_mw(on_feed(feed, around.slots), [*on_the_way, slot.number])
                assert spent <= feed.budget_mw


@given(racks())
def test_at_most_one_rail_comes_up(rack: tuple[list[OpenCommand], Surroundings, datetime]) -> None:
    commands, around, now = rack
    sent = starts_of(commands, plan(commands, around, now), Send)
    assert len(sent) <= 1
    if sent:
        assert not [c for c in commands if c.op in STARTS and c.state is not CommandState.OPEN]
        assert not [slot for slot in around.slots if slot.is_coming_up(now)]
        assert around.last_start_at is None or now >= around.last_start_at + STAGGER


@given(racks())
def test_nobody_is_overtaken(rack: tuple[list[OpenCommand], Surroundings, datetime]) -> None:
    """What is granted to a later start leaves an earlier one that waits on the same feed its power."""
    commands, around, now = rack
    made = plan(commands, around, now)
    slots = {slot.number: slot for slot in around.slots}
    waiting = [c for c in starts_of(commands, made, Wait) if not slots[c.slot].counts]
    for winner in starts_of(commands, made, Send):
        if slots[winner.slot].counts or not slots[winner.slot].need_mw:
            continue
        before = [c for c in waiting if (c.created_at, c.id) < (winner.created_at, winner.id)]
        for feed in around.feeds:
            ahead = [slots[c.slot] for c in before if c.slot in feed.slots]
            if winner.slot in feed.slots and ahead:
                spent = admitted_mw(on_feed(feed, around.slots), [winner.slot])
                assert spent + sum(slot.need_mw for slot in ahead) <= feed.budget_mw


@given(st.lists(st.integers(1_000, 30_000), min_size=2, max_size=10), st.integers(10_000, 60_000))
def test_a_queue_is_served_in_its_order(needs_mw: list[int], budget_mw: int) -> None:
    """Ten people press at once: whatever is granted, later starts wait for earlier ones that can ever fit."""
    feeds = feeds_of(BoardProfile("b", "b", 10), (), Caps(budget_mw))
    off = SlotFacts(SlotState.INACTIVE, OFF)
    queue = [
        OpenCommand(n, CommandOp.POWER_ON, n, CommandState.OPEN, later(n / 1000), later(100))
        for n in range(1, len(needs_mw) + 1)
    ]
    slots = {n: PoweredSlot(n, off, mw) for n, mw in enumerate(needs_mw, start=1)}
    served: list[int] = []
    now = NOW + timedelta(seconds=1)
    while queue:
        made = plan(queue, Surroundings(tuple(slots.values()), feeds, STAGGER), now)
        sent = [each.command_id for each in made.decisions if isinstance(each, Send)]
        refused = {each.command_id for each in made.decisions if isinstance(each, Refuse)}
        queue = [c for c in queue if c.id not in {*sent, *refused}]
        for number in sent:
            served.append(number)
            slots[number] = PoweredSlot(
                number, SlotFacts(SlotState.ACTIVE, RUNNING), needs_mw[number - 1]
            )
        if not sent and queue:  # somebody stops the slot that has run longest
            running = next(n for n in served if slots[n].counts)
            slots[running] = PoweredSlot(running, off, needs_mw[running - 1])
        assert admitted_mw(slots.values()) <= budget_mw
    assert served == sorted(served)
