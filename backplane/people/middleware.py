"""Every page is for people who signed in and chose their own password; views opt out, never in."""

from collections.abc import Callable
from typing import TypeVar

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from backplane.people.refusals import refuse_in_json, wants_json

_View = TypeVar("_View", bound=Callable[..., HttpResponseBase])


def open_before_password_change(view: _View) -> _View:
    """Let people who still have their first password use this view."""
    view.open_before_password_change = True  # type: ignore[attr-defined]  # functions carry marks, as login_not_required does
    return view


class SignedInMiddleware(LoginRequiredMiddleware):
    """Leads strangers to the sign-in page, and holders of a first password to the password page."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        *_: object,
    ) -> HttpResponseBase | None:
        if not getattr(view_func, "login_required", True):
            return None
        if not request.user.is_authenticated:
            return self._lead_to_sign_in(request, view_func)
        if not request.user.must_change_password:
            return None
        if getattr(view_func, "open_before_password_change", False):
            return None
        return _lead_to_password(request)

    def _lead_to_sign_in(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        if wants_json(request):
            message = "You are signed out. Sign in again."
            return refuse_in_json(401, message, sign_in=reverse("sign-in"))
        return self.handle_no_permission(request, view_func)


def _lead_to_password(request: HttpRequest) -> HttpResponseBase:
    if wants_json(request):
        message = "Choose a password of your own first."
        return refuse_in_json(403, message, password=reverse("password"))
    return redirect("password")
