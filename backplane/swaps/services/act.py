"""Every button of a swap: is it offered, to this person, on what they saw; then the deed, the trail, the rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from backplane.people import audit
from backplane.people.roles import Role
from backplane.slots.services.checks import check_site
from backplane.slots.services.work import work_on
from backplane.swaps.errors import NotPossible, NotYours, StaleSwap
from backplane.swaps.models import Swap
from backplane.swaps.script import stage_of
from backplane.swaps.services.deeds import DEEDS
from backplane.swaps.services.lease import is_holder
from backplane.swaps.services.pressing import Press
from backplane.swaps.services.session import Session
from backplane.swaps.services.settling import settle
from backplane.swaps.stage import Button, Stage
from backplane.swaps.steps import SwapState

_NEVER_STALE = frozenset({"message", "note", "take_over", "park", "check"})


@dataclass(frozen=True, slots=True)
class Deed:
    """One press: `seen_version` is the swap's version that the person looked at, None skips the comparison."""

    do: str
    values: Mapping[str, list[str]]
    actor: audit.Actor
    role: Role
    seen_version: int | None = None


def act(swap_id: int, deed: Deed, now: datetime) -> Swap:
    """Do what a button says, then whatever follows from it.

    Raises NotYours, StaleSwap, NotPossible, CommandNotAccepted, Swap.DoesNotExist; nothing is done then.
    """
    if not deed.role.includes(Role.TECHNICIAN):
        raise NotYours("A swap needs the role technician.")
    chassis_id = Swap.objects.values_list("chassis_id", flat=True).get(pk=swap_id)
    with work_on(chassis_id, now) as work:
        check_site(work.chassis, deed.actor.reach)
        swap = Swap.objects.select_related(
            "chassis", "slot", "expected_module", "old_module", "new_module", "new_carrier"
        ).get(pk=swap_id)
        settle(Session(work, swap))
        session = Session(work, swap, deed.actor)  # behind what just moved: it remembers anew
        stage = stage_of(session.facts())
        button = _button(session, stage, deed)
        _check_person(session, button, deed)
        _carry_out(session, stage, deed)
    return swap


def _carry_out(session: Session, stage: Stage, deed: Deed) -> None:
    if is_holder(session.swap, deed.actor):
        session.renew_lease()
    press = Press(deed.values, deed.actor, deed.role)
    DEEDS[deed.do](session, press)
    session.save()
    _leave_trail(session, stage, deed, press)
    settle(Session(session.work, session.swap))


def _button(session: Session, stage: Stage, deed: Deed) -> Button:
    """Return the button that was pressed, as it stands now. Raises StaleSwap, NotPossible."""
    _check_seen(session, stage, deed)
    offered = (*stage.buttons, *stage.more)
    button = next((each for each in offered if each.do == deed.do), None)
    if button is None or deed.do not in DEEDS:
        raise NotPossible(f"That is not possible now: {stage.title}.")
    if button.why_not:
        raise NotPossible(button.why_not)
    return button


def _check_seen(session: Session, stage: Stage, deed: Deed) -> None:
    if deed.seen_version is None or deed.do in _NEVER_STALE:
        return
    # A version that is still to come was seen before the database was restored from a backup.
    if not int(session.memory.get("key_at", 0)) <= deed.seen_version <= session.swap.version:
        raise StaleSwap(stage.step, stage.title)


def _check_person(session: Session, button: Button, deed: Deed) -> None:
    if deed.do == "take_over":
        return  # judged by the lease itself
    if button.who == "operator" and not deed.role.includes(Role.OPERATOR):
        raise NotYours("This needs the role operator.")
    if button.who == "holder" and not is_holder(session.swap, deed.actor):
        holder = session.swap.holder_name or "Nobody"
        raise NotYours(f"{holder} has this swap; follow it, or take it over.")


def _leave_trail(session: Session, stage: Stage, deed: Deed, press: Press) -> None:
    swap, work = session.swap, session.work
    told = audit.Act(
        f"swap.{deed.do}",
        subject=f"{work.chassis.slug} slot {session.number}",
        chassis=work.chassis.slug,
        slot=session.number,
        saw=f"version {deed.seen_version}: {stage.title}",
        reason=press.reason,
        outcome=f"Step {int(swap.step)}" if swap.state == SwapState.OPEN else swap.state,
        swap_id=swap.pk,
        detail={key: list(values) for key, values in deed.values.items()},
    )
    audit.record(deed.actor, told, work.now)
