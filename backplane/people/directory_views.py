"""The page where admins decide who may do what. Decides nothing itself: directory.py does."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from backplane.people import directory
from backplane.people.forms import AddPersonForm, RoleForm
from backplane.people.models import User
from backplane.people.roles import Role, role_required


@require_safe
@role_required(Role.ADMIN)
def show_people(request: HttpRequest) -> HttpResponse:
    return _page(request)


@never_cache
@require_POST
@role_required(Role.ADMIN)
def add_person(request: HttpRequest) -> HttpResponse:
    """Add a person and show their first password, this once."""
    form = AddPersonForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    role = Role(form.cleaned_data["role"])
    added = directory.add_person(form.cleaned_data["username"], role, _admin(request))
    return _page(request, handed_over=added)


@require_POST
@role_required(Role.ADMIN)
def change_role(request: HttpRequest, user_id: int) -> HttpResponse:
    get_object_or_404(User, pk=user_id)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "There is no such role.")
        return redirect("people")
    try:
        person = directory.change_role(user_id, form.cleaned_data["role"], _admin(request))
    except directory.LastAdminError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{person} is now {person.role}.")
    return redirect("people")


@require_POST
@role_required(Role.ADMIN)
def set_active(request: HttpRequest, user_id: int) -> HttpResponse:
    """Keep a person out (active=0) or let them in again (active=1)."""
    get_object_or_404(User, pk=user_id)
    is_active = request.POST.get("active") == "1"
    try:
        person = directory.set_active(user_id, _admin(request), is_active=is_active)
    except directory.LastAdminError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, f"{person} {'may sign in again' if is_active else 'is kept out'}."
        )
    return redirect("people")


@never_cache
@require_POST
@role_required(Role.ADMIN)
def give_new_password(request: HttpRequest, user_id: int) -> HttpResponse:
    """Replace a forgotten password and show the new one, this once."""
    get_object_or_404(User, pk=user_id)
    given = directory.give_new_password(user_id, _admin(request))
    return _page(request, handed_over=given)


def _page(
    request: HttpRequest,
    form: AddPersonForm | None = None,
    handed_over: directory.HandedOver | None = None,
    status: int = 200,
) -> HttpResponse:
    # The password goes into this answer alone: a message would lie in a cookie or a session.
    context = {
        "people": User.objects.order_by("-is_active", "username"),
        "roles": list(Role),
        "form": form or AddPersonForm(),
        "handed_over": handed_over,
    }
    return render(request, "people/people.html", context, status=status)


def _admin(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  (role_required let nobody else pass)
    return request.user
