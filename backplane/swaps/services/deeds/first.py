"""What is pressed in steps 1 to 4."""

from dataclasses import replace

from backplane.people.audit import Act, Actor, record
from backplane.slots.errors import CommandNotAccepted
from backplane.slots.models import Command
from backplane.slots.ops import CommandOp, Origin
from backplane.slots.records import CommandRequest
from backplane.slots.services.commands import request_within
from backplane.slots.services.stays import end_stay, forget_occupant
from backplane.swaps.errors import NotPossible
from backplane.swaps.facts import Ask
from backplane.swaps.moves import Go
from backplane.swaps.rules.following import gated
from backplane.swaps.services.pressing import Press
from backplane.swaps.services.session import Session
from backplane.swaps.steps import Branch, EntryKind, Step


def at_rack(session: Session, press: Press) -> None:
    """Somebody is there. Where the board does not report the light, their eye counts, and is logged."""
    swap = session.swap
    scanned = press.number("slot")
    label = "" if scanned is None else f" (label of slot {scanned})"
    if swap.branch == Branch.NO_READ_BACK:
        session.go(Go(Step.CONFIRM, text="Seen blinking, though not reported", is_fresh=True))
        return
    session.log(EntryKind.DEED, f"At the rack{label}")
    session.note(noted={"at_rack": session.work.now.isoformat()})


def name_slot(session: Session, press: Press) -> None:
    """Which slot blinks? Only the right answer goes on."""
    named = press.number("slot")
    if named not in session.work.slots:
        raise NotPossible("Tap the number of a slot.")
    if named != session.number:
        text = f"Slot {named} was named, not slot {session.number}"
        session.go(Go(Step.CONFIRM, Branch.WRONG_SLOT, text, noted={"named": named}))
        return
    facts = session.facts()
    go = Go(Step.SHUT_DOWN, text=f"{press.actor.name} tapped {named}", is_fresh=True)
    session.go(gated(facts, replace(go, kept={"but": False})))


def try_again(session: Session, _press: Press) -> None:
    """Begin this step anew, with everything it asks for."""
    session.log(EntryKind.DEED, "Again")
    session.note(kept={"but": False})
    was_there = session.swap.branch == Branch.NO_READ_BACK
    session.go(Go(Step(session.swap.step), is_fresh=True))
    if session.swap.step == Step.LOCATE and was_there:
        session.note(noted={"at_rack": session.work.now.isoformat()})


def lamp_test(session: Session, press: Press) -> None:
    """All lamps, for five seconds."""
    session.log(EntryKind.DEED, "Lamp test")
    _ask_plain(session, press.actor, CommandOp.LAMP_TEST, 0)


def locate_but(session: Session, press: Press) -> None:
    """Light every slot but ours: the dark one is it."""
    session.log(EntryKind.DEED, f"All but slot {session.number} are lit")
    _ask_plain(session, press.actor, CommandOp.LOCATE_OFF, session.number)
    for number in session.work.slots:
        if number != session.number:
            _ask_plain(session, press.actor, CommandOp.LOCATE_ON, number)
    session.go(Go(Step.CONFIRM, kept={"but": True}))
    session.memory["asked"][Ask.LOCATE_ON.value] = "All the others are lit instead."


def light_missing(session: Session, _press: Press) -> None:
    """The lamp does not do as the screen says."""
    session.log(EntryKind.DEED, "The light is not as said")
    if session.swap.step in {Step.LOCATE, Step.CONFIRM}:
        why = "You say that it does not blink."
        session.go(Go(Step.LOCATE, Branch.NO_READ_BACK, noted={"why": why}))
        return
    session.forget_asked(Ask.INVITE_ON)
    _ask_plain(session, _press.actor, CommandOp.LAMP_TEST, 0)


def confirm_own_slot(session: Session, _press: Press) -> None:
    session.log(EntryKind.DEED, "The program's own slot, all the same")
    session.note(kept={"own_ok": True})


def shut_down(session: Session, _press: Press) -> None:
    """Ask the operating system to stop. Raises CommandNotAccepted's own words as NotPossible."""
    session.forget_asked(Ask.SHUTDOWN, Ask.CUT)
    _ask_now(session, Ask.SHUTDOWN, "Shutdown asked")
    session.go(Go(Step.SHUT_DOWN))


def wait_more(session: Session, _press: Press) -> None:
    """Another 90 s: the board is asked again, the Pi gets no second pulse."""
    session.forget_asked(Ask.SHUTDOWN)
    _ask_now(session, Ask.SHUTDOWN, "Waiting on")
    session.go(Go(Step.SHUT_DOWN))


def cut(session: Session, _press: Press) -> None:
    """Cut the power of this one slot."""
    session.forget_asked(Ask.CUT)
    _ask_now(session, Ask.CUT, f"Power of slot {session.number} cut")
    if session.swap.branch == Branch.HANGS:
        session.go(Go(Step.SHUT_DOWN))


def release_again(session: Session, _press: Press) -> None:
    session.log(EntryKind.DEED, "Release again")
    session.go(Go(Step.SHUT_DOWN, is_fresh=True))


def already_out(session: Session, _press: Press) -> None:
    """A person's eye stands in for the missing presence contact."""
    session.log(EntryKind.DEED, "It is out")
    slot = session.scene.slot_of(session.swap)
    end_stay(slot, session.work.now)
    forget_occupant(session.work, slot)
    session.note(kept={"is_out": True, "is_in": False})


def _ask_now(session: Session, ask: Ask, text: str) -> None:
    if session.ask(ask, text) is None:
        raise NotPossible(str(session.memory["asked"][ask.value]))


def _ask_plain(session: Session, actor: Actor, op: CommandOp, number: int) -> Command | None:
    """Ask for a light beside the swap's own; one that cannot be lit keeps nobody from the others."""
    request = CommandRequest(
        session.work.chassis.pk,
        number,
        op,
        user_id=actor.user_id,
        requester_name=actor.name,
        origin=Origin.SWAP,
    )
    try:
        command = request_within(session.work, request)
    except CommandNotAccepted as refusal:
        raise NotPossible(str(refusal)) from refusal
    act = Act(
        f"command.{op}",
        subject=f"{session.work.chassis.slug} slot {number}",
        chassis=session.work.chassis.slug,
        slot=number or None,
        command_id=command.pk,
        swap_id=session.swap.pk,
    )
    record(actor, act, session.work.now)
    return command
