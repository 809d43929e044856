"""Where a swap goes when the hardware is found otherwise than its step expects: one table. Pure.

A (step, seen) that is not in the table belongs to the step: its own rules deal with it.
"""

from dataclasses import replace
from typing import Final

from backplane.swaps.facts import SwapFacts
from backplane.swaps.moves import Go
from backplane.swaps.rules.seen import Seen, seen_of
from backplane.swaps.steps import EXCLUSIVE_STEPS, Branch, Step

# (step, seen): (next step, branch, the line in the log)
FOLLOWS: Final[dict[tuple[Step, Seen], tuple[Step, Branch, str]]] = {
    (Step.LOCATE, Seen.EMPTY): (Step.INSERT, Branch.NONE, "Slot {n} was pulled"),
    (Step.CONFIRM, Seen.EMPTY): (Step.INSERT, Branch.NONE, "Slot {n} was pulled"),
    (Step.SHUT_DOWN, Seen.EMPTY): (Step.INSERT, Branch.NONE, "Slot {n} is empty"),
    (Step.SHUT_DOWN, Seen.RELEASED): (Step.PULL, Branch.NONE, "Slot {n} is off and released"),
    (Step.PULL, Seen.EMPTY): (Step.INSERT, Branch.NONE, "Slot {n} was pulled"),
    (Step.PULL, Seen.ON): (Step.SHUT_DOWN, Branch.NONE, "Slot {n} has power again"),
    (Step.PULL, Seen.HALTED): (Step.SHUT_DOWN, Branch.NONE, "Slot {n} has power again"),
    (Step.PULL, Seen.OFF): (Step.SHUT_DOWN, Branch.NOT_OFF, "The release was taken back"),
    (Step.PULL, Seen.TRIPPED): (Step.SHUT_DOWN, Branch.NOT_OFF, "The release was taken back"),
    (Step.INSERT, Seen.RELEASED): (Step.PULL, Branch.NONE, "Slot {n} is released: pull it"),
    (Step.IDENTIFY, Seen.EMPTY): (Step.INSERT, Branch.NONE, "Slot {n} was pulled again"),
    (Step.IDENTIFY, Seen.RELEASED): (Step.PULL, Branch.NONE, "Slot {n} is released: pull it"),
    (Step.POWER_ON, Seen.EMPTY): (Step.INSERT, Branch.NONE, "Slot {n} was pulled again"),
    (Step.POWER_ON, Seen.RELEASED): (Step.PULL, Branch.NONE, "Slot {n} is released: pull it"),
    (Step.HEALTH, Seen.EMPTY): (Step.INSERT, Branch.NONE, "Slot {n} was pulled again"),
    (Step.HEALTH, Seen.RELEASED): (Step.PULL, Branch.NONE, "Slot {n} is released: pull it"),
}
_TAKING_OUT: Final = (Step.SHUT_DOWN, Step.PULL)
_BEFORE_TURN: Final = (Step.LOCATE, Step.CONFIRM)


def follow(f: SwapFacts) -> Go | None:
    """Return where what is seen leads, None when the step goes on as it is."""
    row, word = f.row, seen_of(f)
    if row.step in _TAKING_OUT and word is Seen.OFF and f.is_exchanged:
        return _exchanged(f)
    if row.step in _BEFORE_TURN and row.kept.get("was_empty"):
        return None
    found = FOLLOWS.get((row.step, word))
    if found is None or (word is Seen.RELEASED and f.slot.facts.present is None and _is_in(f)):
        return None
    step, branch, text = found
    noted = {"why": "Its release was taken back."} if branch is Branch.NOT_OFF else {}
    is_out = step is Step.INSERT and bool(row.kept.get("is_out"))
    gone = {"accepted": False, "is_out": is_out, "is_in": False}
    kept = gone if step in {Step.INSERT, Step.PULL} else {}
    go = Go(step, branch, text.format(n=f.slot.number), is_fresh=True, noted=noted, kept=kept)
    return gated(f, go)


def _exchanged(f: SwapFacts) -> Go:
    text = f"Slot {f.slot.number} was pulled, and something was put in"
    kept = {"accepted": False, "is_out": False, "is_in": False}
    return gated(f, Go(Step.INSERT, text=text, is_fresh=True, kept=kept))


def where_seen(f: SwapFacts, text: str) -> Go:
    """Return where to go on after a pause of any kind: the step that what is seen calls for."""
    if f.row.kept.get("queued_at"):
        return Go(Step.SHUT_DOWN, Branch.QUEUED, text, is_fresh=True)
    is_off = seen_of(f) in {Seen.OFF, Seen.TRIPPED}
    if f.row.step is Step.PULL and is_off and not f.is_exchanged:
        return gated(f, Go(Step.SHUT_DOWN, Branch.NONE, text, is_fresh=True))
    followed = follow(f)
    if followed is not None:
        return replace(followed, text=f"{text} {followed.text}.".lstrip())
    return gated(f, Go(_place(f), Branch.NONE, text, is_fresh=True, keeps_power=True))


def gated(f: SwapFacts, go: Go) -> Go:
    """Let one swap of a chassis at a time into steps 3 to 7; the others queue in 3."""
    if go.step not in EXCLUSIVE_STEPS:
        return _with_kept(go, turn=False, queued_at="")
    if f.has_turn or not f.ahead:
        return _with_kept(go, turn=True, queued_at="")
    queued_at = f.row.kept.get("queued_at") or f.now.isoformat()
    text = f"{go.text}; slot {f.ahead[0].slot} is first" if go.text else ""
    kept = {**go.kept, "turn": False, "queued_at": queued_at, "then": int(go.step)}
    return Go(Step.SHUT_DOWN, Branch.QUEUED, text, is_fresh=True, kept=kept)


def _with_kept(go: Go, **kept: object) -> Go:
    return replace(go, kept={**go.kept, **kept})


def _place(f: SwapFacts) -> Step:
    """Return the step of the row, but for one that needs an accepted identity and has none."""
    needs = (Step.HEALTH,) if f.power_first else (Step.POWER_ON, Step.HEALTH)
    if f.row.step in needs and not f.is_accepted:
        return Step.IDENTIFY
    return f.row.step


def _is_in(f: SwapFacts) -> bool:
    """Whether a person said that the new carrier is in, where no contact says so."""
    return bool(f.row.kept.get("is_in"))
