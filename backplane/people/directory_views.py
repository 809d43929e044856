"""The page where admins decide who may do what. Decides nothing itself: directory.py does."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from backplane.people import directory, site_book
from backplane.people.audit import actor_of
from backplane.people.forms import AddPersonForm, RoleForm, SitesForm
from backplane.people.grave_changes import (
    GRAVE,
    about_active,
    about_adding,
    about_password,
    about_role,
)
from backplane.people.models import Site, User
from backplane.people.proof import ask_unless_proven
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
    name = form.cleaned_data["username"]
    if role in GRAVE and (asked := ask_unless_proven(request, about_adding(name, role))):
        return asked
    added = directory.add_person(name, role, actor_of(request))
    return _page(request, handed_over=added)


@require_POST
@role_required(Role.ADMIN)
def change_role(request: HttpRequest, user_id: int) -> HttpResponse:
    """Give a person another role; to operator or admin, or away from admin, only with a proof."""
    person = get_object_or_404(User, pk=user_id)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "There is no such role.")
        return redirect("people")
    role: Role = form.cleaned_data["role"]
    seen: Role = form.cleaned_data["was"]
    is_grave = person.role != role and (role in GRAVE or person.role == Role.ADMIN)
    if is_grave and (asked := ask_unless_proven(request, about_role(person, role, seen))):
        return asked
    try:
        person = directory.change_role(user_id, role, seen, actor_of(request))
    except (directory.LastAdminError, directory.RoleMovedOnError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{person} is now {person.role}.")
    return redirect("people")


@require_POST
@role_required(Role.ADMIN)
def set_active(request: HttpRequest, user_id: int) -> HttpResponse:
    """Keep a person out (active=0) or let them in again (active=1)."""
    person = get_object_or_404(User, pk=user_id)
    is_active = request.POST.get("active") == "1"
    if person.role == Role.ADMIN:
        asked = ask_unless_proven(request, about_active(person, is_active=is_active))
        if asked is not None:
            return asked
    try:
        person = directory.set_active(user_id, actor_of(request), is_active=is_active)
    except directory.LastAdminError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, f"{person} {'may sign in again' if is_active else 'is kept out'}."
        )
    return redirect("people")


@require_POST
@role_required(Role.ADMIN)
def set_sites(request: HttpRequest, user_id: int) -> HttpResponse:
    """Assign a person to sites; none: everywhere. What the admin was shown comes along as `was`."""
    person = get_object_or_404(User, pk=user_id)
    form = SitesForm(request.POST)
    if not form.is_valid():
        messages.error(request, "There is no such site.")
        return redirect("people")
    chosen, seen = ([site.pk for site in form.cleaned_data[name]] for name in ("sites", "was"))
    try:
        person = site_book.assign_sites(user_id, chosen, seen, actor_of(request))
    except site_book.SitesMovedOnError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{person}: {site_book.words_of(person.sites.all())}.")
    return redirect("people")


@never_cache
@require_POST
@role_required(Role.ADMIN)
def give_new_password(request: HttpRequest, user_id: int) -> HttpResponse:
    """Replace a forgotten password and show the new one, this once."""
    person = get_object_or_404(User, pk=user_id)
    if person.role in GRAVE and (asked := ask_unless_proven(request, about_password(person))):
        return asked
    given = directory.give_new_password(user_id, actor_of(request))
    return _page(request, handed_over=given)


def _page(
    request: HttpRequest,
    form: AddPersonForm | None = None,
    handed_over: directory.HandedOver | None = None,
    status: int = 200,
) -> HttpResponse:
    # The password goes into this answer alone: a message would lie in a cookie or a session.
    context = {
        "people": User.objects.order_by("-is_active", "username").prefetch_related("sites"),
        "sites": list(Site.objects.all()),
        "roles": list(Role),
        "form": form or AddPersonForm(),
        "handed_over": handed_over,
    }
    return render(request, "people/people.html", context, status=status)
