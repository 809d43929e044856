"""What is pressed in steps 5, 7 and 8."""

from backplane.slots.services.stays import begin_stay
from backplane.swaps.errors import NotPossible
from backplane.swaps.health import all_checks
from backplane.swaps.moves import Go
from backplane.swaps.rules.following import gated
from backplane.swaps.script.last import needs_a_note
from backplane.swaps.services.pressing import Press
from backplane.swaps.services.recording import record_swap
from backplane.swaps.services.session import Session
from backplane.swaps.steps import Branch, EntryKind, Step, SwapState


def is_in(session: Session, _press: Press) -> None:
    """A person's eye stands in for the missing presence contact."""
    session.log(EntryKind.DEED, "It is in")
    session.note(kept={"is_out": False, "is_in": True})
    begin_stay(session.scene.slot_of(session.swap), session.work.now)


def check(session: Session, press: Press) -> None:
    """Tick things off; it never holds anybody up."""
    ticked = [*session.memory["kept"].get("ticks", []), *press.texts("items")]
    session.note(kept={"ticks": ticked})
    session.log(EntryKind.DEED, "Moved over: " + ", ".join(press.texts("items") or ["nothing"]))


def retry_power(session: Session, _press: Press) -> None:
    """Ask for power again; a trip is cleared first."""
    session.log(EntryKind.DEED, "Power on again")
    noted = {"retries": True}
    session.go(gated(session.facts(), Go(Step.POWER_ON, is_fresh=True, noted=noted)))


def accept_health(session: Session, press: Press) -> None:
    """A person says that it works; where something is not good, they say why it is."""
    facts = session.facts()
    note = press.text("note")
    if needs_a_note(facts, all_checks(facts)) and not note:
        raise NotPossible("Say why it is accepted.")
    session.log(EntryKind.STEP, f"Accepted: {note}" if note else "Accepted")
    record_swap(session)


def finish(session: Session, _press: Press) -> None:
    """Leave the slot empty and be done; or stop an undoing that does not end."""
    if session.swap.branch == Branch.UNDOING:
        session.end(SwapState.CANCELLED, "Cancelled; the slot may not be as it was before.")
        return
    session.log(EntryKind.STEP, f"Slot {session.number} is left empty")
    record_swap(session)
