"""What comes before every step: a lost link, the wrong slot pulled, the queue, a swap that is given up. Pure."""

from dataclasses import replace

from backplane.swaps.facts import Ask, SwapFacts
from backplane.swaps.moves import STAY, Cancel, Do, Go, Move, Settle, Stay
from backplane.swaps.rules.first_steps import confirm, locate, pull, shut_down
from backplane.swaps.rules.following import follow, where_seen
from backplane.swaps.rules.last_steps import health, identify, insert, power_on
from backplane.swaps.rules.seen import (
    Seen,
    is_known,
    is_lost,
    is_stopping,
    may_power,
    seen,
    seen_of,
    wants_release_back,
)
from backplane.swaps.steps import EXCLUSIVE_STEPS, UNDO_LIMIT_S, Branch, Step, SwapState

_STEPS = {
    Step.LOCATE: locate,
    Step.CONFIRM: confirm,
    Step.SHUT_DOWN: shut_down,
    Step.PULL: pull,
    Step.INSERT: insert,
    Step.IDENTIFY: identify,
    Step.POWER_ON: power_on,
    Step.HEALTH: health,
}


def next_move(f: SwapFacts) -> Move | None:
    """Return the next move, None when all is as the swap wants it for now."""
    match f.row.state:
        case SwapState.OPEN:
            move = _open(f)
            return None if isinstance(move, Stay) else move
        case SwapState.PARKED:
            return darken(f)
        case SwapState.DONE if f.row.branch is Branch.RECORD_WAITS:
            return Settle()
        case _:
            return None


def _open(f: SwapFacts) -> Move | None:
    if f.row.step is Step.RECORD:
        return None
    if not is_known(f):
        return _lose_link(f)
    if f.row.branch is Branch.LINK_LOST:
        return where_seen(f, "The chassis answers again.")
    if f.row.branch is Branch.UNDOING:
        return _undo(f)
    return _alarm(f) or _own_slot(f) or _queue(f) or follow(f) or _step(f)


def _step(f: SwapFacts) -> Move | None:
    rule = _STEPS.get(f.row.step)
    return None if rule is None else rule(f)


def _lose_link(f: SwapFacts) -> Move | None:
    if f.row.branch in {Branch.LINK_LOST, Branch.UNDOING}:
        return None
    why = "The chassis does not answer." if not f.link_is_up else "The slot is not known now."
    return Go(f.row.step, Branch.LINK_LOST, why)


def _alarm(f: SwapFacts) -> Move | None:
    """A wrong pull stops every swap of the chassis that is at work; its own slot's stops it anywhere."""
    branch = f.row.branch
    concerns = bool(f.alarms) and (f.row.step in EXCLUSIVE_STEPS or bool(f.slot.facts.alarm))
    if branch is Branch.WRONG_PULL:
        return STAY if concerns else _over(f)
    if concerns:
        first = f.alarms[0]
        what = f"Slot {first.number} was pulled by mistake."
        return Go(f.row.step, Branch.WRONG_PULL, what, noted={"wrong": first.number})
    if branch is Branch.RESTORE:
        return STAY if _can_restore(f) else where_seen(f, "On with this swap.")
    return None


def _over(f: SwapFacts) -> Move:
    wrong = f.row.noted.get("wrong")
    if wrong != f.slot.number and _can_restore(f):
        text = f"Slot {wrong} is back."
        return Go(f.row.step, Branch.RESTORE, text, noted={"wrong": wrong})
    return where_seen(f, "The alarm is over.")


def _can_restore(f: SwapFacts) -> bool:
    return f.wrong is not None and seen(f.wrong) is Seen.OFF


def _own_slot(f: SwapFacts) -> Move | None:
    must_ask = f.is_own and not f.row.kept.get("own_ok") and f.row.step <= Step.SHUT_DOWN
    if must_ask:
        return STAY if f.row.branch is Branch.OWN_SLOT else Go(f.row.step, Branch.OWN_SLOT)
    if f.row.branch is Branch.OWN_SLOT:
        return Go(f.row.step, Branch.NONE, is_fresh=True)
    return None


def _queue(f: SwapFacts) -> Move | None:
    if f.row.branch is not Branch.QUEUED:
        return None
    if f.ahead:
        return _dim(f) or STAY
    then = Step(f.row.kept.get("then", Step.SHUT_DOWN))
    kept = {**f.row.kept, "queued_at": ""}
    row = replace(f.row, step=then, memory={**f.row.memory, "kept": kept})
    return where_seen(replace(f, row=row), "It is this swap's turn.")


_STOPS = (Ask.SHUTDOWN, Ask.CUT, Ask.RELEASE)


def _undo(f: SwapFacts) -> Move:
    """Take the release back, give power again if there was power, and end."""
    word = seen_of(f)
    if word is Seen.RELEASED:
        return _take_release_back(f)
    if any(f.asked[ask].is_under_way for ask in _STOPS if ask in f.asked):
        return STAY  # it cannot be called back: what it comes to is put right then
    is_wanted = f.row.kept.get("was_on") and not f.is_past(UNDO_LIMIT_S)
    if is_wanted and may_power(f) and Ask.POWER not in f.asked:
        return Do(Ask.POWER, "Power on again")
    return Cancel(_end_words(f, word))


def _take_release_back(f: SwapFacts) -> Move:
    asked = f.asked.get(Ask.RELEASE_OFF)
    if asked is None:
        return Do(Ask.RELEASE_OFF)
    if is_lost(asked) and not f.is_past(UNDO_LIMIT_S):
        return Do(Ask.RELEASE_OFF) if wants_release_back(f) else STAY
    return _failed_to_undo(f, asked.outcome) if asked.has_failed else STAY


def _failed_to_undo(f: SwapFacts, why: str) -> Cancel:
    return Cancel(f"Cancelled. Slot {f.slot.number} is still released: {why}")


def _end_words(f: SwapFacts, word: Seen) -> str:
    n = f.slot.number
    asked = f.asked.get(Ask.POWER)
    if asked is not None:
        went = f": {asked.outcome}" if asked.has_failed else "."
        return f"Cancelled. Power on of slot {n} was asked{went}"
    words = {
        Seen.ON: "was told to shut down and is on still" if is_stopping(f) else "keeps running",
        Seen.HALTED: "is halted with power on",
        Seen.EMPTY: "stays empty",
    }
    return f"Cancelled. Slot {n} {words.get(word, 'stays off')}."


def darken(f: SwapFacts) -> Move | None:
    """A parked swap shows no light: take back what it lit, once, when the link allows."""
    return _dim(f) if is_known(f) and f.row.kept.get("drops") else None


def _dim(f: SwapFacts) -> Move | None:
    """A swap that nobody is to act on calls nobody to its slot: neither to find it nor to pull it."""
    if seen_of(f) is Seen.RELEASED and wants_release_back(f):
        return Do(Ask.RELEASE_OFF)
    if f.slot.shows_white and Ask.LOCATE_OFF not in f.asked:
        return Do(Ask.LOCATE_OFF)
    return None
