"""What holds in every step and branch, whatever the hardware, the clock and other swaps do."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings

from backplane.slots.facts import SlotFlag
from backplane.swaps.facts import Ask, SwapFacts
from backplane.swaps.moves import Do, Go
from backplane.swaps.rules import deadline_of, next_move
from backplane.swaps.rules.seen import Seen, is_known, seen
from backplane.swaps.script import stage_of
from backplane.swaps.steps import EXCLUSIVE_STEPS, Branch, SwapState
from tests.support.swap_facts import after, pictures

pytestmark = pytest.mark.long

_NO_WAY_ON = {"message", "note", "park", "cancel", "take_over", "light_missing"}
_MOST_MOVES = 24
_EXAMPLES = settings(max_examples=200, deadline=None)


@given(pictures())
@_EXAMPLES
def test_every_place_has_a_way_on(f: SwapFacts) -> None:
    settled = _settled(f)
    if settled.row.state not in {SwapState.OPEN, SwapState.PARKED}:
        return
    stage = stage_of(settled)
    presses = [b for b in (*stage.buttons, *stage.more) if b.do not in _NO_WAY_ON and not b.why_not]
    assert presses or stage.ends_by or deadline_of(settled), stage


@given(pictures())
@_EXAMPLES
def test_the_rules_come_to_rest(f: SwapFacts) -> None:
    assert next_move(_settled(f)) is None


@given(pictures())
@_EXAMPLES
def test_nothing_is_asked_of_what_is_not_known(f: SwapFacts) -> None:
    for before, move in _moves(f):
        if isinstance(move, Do):
            assert is_known(before)


@given(pictures())
@_EXAMPLES
def test_power_is_asked_for_what_is_in_off_and_neither_released_nor_alarmed(f: SwapFacts) -> None:
    for before, move in _moves(f):
        if isinstance(move, Do) and move.ask is Ask.POWER:
            facts = before.slot.facts
            assert seen(facts) is Seen.OFF
            assert not facts.released
            assert not before.alarms
            assert SlotFlag.ALARM not in (facts.flags or SlotFlag(0))


@given(pictures())
@_EXAMPLES
def test_power_waits_for_an_accepted_identity_where_one_can_be_read(f: SwapFacts) -> None:
    for before, move in _moves(f):
        if (
            isinstance(move, Do)
            and move.ask is Ask.POWER
            and before.row.branch is not Branch.UNDOING
        ):
            assert before.is_accepted or before.power_first


@given(pictures())
@_EXAMPLES
def test_nothing_is_asked_twice_in_a_step_without_a_person(f: SwapFacts) -> None:
    asked: list[tuple[int, str]] = []
    for before, move in _moves(f):
        if isinstance(move, Do):
            asked.append((before.row.step, move.ask))
    assert len(asked) == len(set(asked))


@given(pictures())
@_EXAMPLES
def test_only_one_swap_of_a_chassis_comes_into_the_steps_with_a_blue_light(f: SwapFacts) -> None:
    for before, move in _moves(f):
        enters = isinstance(move, Go) and move.step in EXCLUSIVE_STEPS
        if enters and before.ahead and not before.has_turn:
            odd = {
                Branch.QUEUED,
                Branch.LINK_LOST,
                Branch.WRONG_PULL,
                Branch.RESTORE,
                Branch.OWN_SLOT,
            }
            assert isinstance(move, Go)
            assert move.branch in odd or move.step == before.row.step


@given(pictures())
@_EXAMPLES
def test_every_stage_can_be_said(f: SwapFacts) -> None:
    stage = stage_of(f)
    assert stage.title
    assert len(stage.title) < 60
    names = [button.do for button in (*stage.buttons, *stage.more)]
    assert len(names) == len(set(names)), names
    assert "None" not in repr((stage.title, stage.lead, stage.sub)).replace("None,", "")


@given(pictures())
@_EXAMPLES
def test_where_a_slot_has_no_lamp_nobody_is_told_to_look_at_one(f: SwapFacts) -> None:
    stage = stage_of(replace(f, slot=replace(f.slot, lamps=())))
    said = [stage.title, stage.lead, stage.sub, stage.ends_by]
    said += [b.label + b.question + b.consequence for b in (*stage.buttons, *stage.more)]
    assert stage.hint is None
    for text in said:
        left = re.sub(r"no (blue )?(lamp|light)", "", text)
        assert not re.search(r"blink|white|blue|its light|lamp", left), text


def _moves(f: SwapFacts) -> list[tuple[SwapFacts, object]]:
    found: list[tuple[SwapFacts, object]] = []
    for _ in range(_MOST_MOVES):
        move = next_move(f)
        if move is None:
            break
        found.append((f, move))
        f = after(f, move)
    return found


def _settled(f: SwapFacts) -> SwapFacts:
    for before, move in _moves(f):
        f = after(before, move)  # type: ignore[arg-type]  # what next_move said
    return f
