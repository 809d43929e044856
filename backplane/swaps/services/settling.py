"""Lets the rules move a swap until nothing moves any more, inside a transaction that is open."""

import hashlib
from typing import Final

from backplane.swaps.facts import SwapFacts
from backplane.swaps.moves import (
    Accept,
    Cancel,
    Do,
    Go,
    Move,
    Note,
    Park,
    Record,
    Settle,
    Stay,
)
from backplane.swaps.rules import next_move
from backplane.swaps.script import stage_of
from backplane.swaps.services.identity import accept
from backplane.swaps.services.recording import record_swap, settle_record
from backplane.swaps.services.session import Session
from backplane.swaps.stage import Stage
from backplane.swaps.steps import EntryKind, SwapState

_MOST_MOVES: Final = 24  # from the first step to the last there are fewer


def settle(session: Session) -> SwapFacts:
    """Apply moves until none is left, note what the screen says then, and write the row."""
    facts = session.facts()
    for _ in range(_MOST_MOVES):
        move = next_move(facts)
        if move is None or not _apply(session, move):
            break
        facts = session.facts()
    _note_hardware(session, facts)
    _note_stage(session, facts)
    session.save()
    return facts


def _apply(session: Session, move: Move) -> bool:
    """Carry out one move; False: it changed nothing, and would be proposed for ever."""
    match move:
        case Settle():
            return settle_record(session)
        case Stay():
            return False
        case Park(text=text):
            session.park(text)
        case Cancel(outcome=outcome):
            session.end(SwapState.CANCELLED, outcome)
        case Record():
            session.log(EntryKind.STEP, "All checks are good")
            record_swap(session)
        case _:
            _step_on(session, move)
    return True


def _step_on(session: Session, move: Go | Do | Note | Accept) -> None:
    match move:
        case Go():
            session.go(move)
        case Do(ask=ask, text=text):
            session.ask(ask, text)
        case Note(noted=noted, kept=kept):
            session.note(noted, kept)
        case Accept(module_id=module_id, text=text):
            accept(session, module_id, text)


def _note_hardware(session: Session, facts: SwapFacts) -> None:
    """Hardware that moves on the slot is a sign of life of whoever has the swap."""
    slot = facts.slot.facts
    seen = [slot.state.value, None if slot.flags is None else int(slot.flags)]
    kept = session.memory["kept"]
    if kept.get("seen") == seen:
        return
    if "seen" in kept and session.swap.holder_id and session.swap.state == SwapState.OPEN:
        session.renew_lease()
    session.note(kept={"seen": seen})


def _note_stage(session: Session, facts: SwapFacts) -> None:
    """Keep a mark of what the screen says: a new version of the row then means a new screen, and only then."""
    stage = stage_of(facts)
    key = f"{session.swap.state} {stage.key}"
    if session.memory.get("key") != key:
        session.memory |= {"key": key, "key_at": session.work.revision}
    session.memory["stage"] = mark_of(stage)


def mark_of(stage: Stage) -> str:
    """Return a short mark of a stage, without what changes by itself each second."""
    lines = [(line.label, line.mark) for line in stage.lines]
    said = (stage.key, stage.title, stage.lead, stage.sub, stage.ends_by, stage.hint, lines)
    text = repr((said, stage.buttons, stage.more, stage.is_alert))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
