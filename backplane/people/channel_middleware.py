"""Finds out by which channel a request comes and keeps it within that channel's fence.

Stands after authentication: a phone's session caps request.user; a machine's token takes its place.
"""

from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin

from backplane.people import bearer, phone_session, scopes
from backplane.people.channels import SWAPS, Channel, channel_of, set_channel
from backplane.people.models import User
from backplane.people.refusals import refuse_in_json, wants_json
from backplane.people.roles import Role

_PROBE: Final = "/healthz"  # answers while the database, and so every session, is out of reach


class ChannelMiddleware(MiddlewareMixin):
    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:
        """Set request.channel; answer at once what the channel may not ask for."""
        if bearer.is_claimed(request):
            return bearer.enter(request)
        set_channel(request, Channel.DESK)
        if request.path.startswith(_PROBE) or not phone_session.is_of_phone(request.session):
            return None
        return _as_phone(request)

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Keep pages from machines: they get data or a refusal."""
        is_page = response.get("Content-Type", "").startswith("text/html")
        if channel_of(request) == Channel.TOKEN and is_page:
            status = response.status_code if response.status_code >= 400 else 406
            return refuse_in_json(status, "There is no data for programs at this address.")
        return response


def _as_phone(request: HttpRequest) -> HttpResponseBase | None:
    user = request.user
    if not isinstance(user, User) or not phone_session.admit(request.session, user, timezone.now()):
        request.session.flush()
        request.user = AnonymousUser()
        return None
    set_channel(request, Channel.PHONE)
    if user.is_swap_only and not scopes.is_of_swaps(request.path):
        user.role_cap = Role.VIEWER  # the chassis page is there to look at
    if scopes.phone_may(request.method or "", request.path, is_swap_only=user.is_swap_only):
        return None
    if user.is_swap_only and request.path == "/":
        return redirect(SWAPS)
    return _refuse(request, user)


def _refuse(request: HttpRequest, user: User) -> HttpResponse:
    """Answer 403 with a sentence, and where to go."""
    where = SWAPS if user.is_swap_only else "/"
    sentence = (
        "This phone is signed in for swaps only."
        if user.is_swap_only
        else "This is not done from a phone's sign-in. Do it at the desk."
    )
    if wants_json(request):
        return refuse_in_json(403, sentence, go_to=where)
    context = {"sentence": sentence, "where": where, "is_swap_only": user.is_swap_only}
    return render(request, "people/phone_refused.html", context, status=403)
