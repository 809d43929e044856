"""A chassis brought up or down slot by slot: what rows and slots say in, the next deed out. Pure.

Never asks twice by itself and never acts on what is not known: what did not go as asked waits for a person.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from backplane.slots.facts import SlotFacts, SlotState
from backplane.slots.ops import SHUTDOWN_LIMIT_S, UNFINISHED, CommandOp, CommandState

# A link that has just come back, or a journal with a hole, is followed by a snapshot within seconds.
KNOWN_AGAIN_WITHIN: Final = timedelta(seconds=10)
# The firmware tries a rail whose power is not good again after 1, 5 and 30 s.
GOOD_WITHIN: Final = timedelta(seconds=45)
# What "wait" grants to an operating system that has not stopped yet.
WAIT_GRANTED: Final = timedelta(seconds=SHUTDOWN_LIMIT_S)
OWN_NOTE: Final = "Shuts down now, and this program with it."


class RunKind(StrEnum):
    START = "start"
    SHUTDOWN = "shutdown"


class StepState(StrEnum):
    """Life of one slot's turn in a run."""

    WAITING = "waiting"  # its turn is still to come
    ASKED = "asked"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"  # not as asked; a person decides


class Choice(StrEnum):
    """What a person can say of a run."""

    WAIT = "wait"  # some time more, nothing is sent
    AGAIN = "again"  # ask the slot once more
    CUT = "cut"  # its power, now
    SKIP = "skip"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Asked:
    """The command that a step has asked for, as its row is now."""

    state: CommandState
    outcome: str
    expires_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Turn:
    """The slot whose turn it is. `asked` None: nothing yet, or its row is gone."""

    number: int
    state: StepState
    facts: SlotFacts
    since: datetime | None  # of the slot's state
    asked: Asked | None = None
    is_asked_by_others: bool = False  # another power command of this slot is on its way
    is_own: bool = False
    wait_until: datetime | None = None  # a person said: wait
    is_claimed: bool = False  # somebody is at this slot with plans of their own: a guided swap


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run and the chassis around it. `turn` None: every slot has had its turn."""

    kind: RunKind
    is_waiting: bool  # for a person
    link_is_up: bool
    link_since: datetime | None
    turn: Turn | None


@dataclass(frozen=True, slots=True)
class Settle:
    """The turn is over: done or skipped."""

    state: StepState
    note: str


@dataclass(frozen=True, slots=True)
class Ask:
    op: CommandOp


@dataclass(frozen=True, slots=True)
class AskPerson:
    why: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing now; `until` is when to look again at the latest, None: when something changes."""

    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Finish:
    pass


Decision = Settle | Ask | AskPerson | Hold | Finish


def decide(run: RunFacts, now: datetime) -> Decision:
    """Return the next deed of an unfinished run. Idempotent: the same facts give the same deed."""
    turn = run.turn
    if turn is None:
        return Finish()
    if (reached := _reached(run.kind, turn)) is not None:
        return reached
    if run.is_waiting or not run.link_is_up:
        return Hold()
    return _under_way(run.kind, turn, now) or _next(run, turn, now)


def default_order(kind: RunKind, numbers: Iterable[int], own: int | None) -> tuple[int, ...]:
    """Return the usual order: up ascending; down descending, with the slot we run on last."""
    if kind is RunKind.START:
        return tuple(sorted(numbers))
    return own_last(kind, sorted(numbers, reverse=True), own)


def own_last(kind: RunKind, order: Iterable[int], own: int | None) -> tuple[int, ...]:
    """Return a chosen order with the slot we run on put last where it goes down."""
    chosen = list(order)
    if kind is RunKind.SHUTDOWN and own in chosen:
        chosen.sort(key=lambda number: number == own)
    return tuple(chosen)


def choices(kind: RunKind, *, is_waiting: bool, facts: SlotFacts | None) -> tuple[Choice, ...]:
    """Return what a person can say now; `facts` are those of the slot whose turn it is."""
    if not is_waiting or facts is None:
        return (Choice.CANCEL,)
    can_cut = kind is RunKind.SHUTDOWN and facts.rail_on is True
    cut = (Choice.CUT,) if can_cut else ()
    return (Choice.WAIT, Choice.AGAIN, *cut, Choice.SKIP, Choice.CANCEL)


def summary(kind: RunKind, states: Iterable[StepState], own: int | None = None) -> str:
    """Return what came of a run in words, number first; `own`: the slot that takes this program down with it."""
    told = list(states)
    done = told.count(StepState.DONE) - (own is not None)
    left_out = len(told) - told.count(StepState.DONE)
    word = "off" if kind is RunKind.SHUTDOWN else "on"
    slots = "1 slot is" if done == 1 else f"{done} slots are"
    text = f"{slots} {word}" + (f", {left_out} left out." if left_out else ".")
    if own is None:
        return text
    return (
        f"{text} Slot {own} shuts down now, and this program with it; only the firmware watches on."
    )


def _reached(kind: RunKind, turn: Turn) -> Settle | None:
    """Return the end of a turn whose aim is seen, whoever brought it about."""
    is_first = turn.state is StepState.WAITING
    if turn.facts.rail_on is None:
        return None
    if turn.facts.state is SlotState.NOT_INSTALLED:
        return Settle(StepState.SKIPPED, "Empty." if is_first else "Was taken out.")
    if kind is RunKind.SHUTDOWN and not turn.facts.rail_on:
        return Settle(StepState.DONE, "Was off already." if is_first else "Off.")
    if kind is RunKind.START and turn.facts.rail_on and turn.facts.power_good:
        return Settle(StepState.DONE, "Was on already." if is_first else "On.")
    return None


def _under_way(kind: RunKind, turn: Turn, now: datetime) -> Decision | None:
    """Return what to do while something is still to come of this slot, None when nothing is."""
    asked = turn.asked
    if asked is not None and asked.state in UNFINISHED:
        is_last_word = kind is RunKind.SHUTDOWN and turn.is_own
        if is_last_word and asked.state is CommandState.ACCEPTED:
            return Settle(StepState.DONE, OWN_NOTE)
        return Hold(asked.expires_at)
    if turn.is_asked_by_others:
        return Hold()
    if turn.wait_until is not None and now < turn.wait_until:
        return Hold(turn.wait_until)
    return None


def _next(run: RunFacts, turn: Turn, now: datetime) -> Decision:
    if turn.facts.rail_on is None:
        return _not_known(run, turn, now)
    if turn.state is StepState.WAITING and turn.is_claimed:
        return AskPerson("A swap is at work here; nothing is asked of it.")
    if turn.state is StepState.WAITING:
        return _begin_shutdown(turn) if run.kind is RunKind.SHUTDOWN else _begin_start(turn, now)
    return _after_the_end(run.kind, turn, now)


def _not_known(run: RunFacts, turn: Turn, now: datetime) -> Decision:
    times = [at for at in (run.link_since, turn.since) if at is not None]
    until = max(times, default=now) + KNOWN_AGAIN_WITHIN
    if now < until:
        return Hold(until)
    return AskPerson("Its state is not known; nothing is asked of it.")


def _begin_shutdown(turn: Turn) -> Decision:
    if turn.facts.halted:
        return AskPerson("It has halted, but its power is on.")
    return Ask(CommandOp.SHUTDOWN)


def _begin_start(turn: Turn, now: datetime) -> Decision:
    if not turn.facts.rail_on:
        return Ask(CommandOp.POWER_ON)
    return _until_good(turn.since, now)


def _after_the_end(kind: RunKind, turn: Turn, now: datetime) -> Decision:
    """Return what follows a command that has ended while the slot is not as wished."""
    asked = turn.asked
    if asked is None:
        return AskPerson("What became of it is not known.")
    if asked.state is not CommandState.DONE:
        return AskPerson(asked.outcome or "It was not done.")
    if kind is RunKind.SHUTDOWN:
        return AskPerson("It was off, and is on again.")
    if turn.facts.tripped:
        return AskPerson("It was cut for over-current.")
    return _until_good(asked.finished_at, now)


def _until_good(since: datetime | None, now: datetime) -> Decision:
    until = now if since is None else since + GOOD_WITHIN
    return Hold(until) if now < until else AskPerson("Its power is not good.")
