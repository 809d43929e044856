"""Says of each finished swap how it stands with NetBox: written, in a plan for a person, or still waiting."""

from collections.abc import Sequence
from typing import Final, assert_never

from backplane.inventory import outbox
from backplane.inventory.mapping import Mapping
from backplane.inventory.models import OutboxItem, OutboxState, SyncPlan
from backplane.inventory.plan.standing import Standing, standing_of
from backplane.inventory.records import NbSnapshot, Plan, PlanRow, Seen

_WRITTEN: Final = "NetBox says what stands in the slot."


def settle(
    item: OutboxItem, scene: tuple[Seen, NbSnapshot, Mapping], plan: Plan, stored: SyncPlan | None
) -> None:
    """Settle one item by what is seen and what NetBox said last; what is not heard goes on waiting."""
    now = plan.made_at
    slot = item.chassis_slug, item.slot_number
    left = [row for row in differences(plan) if row.subject in item.subjects]
    match standing_of(*scene, slot):
        case Standing.NOT_HEARD:
            text = f"Waits: slot {item.slot_number} of {item.chassis_slug} is not heard now."
            outbox.put_off([item], text, now + outbox.pause_after(item.tries + 1))
        case Standing.NOT_KNOWN:
            text = "Which module is in the slot is not known, so NetBox keeps what it has."
            outbox.settle(item, OutboxState.DROPPED, text, now, stored)
        case Standing.AGREES if not left:
            outbox.settle(item, OutboxState.DONE, _WRITTEN, now, stored)
        case Standing.AGREES | Standing.DIFFERS:
            outbox.settle(item, OutboxState.PLANNED, _what_waits(left, plan), now, stored)
        case never:
            assert_never(never)


def differences(plan: Plan) -> list[PlanRow]:
    return [*plan.writes, *plan.conflicts]


def _what_waits(left: Sequence[PlanRow], plan: Plan) -> str:
    rows = left or plan.conflicts
    if not rows:
        return "NetBox has the slot otherwise; a person decides."
    count = f"{len(rows)} change{'s' if len(rows) > 1 else ''}"
    return f"{count} wait{'' if len(rows) > 1 else 's'} in the plan for a person: {rows[0].label}."
