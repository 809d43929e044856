"""Who has a swap: a lease of two minutes, renewed by page or hardware, taken over when it is over."""

from datetime import datetime, timedelta

from backplane.people.audit import Actor
from backplane.people.roles import Role
from backplane.people.sites import is_within
from backplane.slots.models import Chassis
from backplane.swaps.errors import NotYours
from backplane.swaps.models import Swap
from backplane.swaps.services.session import Session
from backplane.swaps.steps import LEASE_S, EntryKind, SwapState


def renew_lease(swap_id: int, actor: Actor, now: datetime) -> bool:
    """Say that the holder is still there; False for everybody else. Never makes a new version."""
    site_id = Chassis.objects.filter(swaps=swap_id).values_list("site", flat=True).first()
    if not is_within(actor.reach, site_id):
        return False  # moved to other sites meanwhile: the swap falls to whoever takes it over
    mine = Swap.objects.filter(pk=swap_id, state=SwapState.OPEN, holder_id=actor.user_id)
    if actor.user_id is None:
        return False
    return mine.update(lease_until=now + timedelta(seconds=LEASE_S)) > 0


def is_holder(swap: Swap, actor: Actor) -> bool:
    return actor.user_id is not None and swap.holder_id == actor.user_id


def take_over(session: Session, actor: Actor) -> None:
    """Give the swap to `actor`: anybody when the holder is silent, an operator at any time. Raises NotYours."""
    swap, now = session.swap, session.work.now
    is_silent = swap.holder_id is None or swap.lease_until is None or swap.lease_until <= now
    if not is_silent and not Role(actor.role).includes(Role.OPERATOR):
        raise NotYours(f"{swap.holder_name} has this swap; it can be taken over after 2 minutes.")
    before = swap.holder_name or "nobody"
    hold(session, actor)
    session.log(EntryKind.HOLDER, f"Taken over from {before}")


def hold(session: Session, actor: Actor) -> None:
    """Make `actor` the one who has the swap."""
    session.swap.holder_id = actor.user_id
    session.swap.holder_name = actor.name[:150]
    session.renew_lease()
