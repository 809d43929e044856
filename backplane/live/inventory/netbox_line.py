"""How it stands with NetBox, in one line of the inventory's page. Asks nobody; reads only."""

from dataclasses import dataclass
from datetime import datetime

from backplane.inventory import outbox, setup
from backplane.inventory.models import Mode, SyncPlan
from backplane.inventory.netbox.access import is_set
from backplane.inventory.writing.results import Fate
from backplane.live.inventory.badge import left_of


@dataclass(frozen=True, slots=True)
class NetBoxLine:
    """`left`: differences of the newest plan, `plan_id`, that nobody has applied; None: none was made yet.

    `error`: why NetBox could not be asked last; "" when it could. `waiting`: swaps it is still to learn of.
    """

    left: int | None
    plan_id: int | None
    read_at: datetime | None
    error: str
    waiting: int


def netbox_line() -> NetBoxLine | None:
    """Return the line; None where no NetBox is set or the mode is off."""
    if not is_set() or setup.current_mode() is Mode.OFF:
        return None
    plan = SyncPlan.objects.filter(scope="", undoes=None).first()
    state = setup.state()
    waiting = outbox.count_waiting()
    if plan is None:
        return NetBoxLine(None, None, None, state.error, waiting)
    done = plan.rows.filter(result__in=(Fate.DONE, Fate.ALREADY)).count()
    left = left_of(plan.differences, plan.state, done)
    return NetBoxLine(left, plan.pk, plan.snapshot_at, state.error, waiting)
