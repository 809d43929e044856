"""How the link to a chassis does, as a part of the chassis page that its script fetches anew."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backplane.live.pages.link_panel import panel_of
from backplane.slots.firmware_notice import FirmwareNotice, notice_of, shipped_version
from backplane.slots.link_health import store
from backplane.slots.models import Chassis
from backplane.slots.services.firmware import CAP_UPDATE


def link_context(chassis: Chassis) -> dict[str, object]:
    """Return what the panel draws."""
    now = timezone.now()
    return {
        "link_panel": panel_of(store.of(chassis.pk, now), now),
        "link_at": now,
        "link_firmware": _firmware(chassis),
        "link_is_up": chassis.link_is_up,
    }


def _firmware(chassis: Chassis) -> FirmwareNotice:
    # A board without two folders takes a new version by its USB port alone.
    can_update = (chassis.caps or 0) & CAP_UPDATE
    command = (
        f"python manage.py update_firmware --chassis {chassis.slug}"
        if can_update
        else f"python manage.py install_firmware --port PORT --board {chassis.board_name or 'NAME'}"
    )
    return notice_of(chassis.firmware_version, shipped_version(), command)


@require_safe
@never_cache
def link_health(request: HttpRequest, slug: str) -> HttpResponse:
    """The panel alone."""
    chassis = Chassis.objects.filter(slug__iexact=slug).first()
    if chassis is None:
        raise Http404(f"No chassis {slug}.")
    return render(request, "live/_link_panel.html", link_context(chassis))
