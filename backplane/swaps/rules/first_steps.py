"""Steps 1 to 4 as hardware and clock move them: locate, confirm, shut down, pull. Pure."""

from backplane.slots.ops import CommandState
from backplane.swaps.facts import Ask, Asked, SwapFacts
from backplane.swaps.moves import STAY, Do, Go, Move, Note, Park
from backplane.swaps.rules.following import gated
from backplane.swaps.rules.seen import Seen, is_safe_to_release, seen_of, wants_light
from backplane.swaps.steps import (
    LOCATE_LIMIT_S,
    PULL_LIMIT_S,
    READ_BACK_LIMIT_S,
    SAFE_LIMIT_S,
    SHUT_DOWN_LIMIT_S,
    Branch,
    Step,
)


def locate(f: SwapFacts) -> Move | None:
    """Step 1: light the slot; end when somebody is there and the board reports the light."""
    if f.is_past(LOCATE_LIMIT_S):
        return Park("Nobody came within 10 minutes; parked.")
    if wants_light(f, Ask.LOCATE_ON, is_shown=f.slot.shows_locate):
        return Do(Ask.LOCATE_ON)
    at_rack = f.noted_at("at_rack")
    if at_rack is None:
        return None
    if f.slot.shows_locate:
        has_lamp = "locate" in f.slot.lamps
        text = f"Slot {f.slot.number} blinks white" if has_lamp else "Somebody is at the rack"
        return Go(Step.CONFIRM, text=text, is_fresh=True)
    asked = f.asked[Ask.LOCATE_ON]
    is_late = f.is_past(READ_BACK_LIMIT_S, at_rack) or asked.has_failed
    if is_late and f.row.branch is Branch.NONE:
        why = asked.outcome if asked.has_failed else "The board does not report the light."
        return Go(Step.LOCATE, Branch.NO_READ_BACK, why, noted={"why": why})
    return None


def confirm(f: SwapFacts) -> Move | None:
    """Step 2: a person ends it; the light that they must see is lit again if it went out."""
    if f.slot.shows_locate is False and Ask.LOCATE_ON not in f.asked:
        return Do(Ask.LOCATE_ON)
    return None


def shut_down(f: SwapFacts) -> Move | None:
    """Step 3: follow the shutdown; with the rail off, have the slot released."""
    if f.slot.shows_locate and Ask.LOCATE_OFF not in f.asked:
        return Do(Ask.LOCATE_OFF)
    return _running(f) if f.slot.facts.rail_on else _dark(f)


def _running(f: SwapFacts) -> Move | None:
    if f.row.branch is Branch.NOT_OFF:
        return Go(Step.SHUT_DOWN, text="The rail is on again", is_fresh=True)
    if seen_of(f) is Seen.HALTED:
        return _leave(f, Branch.HANGS, Branch.NO_LINE, Branch.REFUSED)
    cut, stop = f.asked.get(Ask.CUT), f.asked.get(Ask.SHUTDOWN)
    newest = cut or stop
    if newest is None:
        has_line = f.slot.senses.shutdown_line
        return None if has_line else _branch(f, Branch.NO_LINE, "This board has no shutdown line.")
    if newest.is_under_way:
        return _leave(f, Branch.NO_LINE, Branch.REFUSED) or _overdue(f, newest)
    return _branch(f, _why_not_stopped(f, newest), newest.outcome)


def _why_not_stopped(f: SwapFacts, asked: Asked) -> Branch:
    """Return HANGS for a system that did not stop in time, REFUSED for a board that did not try."""
    is_shutdown = Ask.CUT not in f.asked
    return Branch.HANGS if is_shutdown and asked.state is CommandState.FAILED else Branch.REFUSED


def _overdue(f: SwapFacts, asked: Asked) -> Move | None:
    is_shutdown = Ask.CUT not in f.asked
    if is_shutdown and asked.sent_at and f.is_past(SHUT_DOWN_LIMIT_S, asked.sent_at):
        return _branch(f, Branch.HANGS, "The operating system did not stop in time.")
    return None


def _dark(f: SwapFacts) -> Move | None:
    dark_since = f.noted_at("dark")
    if dark_since is None:
        return Note(noted={"dark": f.now.isoformat()})
    if f.row.branch in {Branch.HANGS, Branch.NO_LINE, Branch.REFUSED}:
        return Go(Step.SHUT_DOWN, text="The rail is off.")
    if f.row.kept.get("was_empty"):  # what stands here came early: nothing has to be pulled
        return gated(f, Go(Step.INSERT, is_fresh=True))
    return release(f)


def release(f: SwapFacts) -> Move | None:
    """Ask for the release once; what keeps it from being seen is a branch with a way on."""
    if f.row.branch is Branch.NOT_OFF:
        return None
    asked = f.asked.get(Ask.RELEASE)
    if asked is None and is_safe_to_release(f):
        return Do(Ask.RELEASE)
    if asked is not None and asked.has_failed:
        return _branch(f, Branch.NOT_OFF, asked.outcome)
    since = f.noted_at("dark")
    if f.is_past(SAFE_LIMIT_S, since):
        return _branch(f, Branch.NOT_OFF, "The rail is off, yet not safe to pull.")
    return None


def pull(f: SwapFacts) -> Move | None:
    """Step 4: everything that is seen is in the table; only the clock is left."""
    if f.is_past(PULL_LIMIT_S) and f.row.branch is Branch.NONE:
        return _branch(f, Branch.NOT_PULLED, "Not pulled within 10 minutes.")
    return None


def _branch(f: SwapFacts, branch: Branch, why: str) -> Move:
    if f.row.branch is branch and f.row.noted.get("why") == why:
        return STAY
    return Go(f.row.step, branch, why, noted={"why": why})


def _leave(f: SwapFacts, *branches: Branch) -> Move | None:
    """Leave a branch that no longer holds."""
    return Go(f.row.step) if f.row.branch in branches else None
