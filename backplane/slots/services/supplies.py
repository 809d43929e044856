"""Which supplies of a chassis are lost: as its events tell, and as the board answers. Nothing is cut for it here.

Where events are missing and no answer came, what was told last still counts for the budget and is shown as not known.
"""

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


def note_supplies_good(work: Work, mask: int | None) -> None:
    """Keep what the board answered: bit n is supply n; None: it gave no answer, so it is not known."""
    values: dict[str, object] = {"supplies_known": mask is not None}
    if mask is not None:
        numbers = (supply.number for supply in work.chassis.profile.supplies)
        values["lost_supplies"] = sorted(each for each in numbers if not mask >> each & 1)
    if work.set_chassis(**values):
        work.touch()
