"""Which supplies of a chassis are lost, as its events tell. Nothing is cut for it here."""

from backplane.slots.facts import EventKind
from backplane.slots.models import HardwareEvent
from backplane.slots.services.work import Work


def note_supply(work: Work, event: HardwareEvent) -> None:
    """Keep Chassis.lost_supplies in step with SUPPLY_LOST and SUPPLY_BACK; other events say nothing of it."""
    lost = set(work.chassis.lost_supplies)
    if event.kind == EventKind.SUPPLY_LOST:
        lost.add(event.value)
    elif event.kind == EventKind.SUPPLY_BACK:
        lost.discard(event.value)
    else:
        return
    if work.set_chassis(lost_supplies=sorted(lost)):
        work.touch()
