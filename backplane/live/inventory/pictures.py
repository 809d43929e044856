"""Secret addresses of chassis pictures, for NetBox pages and wikis: made and revoked by admins, served to whoever has one.

A picture tells states and names, never serials or addresses; a revoked one is gone at once.
"""

from datetime import timedelta
from typing import Final

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from backplane.live.inventory.rack_picture import picture_of
from backplane.live.rendering import chassis_view
from backplane.live.selectors import load_chassis_by_id
from backplane.people import audit
from backplane.people.models.keys import hash_of, new_secret
from backplane.people.roles import Role, role_required
from backplane.slots.durable import plain_transaction
from backplane.slots.models import Chassis, RackPicture

_HINT_LENGTH: Final = 6
_COARSE: Final = timedelta(
    minutes=15
)  # one write per address in this time, however often it is shown
# Opened by itself the file runs nothing, loads nothing and has no origin; its own style is all it needs.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


class PictureForm(forms.Form):
    chassis = forms.ModelChoiceField(
        Chassis.objects.all(), to_field_name="slug", empty_label=None, label="Chassis"
    )
    used_for = forms.CharField(
        max_length=64, label="Used for", help_text="Such as NetBox, or wiki."
    )


@require_safe
@never_cache
@login_not_required
def picture(_request: HttpRequest, secret: str) -> HttpResponse:
    """The picture behind a secret address; 404 for any other."""
    row = RackPicture.objects.filter(secret_hash=hash_of(secret), revoked_at=None).first()
    record = load_chassis_by_id(row.chassis_id) if row else None
    if row is None or record is None:
        raise Http404("No such picture.")
    now = timezone.now()
    if row.last_used_at is None or row.last_used_at < now - _COARSE:
        RackPicture.objects.filter(pk=row.pk).update(last_used_at=now)
    shown = picture_of(chassis_view(record, now), row.chassis, now)
    drawn = render_to_string("inventory/rack.svg", {"picture": shown})  # no request: nobody's name
    answer = HttpResponse(drawn, content_type="image/svg+xml")
    answer.headers["Content-Security-Policy"] = _POLICY
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


@require_safe
@never_cache
@role_required(Role.ADMIN)
def show(request: HttpRequest) -> HttpResponse:
    """List the addresses, by what they are used for."""
    return _page(request)


@require_POST
@never_cache
@role_required(Role.ADMIN)
def make(request: HttpRequest) -> HttpResponse:
    """Make an address and show it, this once."""
    form = PictureForm(request.POST, label_suffix="")
    if not form.is_valid():
        return _page(request, form, status=422)
    secret, chassis = new_secret(), form.cleaned_data["chassis"]
    with plain_transaction():
        row = RackPicture.objects.create(
            chassis=chassis,
            used_for=form.cleaned_data["used_for"],
            secret_hash=hash_of(secret),
            hint=secret[:_HINT_LENGTH],
            made_at=timezone.now(),
            made_by=request.user.get_username(),
        )
        _note(request, row, "made")
    path = reverse("rack-picture", args=(secret,))
    public = str(settings.PUBLIC_URL)
    return _page(request, made=f"{public}{path}" if public else request.build_absolute_uri(path))


@require_POST
@role_required(Role.ADMIN)
def revoke(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Make an address lead nowhere from now on."""
    row = get_object_or_404(RackPicture, pk=pk)
    with plain_transaction():
        open_rows = RackPicture.objects.filter(pk=pk, revoked_at=None)
        if open_rows.update(revoked_at=timezone.now(), revoked_by=request.user.get_username()):
            _note(request, row, "revoked")
    answer = redirect("rack-pictures")
    answer.status_code = 303
    return answer


def _note(request: HttpRequest, row: RackPicture, outcome: str) -> None:
    act = audit.Act(
        action="inventory.picture",
        subject=str(row),
        chassis=row.chassis.slug,
        outcome=outcome,
        detail={"hint": row.hint},
    )
    audit.record(audit.actor_of(request), act)


def _page(
    request: HttpRequest, form: PictureForm | None = None, made: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "pictures": RackPicture.objects.select_related("chassis").order_by("revoked_at", "-pk"),
        "form": form or PictureForm(label_suffix=""),
        "made": made,
    }
    return render(request, "inventory/pictures.html", context, status=status)
