"""How many differences wait for somebody: slots not as planned, and what the newest plan finds in NetBox.

It is read with every page: one query. It is not kept between pages, because right after a plan was applied or a
slot was planned a kept number would be wrong, just where somebody looks for it.
"""

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from backplane.inventory.models import PlanState, StoredRow, SyncPlan
from backplane.inventory.writing.results import Fate
from backplane.live.inventory.places import bay_row
from backplane.slots.facts import SlotState
from backplane.slots.models import Slot


def differences() -> int:
    """Return the number for the header."""
    rows = list(_rows())
    planned = [row for row in rows if row.planned_module_id is not None]
    count = sum(bay_row(row).match.is_difference for row in planned if _is_heard(row))
    return count + (_left_in_netbox(rows[0]) if rows else 0)


def _rows() -> QuerySet[Slot]:
    """Return the planned slots, and the first of all in any case: each carries how the newest plan stands."""
    newest = SyncPlan.objects.filter(scope="", undoes=None).order_by("-pk")
    done = StoredRow.objects.filter(plan=OuterRef("pk"), result__in=(Fate.DONE, Fate.ALREADY))
    counted = done.order_by().values("plan").annotate(count=Count("pk")).values("count")
    first = Slot.objects.order_by("pk").values("pk")[:1]
    return (
        Slot.objects.select_related("chassis", "carrier__module", "module", "planned_module")
        .filter(Q(planned_module__isnull=False) | Q(pk=Subquery(first)))
        .annotate(
            plan_state=Subquery(newest.values("state")[:1]),
            plan_differences=Subquery(newest.values("differences")[:1]),
            plan_done=Subquery(newest.annotate(done=Subquery(counted)).values("done")[:1]),
        )
    )


def _is_heard(slot: Slot) -> bool:
    return slot.state != SlotState.COMMUNICATION_LOST


def left_of(differences: int, state: str, done: int) -> int:
    """Return how many differences of a plan nobody has dealt with; what an open one found is all left."""
    is_over = state in {PlanState.APPLIED, PlanState.PARTLY}
    return max(0, differences - done) if is_over else differences


def _left_in_netbox(row: Slot) -> int:
    found = (getattr(row, name, None) for name in ("plan_differences", "plan_state", "plan_done"))
    differences, state, done = found
    return left_of(differences or 0, state or "", done or 0)
