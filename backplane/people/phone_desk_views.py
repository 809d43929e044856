"""The desk's side of signing a phone in: the QR, the codes that wait, the phones that are in."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from backplane.people import phones
from backplane.people.audit import actor_of
from backplane.people.models import PhonePass, User
from backplane.people.models.keys import PhonePassQuerySet
from backplane.people.qr import qr_as_data_uri
from backplane.people.roles import Role, has_role, role_required

_LOCAL_NAMES = {"localhost", "127.0.0.1", "::1"}


@require_safe
@never_cache
@role_required(Role.VIEWER)
def show_phones(request: HttpRequest) -> HttpResponse:
    """Show the codes that wait and the phones that are in; admins see everybody's phones."""
    return _page(request, {})


@require_POST
@never_cache
@role_required(Role.VIEWER)
def show_qr(request: HttpRequest) -> HttpResponse:
    """Make a new QR and show it, this once: its secret is kept nowhere."""
    is_swap_only = request.POST.get("swap_only") == "1"
    owner, now = _person(request), timezone.now()
    made = phones.make_pass(actor_of(request), owner, now, is_swap_only=is_swap_only)
    address = _public(request, reverse("phone", args=(made.secret,)))
    context = {
        "qr": qr_as_data_uri(address),
        "qr_for_s": int(phones.QR_LIFE.total_seconds()),
        "qr_until": made.row.expires_at,
        "qr_swap_only": is_swap_only,
        "only_here": urlsplit(address).hostname in _LOCAL_NAMES,
    }
    return _page(request, context)


@require_safe
@role_required(Role.VIEWER)
def phones_state(request: HttpRequest) -> JsonResponse:
    """What the page's script looks at each second: it shows the page anew when this differs."""
    return JsonResponse({"state": _state(request)}, headers={"Cache-Control": "no-store"})


@require_POST
@role_required(Role.VIEWER)
def confirm_phone(request: HttpRequest) -> HttpResponse:
    """Let in the phone that shows the code typed here. Only whose QR it was may say so."""
    code = request.POST.get("code", "")
    row = phones.confirm(request, _person(request), code, timezone.now())
    if row is not None:
        messages.success(request, f"{row.device} is let in.")
    else:
        messages.error(request, "No phone that waits shows that code. Nobody was let in.")
    return redirect("phones")


@require_POST
@role_required(Role.VIEWER)
def end_phone(request: HttpRequest, pass_id: int) -> HttpResponse:
    """Refuse a phone that waits, or sign one out that is in."""
    rows = PhonePass.objects.select_related("owner")
    if not has_role(request.user, Role.ADMIN):
        rows = rows.filter(owner=_person(request))
    row = get_object_or_404(rows, pk=pass_id)
    if phones.end_pass(request, row, timezone.now()):
        said = "is signed out" if row.signed_in_at else "is refused"
        messages.success(request, f"{row.device or 'The phone'} {said}.")
    return redirect("phones")


def _page(request: HttpRequest, qr: dict[str, object]) -> HttpResponse:
    waiting = phones.waiting(_person(request), timezone.now())
    context = {
        "waiting": waiting,
        "asking": [row for row in waiting if row.confirmed_at is None],
        "inside": _inside(request).select_related("owner"),
        "state": _state(request),
        **qr,
    }
    return render(request, "people/phones.html", context)


def _state(request: HttpRequest) -> str:
    waiting = phones.waiting(_person(request), timezone.now())
    waits = [(row.pk, row.confirmed_at is not None) for row in waiting]
    inside = list(_inside(request).values_list("pk", flat=True))
    return f"{waits} {inside}"


def _inside(request: HttpRequest) -> PhonePassQuerySet:
    rows = PhonePass.objects.signed_in(timezone.now())
    return rows if has_role(request.user, Role.ADMIN) else rows.filter(owner=_person(request))


def _public(request: HttpRequest, path: str) -> str:
    return (
        f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)
    )


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  (no machine's token reaches /settings/)
    return request.user
