"""What a plan made in NetBox and its way back leaves there, with the address of each. Reads only."""

from dataclasses import dataclass
from typing import Final

from backplane.inventory.models import SyncPlan
from backplane.inventory.records import Action, Kind
from backplane.inventory.writing.results import Fate

_WITHOUT_PAGE: Final = frozenset({Kind.BAY_TEMPLATE, Kind.INTERFACE_TEMPLATE})


@dataclass(frozen=True, slots=True)
class Standing:
    """`url` "" where NetBox has no page for it."""

    label: str
    url: str


def left_standing(plan: SyncPlan, netbox_url: str) -> tuple[Standing, ...]:
    """Return what this plan made in NetBox; of a way back, what the plan made that it undoes."""
    made = plan.undoes or plan
    rows = made.rows.filter(action=Action.CREATE, result=Fate.DONE)
    return tuple(
        Standing(one.label, _url(one.row.kind, one.object_id, netbox_url))
        for one in rows
        if one.row.writes_netbox
    )


def _url(kind: Kind, object_id: int | None, netbox_url: str) -> str:
    if not netbox_url or object_id is None or kind in _WITHOUT_PAGE:
        return ""
    return f"{netbox_url}/{kind.value}/{object_id}/"
