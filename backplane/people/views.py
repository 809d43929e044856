"""Sign in, sign out, change the password; and what happens when a form is too old."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator

from backplane.people import audit
from backplane.people.client_address import is_from_this_machine
from backplane.people.first_account import first_password_file
from backplane.people.forms import OwnPasswordForm
from backplane.people.middleware import open_before_password_change
from backplane.people.refusals import refuse_in_json, wants_json
from backplane.people.roles import Role, refuse_for_role


@method_decorator(login_not_required, name="dispatch")
class SignInView(LoginView):
    """Django's own, which follows `next` only within this site."""

    template_name = "people/sign_in.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:  # noqa: ANN401  (Django's own signature)
        hint = _first_password_hint(self.request)
        return super().get_context_data(**kwargs, first_password_file=hint)


@method_decorator(open_before_password_change, name="dispatch")
class SignOutView(LogoutView):
    """Django's own: POST only."""


@method_decorator(open_before_password_change, name="dispatch")
class PasswordView(PasswordChangeView):
    """Changes one's own password; ends the time of a first password."""

    template_name = "people/password.html"
    form_class = OwnPasswordForm
    success_url = "/"

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        messages.success(self.request, "Password changed.")
        actor = audit.actor_of(self.request)
        audit.record(actor, audit.Act("password.change", actor.name, outcome="changed"))
        return super().form_valid(form)


@login_not_required
def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """Stand in for the Django admin's own sign-in form: there is one way in, and it is throttled."""
    if request.user.is_authenticated:
        return refuse_for_role(request, Role.ADMIN)
    return redirect(f"{reverse('sign-in')}?{urlencode({'next': request.GET.get('next', '')})}")


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a POST without a good CSRF token (CSRF_FAILURE_VIEW)."""
    if wants_json(request):
        return refuse_in_json(403, "This page is too old. Reload it and try again.", reason=reason)
    return render(request, "people/form_expired.html", {"reason": reason}, status=403)


def _first_password_hint(request: HttpRequest) -> Path | None:
    path = first_password_file()
    return path if is_from_this_machine(request) and path.exists() else None
