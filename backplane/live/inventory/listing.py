"""/inventory/: what is where, planned against seen, the shelf, the equipment, and the search over all of it."""

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backplane.inventory.search import LONGEST_SCRAP
from backplane.live.inventory import places
from backplane.live.inventory.equipment import equipment
from backplane.live.inventory.findables import search
from backplane.live.inventory.netbox_line import netbox_line
from backplane.people.roles import Role, has_role
from backplane.slots.models import Chassis, Module

_SHOWS: Final = (
    ("", "Everything"),
    ("differs", "Not as planned"),
    ("slots", "In slots"),
    ("shelf", "On the shelf"),
    ("retired", "Retired"),
    ("equipment", "Equipment"),
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked to see; anything unknown counts as everything."""

    scrap: str
    show: str
    chassis: str

    @property
    def slots(self) -> bool:
        return self.show in {"", "slots", "differs"}

    @property
    def shelf(self) -> bool:
        return self.show in {"", "shelf", "retired"} and not self.chassis

    @property
    def equipment(self) -> bool:
        return self.show in {"", "equipment"} and not self.chassis


@require_safe
@never_cache
def inventory(request: HttpRequest) -> HttpResponse:
    """List what is where; ?q= finds by any scrap."""
    filters = _filters(request)
    rows = places.all_rows()
    context = {
        "filters": filters,
        "shows": _SHOWS,
        "chassis_names": [(group.chassis.slug, str(group.chassis)) for group in rows],
        "hits": search(filters.scrap) if filters.scrap else None,
        "groups": _wanted(rows, filters) if filters.slots else [],
        "shelf": _shelf(filters) if filters.shelf else None,
        "equipment": equipment() if filters.equipment else None,
        "differing": sum(group.differing for group in rows),
        "netbox": netbox_line(),
        "modules": Module.objects.count(),
        "may_edit": has_role(request.user, Role.OPERATOR),
        "may_set_up": has_role(request.user, Role.ADMIN),
    }
    return render(request, "inventory/inventory.html", context)


def _filters(request: HttpRequest) -> Filters:
    show = request.GET.get("show", "")
    chassis = request.GET.get("chassis", "")
    is_known = Chassis.objects.filter(slug=chassis).exists()
    return Filters(
        " ".join(request.GET.get("q", "").split())[:LONGEST_SCRAP],
        show if show in dict(_SHOWS) else "",
        chassis if is_known else "",
    )


def _wanted(rows: list[places.ChassisRows], filters: Filters) -> list[places.ChassisRows]:
    groups = [group for group in rows if filters.chassis in ("", group.chassis.slug)]
    if filters.show != "differs":
        return groups
    differing = [
        places.ChassisRows(
            group.chassis, tuple(row for row in group.rows if row.match.is_difference)
        )
        for group in groups
    ]
    return [group for group in differing if group.rows]


def _shelf(filters: Filters) -> list[places.ShelfRow]:
    return places.retired() if filters.show == "retired" else places.shelf()
