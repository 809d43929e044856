"""Template tags of the inventory: its link with the number of differences, and what is planned for a slot."""

from typing import Any

from django import template
from django.conf import settings

from backplane.inventory.netbox.access import is_set
from backplane.live.inventory.badge import differences
from backplane.slots.models import Module, Slot

register = template.Library()
_OFFERED = 200  # names in the list under the box; any other can still be typed


@register.simple_tag
def simulated_reach_netbox() -> bool:
    """Whether NETBOX_ALLOW_SIMULATED lets chassis without hardware into a NetBox that is set."""
    return bool(settings.NETBOX_ALLOW_SIMULATED and is_set())


@register.inclusion_tag("inventory/_link.html", takes_context=True)
def inventory_link(context: template.Context) -> dict[str, Any]:
    """The link of the header; "current" on the inventory's own pages."""
    request = context.get("request")
    match = request.resolver_match if request is not None else None
    name = match.url_name if match else ""
    return {"differences": differences(), "page": name or ""}


@register.inclusion_tag("inventory/_planned_card.html", takes_context=True)
def planned_card(context: template.Context, slug: str, number: int) -> dict[str, Any]:
    """The form that says which module belongs into a slot."""
    found = Slot.objects.select_related("planned_module")
    slot = found.get(chassis__slug=slug, number=number)
    return {
        "planned": slot.planned_module,
        "slug": slug,
        "number": number,
        "modules": Module.objects.exclude(status="retired").order_by("name")[:_OFFERED],
        "csrf_token": context.get("csrf_token"),
    }
