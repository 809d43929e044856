"""The four roles, what each may do, and the guard that views stand behind.

A role includes those below it. Nothing here writes; models.py stores the role.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from backplane.people.refusals import refuse_in_json, wants_json


class Role(StrEnum):
    """What a person may do, from least to most: the order of the members is the order of the roles."""

    VIEWER = "viewer"
    TECHNICIAN = "technician"
    OPERATOR = "operator"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        return list(Role).index(self)

    @property
    def label(self) -> str:
        return self.value.capitalize()

    @property
    def summary(self) -> str:
        """Say what the role adds to the one below it."""
        return _SUMMARIES[self]

    def includes(self, needed: "Role") -> bool:
        """Tell whether who has this role may do what `needed` may do."""
        return self.rank >= needed.rank

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(role.value, role.label) for role in cls]


_SUMMARIES = {
    Role.VIEWER: "Looks, changes nothing.",
    Role.TECHNICIAN: "Also lights a slot to find it, and swaps modules; at the assigned sites, if any.",
    Role.OPERATOR: "Also switches power, shuts down, and rehearses faults.",
    Role.ADMIN: "Also decides who may do what.",
}


class Person(Protocol):
    """What has_role needs to know of a user; Django's AnonymousUser fits too, by having no role."""

    @property
    def is_authenticated(self) -> bool: ...
    @property
    def is_active(self) -> bool: ...


def effective_role_of(user: object) -> Role | None:
    """Return the person's role, or the session's cap (`role_cap`) where that is lower; None for strangers."""
    role, cap = getattr(user, "role", None), getattr(user, "role_cap", None)
    if role is None:
        return None
    return Role(role) if cap is None else min(Role(role), Role(cap), key=lambda one: one.rank)


def has_role(user: Person, needed: Role) -> bool:
    """Tell whether `user` is signed in, active, done with the first password, and of this role or above.

    A session's cap counts: an admin's phone is a technician.
    """
    role = effective_role_of(user)
    if role is None or not (user.is_authenticated and user.is_active):
        return False
    if getattr(user, "must_change_password", False):
        return False
    return role.includes(needed)


P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

_HOLDERS_SHOWN = 5  # enough to find one at work, few enough to read


def role_required(needed: Role) -> Callable[[View[P]], View[P]]:
    """Guard a view: others than `needed` and above get a 403 that names the role and who has it."""

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not has_role(request.user, needed):
                return refuse_for_role(request, needed)
            return view(request, *args, **kwargs)

        return guarded

    return guard


def refuse_for_role(request: HttpRequest, needed: Role) -> HttpResponse:
    """Answer 403, naming the role that is needed and the people who have it."""
    enough = [role for role in Role if role.includes(needed)]
    holders = get_user_model().objects.filter(is_active=True, role__in=enough).order_by("username")
    names = [user.get_username() for user in holders[:_HOLDERS_SHOWN]]
    if wants_json(request):
        ask = f" Ask {', '.join(names)}." if names else ""
        return refuse_in_json(403, f"This needs the role {needed}.{ask}", role=needed)
    context = {"needed": needed, "holders": names}
    return render(request, "people/forbidden.html", context, status=403)
