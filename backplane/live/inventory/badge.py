"""How many differences wait for somebody: slots not as planned, and what the newest plan finds in NetBox."""

from backplane.inventory.models import PlanState, SyncPlan
from backplane.inventory.writing.results import Fate
from backplane.live.inventory.places import count_not_as_planned


def differences() -> int:
    """Return the number for the header; it is read with every page, so it asks little."""
    return count_not_as_planned() + _from_netbox()


def _from_netbox() -> int:
    newest = SyncPlan.objects.filter(scope="").first()
    if newest is None:
        return 0
    if newest.state not in {PlanState.APPLIED, PlanState.PARTLY}:
        return newest.differences
    done = newest.rows.filter(result__in=(Fate.DONE, Fate.ALREADY)).count()
    return max(0, newest.differences - done)
