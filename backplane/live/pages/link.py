"""How the link to a chassis does, as a part of the chassis page that its script fetches anew."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backplane.live.pages.link_panel import panel_of
from backplane.slots.link_health import store
from backplane.slots.models import Chassis


def link_context(chassis_id: int) -> dict[str, object]:
    """Return what the panel draws."""
    now = timezone.now()
    return {"link_panel": panel_of(store.of(chassis_id, now), now), "link_at": now}


@require_safe
@never_cache
def link_health(request: HttpRequest, slug: str) -> HttpResponse:
    """The panel alone."""
    chassis_id = Chassis.objects.filter(slug__iexact=slug).values_list("pk", flat=True).first()
    if chassis_id is None:
        raise Http404(f"No chassis {slug}.")
    return render(request, "live/_link_panel.html", link_context(chassis_id))
