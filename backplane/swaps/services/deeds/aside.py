"""What is pressed to stop: put aside, go on, cancel; and after a wrong pull."""

from typing import Final

from backplane.people.audit import Act, record
from backplane.slots.errors import CommandNotAccepted
from backplane.slots.models import Command
from backplane.slots.ops import CommandOp, CommandState, Origin
from backplane.slots.records import CommandRequest
from backplane.slots.services.commands import request_within
from backplane.slots.services.endings import actor_of, end_command
from backplane.swaps.errors import NotPossible
from backplane.swaps.facts import Ask
from backplane.swaps.moves import POWER_ASKS, Go
from backplane.swaps.rules.following import where_seen
from backplane.swaps.rules.seen import is_known
from backplane.swaps.services.lease import hold
from backplane.swaps.services.pressing import Press
from backplane.swaps.services.session import Session
from backplane.swaps.services.start import begin_aside
from backplane.swaps.steps import Branch, EntryKind, Step, SwapState


def park(session: Session, _press: Press) -> None:
    _take_back(session)
    session.park("Put aside")


def resume(session: Session, press: Press) -> None:
    """Go on where what is seen says; whoever presses has the swap."""
    facts = session.facts()
    session.swap.state = SwapState.OPEN
    session.note(kept={"drops": False})
    going_on = {ask for ask in POWER_ASKS if ask in facts.asked and facts.asked[ask].is_under_way}
    asked = session.memory["asked"]
    session.memory["asked"] = {ask: asked[ask] for ask in asked if ask in going_on}
    hold(session, press.actor)
    session.log(EntryKind.HOLDER, "Gone on with")
    if is_known(facts):
        session.go(where_seen(facts, ""))


def cancel(session: Session, _press: Press) -> None:
    """Put the slot back as it was, as far as that goes, and end."""
    facts = session.facts()
    _take_back(session)
    session.log(EntryKind.DEED, "Cancelled")
    if not is_known(facts):
        session.end(
            SwapState.CANCELLED,
            f"Cancelled while slot {session.number} was not known: it stays as it is.",
        )
        return
    was_on = session.memory["kept"].get("was_on") and session.swap.step <= Step.PULL
    session.swap.state = SwapState.OPEN
    session.darken()
    kept = {"was_on": bool(was_on), "turn": False, "queued_at": ""}
    asked = {key: said for key, said in session.memory["asked"].items() if key in _SURPRISES}
    session.go(Go(Step(session.swap.step), Branch.UNDOING, is_fresh=True, kept=kept))
    session.memory["asked"] = asked


# What would come as a surprise to whoever has put a swap aside or cancelled it.
_SURPRISES: Final = (Ask.POWER.value, Ask.SHUTDOWN.value, Ask.CUT.value, Ask.RELEASE.value)


def _take_back(session: Session) -> None:
    """What was not sent yet is not sent any more; what was sent is waited for."""
    asked = session.memory["asked"]
    said = [asked[key] for key in _SURPRISES if isinstance(asked.get(key), int)]
    name = "the swap" if session.actor is None else session.actor.name
    for command in Command.objects.filter(pk__in=said, state=CommandState.OPEN):
        outcome = f"Taken back by {name}."
        end_command(session.work, command, CommandState.EXPIRED, outcome, actor_of(command))
        asked.pop(next(key for key in _SURPRISES if asked.get(key) == command.pk))


def keep_out(session: Session, press: Press) -> None:
    """The slot that was pulled by mistake stays out, for a reason; it gets a swap of its own, put aside."""
    reason = press.needed("reason", "why it stays out")
    alarm = session.facts().alarms[0]
    _end_alarm(session, press, alarm.number, reason)
    if alarm.is_in:
        session.log(EntryKind.DEED, f"The alarm of slot {alarm.number} is ended: {reason}")
        return
    session.log(EntryKind.DEED, f"Slot {alarm.number} stays out: {reason}")
    if alarm.number != session.number:
        begin_aside(session, session.work.slots[alarm.number], reason)


def put_back(session: Session, press: Press) -> None:
    """A person's eye stands in for a carrier that cannot be read."""
    alarm = session.facts().alarms[0]
    text = f"{alarm.name or 'It'} is back in slot {alarm.number}"
    _end_alarm(session, press, alarm.number, text)
    session.log(EntryKind.DEED, text)


def _end_alarm(session: Session, press: Press, number: int, reason: str) -> None:
    request = CommandRequest(
        session.work.chassis.pk,
        number,
        CommandOp.CLEAR_ALARM,
        user_id=press.actor.user_id,
        requester_name=press.actor.name,
        origin=Origin.SWAP,
        arguments={"reason": reason},
    )
    try:
        command = request_within(session.work, request)
    except CommandNotAccepted as refusal:
        raise NotPossible(str(refusal)) from refusal
    act = Act(
        f"command.{command.op}",
        subject=f"{session.work.chassis.slug} slot {number}",
        chassis=session.work.chassis.slug,
        slot=number,
        reason=reason,
        command_id=command.pk,
        swap_id=session.swap.pk,
    )
    record(press.actor, act, session.work.now)


def restore_power(session: Session, _press: Press) -> None:
    """Give the slot that was pulled by mistake its power back."""
    number = int(session.memory["noted"]["wrong"])
    session.forget_asked(Ask.RESTORE)
    if session.ask(Ask.RESTORE, f"Power on of slot {number} asked", number) is None:
        raise NotPossible(str(session.memory["asked"][Ask.RESTORE.value]))


def leave_off(session: Session, _press: Press) -> None:
    number = session.memory["noted"].get("wrong")
    session.go(where_seen(session.facts(), f"Slot {number} stays off."))
