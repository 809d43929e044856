"""What people say to each other in a swap, and who has it."""

from backplane.swaps.services.lease import take_over
from backplane.swaps.services.pressing import Press
from backplane.swaps.services.session import Session
from backplane.swaps.steps import EntryKind


def take_over_swap(session: Session, press: Press) -> None:
    take_over(session, press.actor)


def message(session: Session, press: Press) -> None:
    """A line that everybody who follows the swap sees."""
    session.log(EntryKind.MESSAGE, press.needed("text", "something"))
    _count(session)


def note(session: Session, press: Press) -> None:
    """A line for the receipt."""
    session.log(EntryKind.NOTE, press.needed("text", "something"))
    _count(session)


def _count(session: Session) -> None:
    """A new line is news for whoever follows: the row changes with it."""
    session.note(kept={"lines": session.memory["kept"].get("lines", 0) + 1})
