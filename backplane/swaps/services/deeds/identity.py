"""What is pressed to settle who stands in the slot."""

from dataclasses import replace

from backplane.slots.models import Carrier, Module
from backplane.slots.stays import stay_id_of
from backplane.swaps.errors import NotPossible
from backplane.swaps.moves import Go
from backplane.swaps.rules.following import gated
from backplane.swaps.services.identity import (
    accept,
    check_stands_nowhere_else,
    new_module,
)
from backplane.swaps.services.pressing import Press
from backplane.swaps.services.session import Session
from backplane.swaps.steps import Branch, EntryKind, Step


def expect(session: Session, press: Press) -> None:
    """Choose a module: before it is in, as what is waited for; after that, as what it is."""
    module = Module.objects.filter(pk=press.number("module") or 0).first()
    if module is None:
        raise NotPossible("Choose a Pi.")
    check_stands_nowhere_else(session, module)
    if session.swap.step == Step.INSERT:
        session.swap.expected_module = module
        session.log(EntryKind.DEED, f"{module} is expected")
        return
    accept(session, module.pk, f"It is {module}")


def name_new(session: Session, press: Press) -> None:
    """A Pi that nobody knew: named by a person."""
    module = new_module({key: press.text(key) for key in ("name", "serial", "mac")})
    check_stands_nowhere_else(session, module)
    accept(session, module.pk, f"It is {module}, new")


def same_new_pi(session: Session, press: Press) -> None:
    """A new Pi on the old tray: another module on the same carrier."""
    module = new_module({key: press.text(key) for key in ("name", "serial", "mac")})
    if module.pk == session.swap.old_module_id:
        raise NotPossible("That is the Pi that was taken out.")
    check_stands_nowhere_else(session, module)
    accept(session, module.pk, f"A new Pi on the old carrier: {module}")


def accept_carrier(session: Session, press: Press) -> None:
    """Take what was read for right, against what was planned or expected."""
    swap = session.swap
    carrier = _carrier(session)
    match Branch(swap.branch):
        case Branch.SAME_BACK:
            accept(session, _module_id(carrier) or swap.old_module_id, "The same Pi is back")
        case Branch.UNKNOWN:
            if swap.expected_module is not None:
                check_stands_nowhere_else(session, swap.expected_module)
            accept(session, swap.expected_module_id, f"It is {swap.expected_module}")
        case Branch.ELSEWHERE:
            reason = press.needed("reason", "why it stays here")
            accept(session, _module_id(carrier), f"{carrier.module} stays here: {reason}")
        case _:
            accept(session, _module_id(carrier), f"{carrier.module} is used")


def continue_without_id(session: Session, _press: Press) -> None:
    accept(session, None, "Nobody knows which Pi it is")


def reseat(session: Session, _press: Press) -> None:
    """Take it out once more: shut down and released as always."""
    session.log(EntryKind.DEED, "It is taken out again")
    go = Go(Step.SHUT_DOWN, is_fresh=True)
    kept = {
        "accepted": False,
        "was_empty": False,
        "is_in": False,
        "is_out": False,
        "old_stay": stay_id_of(session.scene.slot_of(session.swap)),
    }
    session.go(gated(session.facts(), replace(go, kept=kept)))


def _carrier(session: Session) -> Carrier:
    slot = session.scene.slot_of(session.swap)
    carrier = slot.carrier
    if carrier is None or slot.is_occupant_unsure:
        raise NotPossible("Nothing was read yet.")
    return carrier


def _module_id(carrier: Carrier) -> int | None:
    return carrier.module_id
