"""Pictures of swaps for the pure tests, and the strategies that make every combination of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from backplane.slots.boards import Senses
from backplane.slots.facts import SlotFacts, SlotFlag, SlotState
from backplane.slots.ops import CommandState
from backplane.slots.states import discover
from backplane.swaps.facts import (
    Ahead,
    AlarmSlot,
    Ask,
    Asked,
    CarrierFacts,
    Reading,
    SlotPicture,
    SwapFacts,
    SwapRow,
)
from backplane.swaps.moves import Accept, Cancel, Do, Go, Move, Note, Park, Record, memory_after
from backplane.swaps.ports import Check
from backplane.swaps.steps import Branch, Step, SwapState

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SENSES = SlotFlag.SENSES_PRESENCE | SlotFlag.HAS_HANDLE | SlotFlag.METER_WORKS
EMPTY = SENSES | SlotFlag.RAIL_BELOW_500_MV
SEATED = SENSES | SlotFlag.PRESENT | SlotFlag.HANDLE_CLOSED
OFF = SEATED | SlotFlag.RAIL_BELOW_500_MV
RELEASED = OFF | SlotFlag.RELEASED
RUNNING = SEATED | SlotFlag.RAIL_ON | SlotFlag.POWER_GOOD
TRIPPED = OFF | SlotFlag.TRIPPED
HALTED = RUNNING | SlotFlag.HALTED
WHITE_FAST = 3 << 9 | 1 << 12
WHITE_SLOW = 2 << 9 | 1 << 12


def seen_slot(flags: SlotFlag, **more: Any) -> SlotPicture:  # noqa: ANN401  (SlotPicture's own names)
    """Return slot 7 with these flags, in the state that they prove."""
    facts = SlotFacts(discover(flags), flags)
    said = {"since": NOW - timedelta(seconds=60), "reading": Reading(12_000, 400, 4_500), **more}
    return SlotPicture(7, facts, **said)


def picture(step: Step, flags: SlotFlag = RUNNING, branch: Branch = Branch.NONE) -> SwapFacts:
    """Return a swap of slot 7 in a step that began a second ago, with the turn where it takes one."""
    kept = {"turn": Step.SHUT_DOWN <= step <= Step.POWER_ON, "was_on": True}
    row = SwapRow(
        step=step,
        branch=branch,
        since=NOW - timedelta(seconds=1),
        holder="ana",
        old_name="web-03",
        memory={"kept": kept, "noted": {}, "asked": {}},
    )
    numbers = tuple(range(1, 11))
    return SwapFacts(NOW, row, seen_slot(flags), slot_numbers=numbers)


def keeping(f: SwapFacts, **kept: Any) -> SwapFacts:  # noqa: ANN401  (JSON values)
    memory = {**f.row.memory, "kept": {**f.row.kept, **kept}}
    return replace(f, row=replace(f.row, memory=memory))


def noting(f: SwapFacts, **noted: Any) -> SwapFacts:  # noqa: ANN401  (JSON values)
    memory = {**f.row.memory, "noted": {**f.row.noted, **noted}}
    return replace(f, row=replace(f.row, memory=memory))


def asking(f: SwapFacts, ask: Ask, state: CommandState, outcome: str = "") -> SwapFacts:
    asked = {**f.asked, ask: Asked(state, outcome, sent_at=f.now, id=1)}
    return replace(f, asked=asked)


def after(f: SwapFacts, move: Move) -> SwapFacts:
    """Return the picture once a move was made and nothing else has changed."""
    match move:
        case Go():
            return _gone(f, move)
        case Do(ask=ask):
            memory = {**f.row.memory, "asked": {**f.row.memory["asked"], ask.value: 1}}
            asked = {**f.asked, ask: Asked(CommandState.OPEN)}
            return replace(f, row=replace(f.row, memory=memory), asked=asked)
        case Note(noted=noted, kept=kept):
            return keeping(noting(f, **noted), **kept)
        case Accept():
            return keeping(f, accepted=True)
        case _:
            return replace(f, row=_ended(f.row, move))


def _gone(f: SwapFacts, go: Go) -> SwapFacts:
    row, is_same = f.row, go.step is f.row.step
    memory = memory_after(row.memory, go, is_same_step=is_same)
    since = f.now if go.is_fresh or not is_same else row.since
    asked = {ask: f.asked[ask] for ask in f.asked if ask in memory["asked"]}
    row = replace(row, step=go.step, branch=go.branch, since=since, memory=memory)
    return replace(f, row=row, asked=asked, ahead=() if _has_turn(row) else f.ahead)


def _ended(row: SwapRow, move: Move) -> SwapRow:
    match move:
        case Park():
            return replace(row, state=SwapState.PARKED, branch=Branch.NONE)
        case Cancel():
            return replace(row, state=SwapState.CANCELLED)
        case Record():
            return replace(row, state=SwapState.DONE, step=Step.RECORD)
        case _:
            return row


def _has_turn(row: SwapRow) -> bool:
    return bool(row.kept.get("turn"))


# -- strategies: every combination that rows and hardware can make -----------------

PLACES = (
    *((step, Branch.NONE) for step in Step if step is not Step.RECORD),
    *(
        (step, branch)
        for step in Step
        if step is not Step.RECORD
        for branch in (Branch.LINK_LOST, Branch.WRONG_PULL, Branch.RESTORE, Branch.UNDOING)
    ),
    (Step.LOCATE, Branch.OWN_SLOT),
    (Step.LOCATE, Branch.NO_READ_BACK),
    (Step.CONFIRM, Branch.WRONG_SLOT),
    (Step.SHUT_DOWN, Branch.QUEUED),
    (Step.SHUT_DOWN, Branch.NO_LINE),
    (Step.SHUT_DOWN, Branch.HANGS),
    (Step.SHUT_DOWN, Branch.REFUSED),
    (Step.SHUT_DOWN, Branch.NOT_OFF),
    (Step.PULL, Branch.NOT_PULLED),
    (Step.IDENTIFY, Branch.UNKNOWN),
    (Step.IDENTIFY, Branch.ELSEWHERE),
    (Step.IDENTIFY, Branch.SAME_BACK),
    (Step.IDENTIFY, Branch.NOT_EXPECTED),
    (Step.IDENTIFY, Branch.NO_IDENTITY),
    (Step.POWER_ON, Branch.NO_POWER),
    (Step.POWER_ON, Branch.POWER_FAULT),
    (Step.POWER_ON, Branch.REFUSED),
    (Step.HEALTH, Branch.UNHEALTHY),
)
_KINDS = (EMPTY, OFF, SEATED, RELEASED, RUNNING, HALTED, TRIPPED, RUNNING & ~SlotFlag.POWER_GOOD)
_EXTRA = (
    SlotFlag(0),
    SlotFlag.SUSPICIOUS,
    SlotFlag.NOT_ANSWERING,
    SlotFlag.ALARM,
    SlotFlag.FLAPPING,
    SlotFlag.HELD,
)


@st.composite
def slot_pictures(draw: st.DrawFn) -> SlotPicture:
    flags = draw(st.sampled_from(_KINDS)) | draw(st.sampled_from(_EXTRA))
    senses = Senses(
        presence=draw(st.booleans()),
        identity=draw(st.booleans()),
        meter=draw(st.booleans()),
        shutdown_line=draw(st.booleans()),
    )
    if not senses.presence:
        flags &= ~SlotFlag.SENSES_PRESENCE
    if not senses.meter:
        flags &= ~SlotFlag.METER_WORKS
    slot = seen_slot(
        flags,
        senses=senses,
        since=NOW - timedelta(seconds=draw(st.sampled_from((0.2, 5, 4000)))),
        lights=draw(st.sampled_from((None, 0, WHITE_FAST, WHITE_SLOW))),
        carrier=draw(carriers) if SlotFlag.PRESENT in flags else None,
        reading=draw(
            st.sampled_from((Reading(), Reading(12_000, 400, 4_500), Reading(9_000, 5, 0)))
        ),
    )
    lost = SlotFacts(SlotState.COMMUNICATION_LOST, None)
    return replace(slot, facts=draw(st.sampled_from((slot.facts, slot.facts, slot.facts, lost))))


carriers = st.sampled_from(
    (
        None,
        CarrierFacts("new"),
        CarrierFacts("spare", 1, "web-07"),
        CarrierFacts("other", 2, "db-01", home="a09 slot 3"),
        CarrierFacts("old", 3, "web-03", is_old=True),
    )
)
_asked = st.builds(
    Asked,
    st.sampled_from(CommandState),
    outcome=st.sampled_from(("", "No.")),
    waiting_for=st.sampled_from(("", "slot 7 needs 9 W, 6 W free")),
    sent_at=st.sampled_from((None, NOW - timedelta(seconds=2), NOW - timedelta(seconds=200))),
)
_kept = st.fixed_dictionaries(
    {},
    optional={
        "was_on": st.booleans(),
        "was_empty": st.booleans(),
        "accepted": st.booleans(),
        "own_ok": st.booleans(),
        "is_out": st.booleans(),
        "is_in": st.booleans(),
        "drops": st.booleans(),
        "queued_at": st.just(NOW.isoformat()),
        "then": st.sampled_from((3, 5, 6, 7)),
    },
)
_noted = st.fixed_dictionaries(
    {},
    optional={
        "at_rack": st.sampled_from((NOW.isoformat(), (NOW - timedelta(seconds=60)).isoformat())),
        "dark": st.sampled_from((NOW.isoformat(), (NOW - timedelta(seconds=60)).isoformat())),
        "retries": st.booleans(),
        "why": st.just("No."),
        "is_dead": st.just("Its power went off."),
    },
)


_OF_BRANCH: dict[Branch, dict[str, int]] = {
    Branch.RESTORE: {"wrong": 6},
    Branch.WRONG_PULL: {"wrong": 6},
    Branch.WRONG_SLOT: {"named": 6},
}


@st.composite
def pictures(draw: st.DrawFn) -> SwapFacts:
    """Any swap that is open or put aside, in any surroundings."""
    step, branch = draw(st.sampled_from(PLACES))
    asked = draw(st.dictionaries(st.sampled_from(Ask), _asked, max_size=3))
    turn = step in range(3, 8) and branch is not Branch.QUEUED
    memory = {
        "kept": {**draw(_kept), "turn": turn},
        "noted": {**draw(_noted), **_OF_BRANCH.get(branch, {})},
        "asked": {ask.value: 1 for ask in asked},
    }
    row = SwapRow(
        state=draw(st.sampled_from((SwapState.OPEN, SwapState.OPEN, SwapState.PARKED))),
        step=step,
        branch=branch,
        since=NOW - timedelta(seconds=draw(st.sampled_from((0, 15, 100, 700, 2000)))),
        holder="ana",
        lease_until=NOW,
        memory=memory,
    )
    slot = draw(slot_pictures())
    others = draw(st.sampled_from(((), (AlarmSlot(6, "cache-01"),))))
    alarms = (*others, AlarmSlot(7, "")) if slot.facts.alarm else others
    return SwapFacts(
        NOW,
        row,
        slot,
        slot_numbers=tuple(range(1, 11)),
        link_is_up=draw(st.sampled_from((True, True, True, False))),
        asked=asked,
        alarms=alarms,
        wrong=draw(st.sampled_from((None, seen_slot(OFF).facts, seen_slot(RUNNING).facts))),
        ahead=draw(st.sampled_from(((), () if turn else (Ahead(2, 4, "ben"),)))),
        is_own=draw(st.sampled_from((False, False, True))),
        expected_id=draw(st.sampled_from((None, 1, 9))),
        expected_name="web-07",
        has_reporters=draw(st.booleans()),
        checks=draw(st.sampled_from(((), (Check("Node", None, "silent"),)))),
    )
