"""The rules of boards that see less, and the table of what follows from what is seen."""

from dataclasses import replace

import pytest

from backplane.slots.boards import Senses
from backplane.slots.facts import SlotFlag
from backplane.swaps.facts import Ask, SwapFacts
from backplane.swaps.moves import Cancel, Do, Go
from backplane.swaps.rules import next_move
from backplane.swaps.script import stage_of
from backplane.swaps.script.lines import order_of
from backplane.swaps.steps import UNDO_LIMIT_S, Branch, Step
from tests.support.swap_facts import (
    EMPTY,
    HALTED,
    OFF,
    RELEASED,
    RUNNING,
    SENSES,
    TRIPPED,
    keeping,
    picture,
    seen_slot,
)

BLIND = Senses(presence=False)


@pytest.mark.parametrize(
    ("step", "flags", "then", "branch"),
    [
        (Step.LOCATE, EMPTY, Step.INSERT, Branch.NONE),
        (Step.CONFIRM, EMPTY, Step.INSERT, Branch.NONE),
        (Step.SHUT_DOWN, EMPTY, Step.INSERT, Branch.NONE),
        (Step.SHUT_DOWN, RELEASED, Step.PULL, Branch.NONE),
        (Step.PULL, EMPTY, Step.INSERT, Branch.NONE),
        (Step.PULL, RUNNING, Step.SHUT_DOWN, Branch.NONE),
        (Step.PULL, HALTED, Step.SHUT_DOWN, Branch.NONE),
        (Step.PULL, OFF, Step.SHUT_DOWN, Branch.NOT_OFF),
        (Step.PULL, TRIPPED, Step.SHUT_DOWN, Branch.NOT_OFF),
        (Step.INSERT, RELEASED, Step.PULL, Branch.NONE),
        (Step.INSERT, OFF, Step.IDENTIFY, Branch.NONE),
        (Step.IDENTIFY, EMPTY, Step.INSERT, Branch.NONE),
        (Step.IDENTIFY, RELEASED, Step.PULL, Branch.NONE),
        (Step.POWER_ON, EMPTY, Step.INSERT, Branch.NONE),
        (Step.POWER_ON, RELEASED, Step.PULL, Branch.NONE),
        (Step.POWER_ON, TRIPPED, Step.POWER_ON, Branch.POWER_FAULT),
        (Step.HEALTH, EMPTY, Step.INSERT, Branch.NONE),
        (Step.HEALTH, TRIPPED, Step.HEALTH, Branch.UNHEALTHY),
        (Step.HEALTH, HALTED, Step.HEALTH, Branch.UNHEALTHY),
    ],
)
def test_what_is_seen_leads(step: Step, flags: SlotFlag, then: Step, branch: Branch) -> None:
    move = next_move(keeping(picture(step, flags), accepted=True))
    assert isinstance(move, Go)
    assert (move.step, move.branch) == (then, branch)


def _blind(step: Step, flags: SlotFlag, **kept: bool) -> SwapFacts:
    slot = seen_slot(flags & ~SlotFlag.SENSES_PRESENCE & ~SlotFlag.PRESENT, senses=BLIND)
    return keeping(replace(picture(step), slot=slot), **kept)


def test_a_board_without_a_presence_contact_takes_a_persons_word() -> None:
    pull = _blind(Step.PULL, RELEASED)
    assert next_move(pull) is None
    assert "already_out" in {button.do for button in stage_of(pull).buttons}
    out = next_move(_blind(Step.PULL, RELEASED, is_out=True))
    assert isinstance(out, Go)
    assert out.step is Step.INSERT
    insert = _blind(Step.INSERT, RELEASED, is_out=True)
    assert "is_in" in {button.do for button in stage_of(insert).buttons}
    into = next_move(_blind(Step.INSERT, RELEASED, is_in=True))
    assert isinstance(into, Go)
    assert into.step is Step.IDENTIFY


def test_its_release_is_taken_back_before_power() -> None:
    assert next_move(_blind(Step.POWER_ON, RELEASED, is_in=True, accepted=True)) == Do(
        Ask.RELEASE_OFF
    )
    assert next_move(_blind(Step.POWER_ON, OFF, is_in=True, accepted=True)) == Do(Ask.POWER)


def test_a_board_that_reads_no_identity_powers_first() -> None:
    slot = seen_slot(OFF, senses=Senses(identity=False))
    into = next_move(replace(picture(Step.INSERT), slot=slot))
    assert isinstance(into, Go)
    assert into.step is Step.POWER_ON
    running = replace(slot, facts=seen_slot(RUNNING).facts)
    powered = next_move(replace(picture(Step.POWER_ON), slot=running))
    assert isinstance(powered, Go)
    assert powered.step is Step.IDENTIFY
    asked = next_move(replace(picture(Step.IDENTIFY), slot=running))
    assert isinstance(asked, Go)
    assert asked.branch is Branch.NO_IDENTITY
    known = next_move(keeping(replace(picture(Step.IDENTIFY), slot=running), accepted=True))
    assert isinstance(known, Go)
    assert known.step is Step.HEALTH
    assert [int(step) for step in order_of(power_first=True)] == [1, 2, 3, 4, 5, 7, 6, 8, 9]


def test_power_waits_for_the_handle_to_be_closed() -> None:
    slot = seen_slot(OFF & ~SlotFlag.HANDLE_CLOSED)
    f = keeping(replace(picture(Step.POWER_ON), slot=slot), accepted=True)
    assert next_move(f) is None
    assert stage_of(f).title == "Close the handle of slot 7"


def test_the_identity_is_gone_with_the_pi() -> None:
    move = next_move(keeping(picture(Step.POWER_ON, EMPTY), accepted=True))
    assert isinstance(move, Go)
    assert move.kept["accepted"] is False


def test_an_undoing_that_comes_to_its_end_late_gives_no_power() -> None:
    f = picture(Step.PULL, OFF, Branch.UNDOING)
    assert next_move(f) == Do(Ask.POWER, "Power on again")
    late = replace(f, now=f.after(UNDO_LIMIT_S))
    assert next_move(late) == Cancel("Cancelled. Slot 7 stays off.")


def test_a_slot_that_looks_empty_while_current_flows_has_no_pi_in() -> None:
    suspicious = SENSES | SlotFlag.SUSPICIOUS | SlotFlag.RAIL_ON
    assert stage_of(picture(Step.INSERT, suspicious)).title == "Stop at slot 7"
