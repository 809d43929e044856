"""Lets a program in by `Authorization: Bearer bp_...`, for one request and within its token's scopes.

Such a request has no session and needs no CSRF token: no browser sends this header by itself.
"""

import time
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from backplane.people.channels import Channel, set_channel
from backplane.people.client_address import client_address
from backplane.people.models import MachineToken
from backplane.people.refusals import refuse_in_json
from backplane.people.roles import Role
from backplane.people.scopes import needed_scope
from backplane.people.sites import Reach
from backplane.people.tokens import find_token, reach_of_token
from backplane.people.tries import Tries

_SCHEME: Final = "bearer"
failures: Final = Tries(limit=10, window_s=300)


@dataclass(slots=True)
class Machine:
    """What stands in for a person behind a token. It has no row among the people, so no id.

    `reach`: ids of the sites that it acts at; None: at every one.
    """

    name: str
    role: Role
    reach: Reach
    pk: None = None
    id: None = None
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False
    is_staff: bool = False
    is_superuser: bool = False
    must_change_password: bool = False
    is_swap_only: bool = False
    role_cap: Role | None = None

    @property
    def effective_role(self) -> Role:
        return self.role

    def get_username(self) -> str:
        return f"{self.name} (token)"

    def get_role_display(self) -> str:
        return self.role.label

    def __str__(self) -> str:
        return self.get_username()


def is_claimed(request: HttpRequest) -> bool:
    """Tell whether the request carries a bearer token, good or not."""
    scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return scheme.lower() == _SCHEME and bool(secret)


def enter(request: HttpRequest) -> HttpResponse | None:
    """Put a Machine in the place of request.user; or answer 401, 403 or 429, in JSON."""
    set_channel(request, Channel.TOKEN)
    sender, now_s = client_address(request) or "", time.monotonic()
    wait_s = failures.wait_s(sender, now_s)
    if wait_s > 0:
        answer = refuse_in_json(429, f"Too many wrong tokens. Wait {wait_s:.0f} seconds.")
        answer["Retry-After"] = str(max(1, round(wait_s)))
        return answer
    secret = request.META["HTTP_AUTHORIZATION"].partition(" ")[2].strip()
    token = find_token(secret, timezone.now())
    if token is None:
        failures.note_failure(sender, now_s)
        answer = refuse_in_json(401, "This token is unknown, expired or revoked.")
        answer["WWW-Authenticate"] = "Bearer"
        return answer
    return _within_scope(request, token)


def _within_scope(request: HttpRequest, token: MachineToken) -> HttpResponse | None:
    needed = needed_scope(request.method or "", request.path, request.POST.get("op", ""))
    if needed is None:
        return refuse_in_json(403, "No token opens this address. Sign in with a browser.")
    if needed not in token.scopes:
        return refuse_in_json(403, f"This needs a token with the scope {needed}.", scope=needed)
    request.META["HTTP_ACCEPT"] = (
        "application/json"  # programs read data, whatever their library asks for
    )
    # A bearer of a secret is no forged form: the check that follows is for cookies.
    request.csrf_processing_done = True  # type: ignore[attr-defined]  # the mark that Django's own check sets
    reach = reach_of_token(token)
    request.user = Machine(token.name, needed.role, reach)  # type: ignore[assignment]  # has what views ask of a person
    return None
