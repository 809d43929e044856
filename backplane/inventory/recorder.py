"""Takes finished swaps for NetBox (step 9): writes one row, asks nobody, and is asked later how it stands."""

from typing import Final

from django.conf import settings
from django.utils import timezone

from backplane.inventory import nudge, state
from backplane.inventory.models import Mode, OutboxItem, OutboxState
from backplane.slots.models import Chassis, Module
from backplane.swaps.ports import Recorded, RecordOutcome, SwapResult
from backplane.swaps.services.recording import planned_lines

_OUTCOMES: Final = {
    OutboxState.WAITS: RecordOutcome.QUEUED,
    OutboxState.DONE: RecordOutcome.WRITTEN,
    OutboxState.PLANNED: RecordOutcome.PLANNED,
    OutboxState.DROPPED: RecordOutcome.PLANNED,
}


class NetBoxRecorder:
    """Keeps swaps.ports.Recorder. Called inside the swap's transaction."""

    def record(self, result: SwapResult) -> Recorded:
        lines = planned_lines(result)
        refusal = _refusal(result)
        if refusal:
            return Recorded(RecordOutcome.NOT_CONNECTED, refusal, lines)
        item, _ = OutboxItem.objects.get_or_create(
            swap_id=result.swap_id,
            defaults={
                "chassis_slug": result.chassis_slug,
                "slot_number": result.slot_number,
                "subjects": _subjects(result),
                "lines": [list(line) for line in lines],
                "made_at": timezone.now(),
            },
        )
        nudge.nudge_after_commit()
        if state.mode() is Mode.PLAN:
            text = "Stored for approval. NetBox is changed when somebody applies the plan."
            return Recorded(RecordOutcome.PLANNED, text, lines, _url(item))
        return Recorded(RecordOutcome.QUEUED, "Waits to be written to NetBox.", lines)

    def settle(self, swap_id: int) -> Recorded | None:
        item = OutboxItem.objects.filter(swap_id=swap_id).select_related("plan").first()
        if item is None or item.state == OutboxState.WAITS:
            return None
        lines = tuple((str(one[0]), str(one[1]), str(one[2])) for one in item.lines)
        return Recorded(_OUTCOMES[OutboxState(item.state)], item.text, lines, _url(item))


def _refusal(result: SwapResult) -> str:
    """Say why NetBox does not learn of a swap; "" when it does."""
    if state.mode() is Mode.OFF:
        return "No inventory is connected. This is what would be written."
    chassis = Chassis.objects.filter(slug=result.chassis_slug).first()
    if chassis is not None and chassis.is_replayed:
        return "This chassis is played from a recording, so NetBox does not learn of it."
    if chassis is not None and chassis.is_simulated and not settings.NETBOX_ALLOW_SIMULATED:
        return "This chassis is simulated, so NetBox does not learn of it."
    return ""


def _subjects(result: SwapResult) -> list[str]:
    ids = [one for one in (result.old_module_id, result.new_module_id) if one is not None]
    return list(Module.objects.filter(pk__in=ids).order_by("pk").values_list("uid", flat=True))


def _url(item: OutboxItem) -> str:
    return f"/inventory/plan/{item.plan_id}/" if item.plan_id else "/inventory/"
