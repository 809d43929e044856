"""The page where admins say at which site each chassis stands. Who is assigned to a site stands on the people page.

Which technicians may act at a chassis follows from it, so every change is in the audit trail.
"""

from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from backplane.live.pages.answers import see_other
from backplane.live.pages.trail import UNSEEN, Deed, note, note_refusal
from backplane.people.models import Site, User
from backplane.people.roles import Role, role_required
from backplane.people.site_book import site_named
from backplane.slots import services
from backplane.slots.durable import plain_transaction
from backplane.slots.errors import CommandNotAccepted, StorageFull
from backplane.slots.models import Chassis

NO_SITE: Final = "no site"
_LONGEST: Final = 64  # the column


@dataclass(frozen=True, slots=True)
class SiteRow:
    """One site, what stands there, who is assigned to it and whose token acts there."""

    site: Site
    chassis: tuple[str, ...]
    people: tuple[str, ...]


@require_safe
@never_cache
@role_required(Role.ADMIN)
def show_sites(request: HttpRequest) -> HttpResponse:
    """List chassis with their sites, and sites with their people."""
    chassis = list(Chassis.objects.select_related("site"))
    context = {
        "chassis": chassis,
        "sites": [
            _row(site, chassis) for site in Site.objects.prefetch_related("people", "tokens")
        ],
        "longest": _LONGEST,
    }
    return render(request, "live/sites.html", context)


def _row(site: Site, chassis: list[Chassis]) -> SiteRow:
    people: list[User] = list(site.people.all())
    programs = [f"{token.name} (token)" for token in site.tokens.all() if not token.revoked_at]
    return SiteRow(
        site,
        tuple(str(row) for row in chassis if row.site_id == site.pk),
        (*sorted(person.username for person in people), *programs),
    )


@require_POST
@role_required(Role.ADMIN)
def set_site(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Say where a chassis stands; a name that is new makes a site."""
    row = get_object_or_404(Chassis.objects.select_related("site"), slug__iexact=slug)
    name = " ".join(request.POST.get("site", "").split())
    if len(name) > _LONGEST or "was" not in request.POST:
        why = f"The name of a site has {_LONGEST} characters at most."
        messages.error(request, why if "was" in request.POST else UNSEEN)
        return see_other("sites")
    was = row.site.name if row.site else NO_SITE
    deed = Deed("chassis.site", row.slug, saw=request.POST["was"] or NO_SITE)
    try:
        with plain_transaction():
            site = site_named(name)
            services.set_site(row.pk, site, request.POST["was"], timezone.now())
            if site != row.site:
                note(request, deed, f"done: {site or NO_SITE}")
    except CommandNotAccepted as refusal:
        note_refusal(request, deed, str(refusal))
        messages.error(request, str(refusal))
    except StorageFull as full:
        messages.error(request, f"Nothing was done. {full}")
    else:
        if site != row.site:
            messages.success(request, f"{row}: {site or NO_SITE}, was {was}.")
    return see_other("sites")
