"""The phone's side of signing in: what the QR leads to, the code that it shows, the way in.

The secret is in the address of the first page alone, which sends no referrer. GET changes nothing: previews
and prefetches of the link use nothing up.
"""

import secrets
import time
from typing import Final

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backplane.people import phones
from backplane.people.channels import SWAPS
from backplane.people.client_address import client_address
from backplane.people.models import PhonePass
from backplane.people.refusals import refuse_in_json, wants_json
from backplane.people.tries import Tries

guesses: Final = Tries(limit=10, window_s=300)
_NONCE: Final = "phone-form"
_NO_REFERRER: Final = "no-referrer"


@csrf_exempt  # without a referrer browsers send "Origin: null", which Django's check refuses; _is_own_form checks
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def phone(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Where the QR leads: GET shows for whom it is, POST uses it up."""
    sender = client_address(request) or ""
    if (wait_s := guesses.wait_s(sender, time.monotonic())) > 0:
        return _over(request, 429, wait_s)
    now = timezone.now()
    row = phones.find_unused(secret, now)
    if row is None:
        guesses.note_failure(sender, time.monotonic())
        return _over(request, 410)
    if request.method != "POST" or not _is_own_form(request):
        return _welcome(request, row)
    used = phones.use_pass(request, secret, now)
    if used is None:
        return _over(request, 410)
    request.session[phones.WAITING_KEY] = used.pk
    return redirect("phone-wait")


@login_not_required
@never_cache
@require_safe
def phone_wait(request: HttpRequest) -> HttpResponse:
    """Show the code, then that the desk has confirmed it, or that it is over."""
    row = phones.waiting_pass(request.session)
    context = {"row": row, "state": _state(row)}
    return render(request, "people/phone_wait.html", context)


@login_not_required
@require_safe
def phone_state(request: HttpRequest) -> JsonResponse:
    """What the waiting page's script looks at each second."""
    state = _state(phones.waiting_pass(request.session))
    return JsonResponse({"state": state}, headers={"Cache-Control": "no-store"})


@login_not_required
@require_POST
def phone_enter(request: HttpRequest) -> HttpResponseBase:
    """Sign the phone in, once the desk has confirmed its code."""
    row = phones.waiting_pass(request.session)
    if row is None or not phones.sign_in(request, row, timezone.now()):
        return redirect("phone-wait")
    return redirect(SWAPS if row.is_swap_only else "/")


def _welcome(request: HttpRequest, row: PhonePass) -> HttpResponse:
    nonce = secrets.token_urlsafe(16)
    context = {"row": row, "nonce": nonce, "in_as": request.user}
    answer = render(request, "people/phone.html", context)
    answer["Referrer-Policy"] = _NO_REFERRER
    answer.set_cookie(
        _NONCE, nonce, max_age=300, path="/phone/", httponly=True, samesite="Strict",
        secure=request.is_secure(),
    )  # fmt: skip
    return answer


def _is_own_form(request: HttpRequest) -> bool:
    """Tell whether the POST comes from the page that we showed: its cookie and its form agree."""
    cookie, sent = request.COOKIES.get(_NONCE, ""), request.POST.get("nonce", "")
    return bool(cookie) and constant_time_compare(cookie, sent)


def _over(request: HttpRequest, status: int, wait_s: float = 0) -> HttpResponse:
    """Answer that the QR is over: the same for used, expired, replaced and never made."""
    if wants_json(request):
        answer: HttpResponse = refuse_in_json(status, "This QR code is over.")
    else:
        context = {"wait_minutes": -(-int(wait_s) // 60)}
        answer = render(request, "people/phone_over.html", context, status=status)
    answer["Referrer-Policy"] = _NO_REFERRER
    if wait_s:
        answer["Retry-After"] = str(max(1, round(wait_s)))
    return answer


def _state(row: PhonePass | None) -> str:
    """Return waits, confirmed or over."""
    if row is None or row.ended_at or row.signed_in_at or row.expires_at <= timezone.now():
        return "over"
    return "confirmed" if row.confirmed_at else "waits"
