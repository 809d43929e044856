"""The page of machine tokens, for admins. Making and revoking ask for the name typed and the own password."""

from datetime import datetime, time, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from backplane.people import tokens
from backplane.people.audit import actor_of
from backplane.people.audit_query import DayField
from backplane.people.models import MachineToken, Site
from backplane.people.proof import Question, ask_unless_proven
from backplane.people.roles import Role, role_required
from backplane.people.scopes import Scope
from backplane.people.site_book import words_of


class TokenForm(forms.Form):
    name = forms.RegexField(
        r"^[\w.-]{1,64}$",
        label="Name",
        error_messages={"invalid": "Letters, digits, dot, dash and underscore, 64 at most."},
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off"}),
    )
    scopes = forms.TypedMultipleChoiceField(
        choices=[(scope.value, scope.summary) for scope in Scope],
        coerce=Scope,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose what it may do."},
    )
    sites = forms.ModelMultipleChoiceField(
        Site.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose sites of this list."},
    )
    expires = DayField(required=False, label="Last day")

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if MachineToken.objects.filter(name__iexact=name).exists():
            raise ValidationError("A token has or had this name. Choose another.")
        return name

    def clean_expires(self) -> datetime | None:
        """Return the end of that day, in the server's zone."""
        day = self.cleaned_data["expires"]
        if day is None:
            return None
        end = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
        if end <= timezone.now():
            raise ValidationError("This day is over.")
        return end


@require_safe
@never_cache
@role_required(Role.ADMIN)
def show_tokens(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
@never_cache
@role_required(Role.ADMIN)
def make_token(request: HttpRequest) -> HttpResponse:
    """Make a token and show its secret, this once."""
    form = TokenForm(request.POST, label_suffix="")
    if not form.is_valid():
        return _page(request, form, status=422)
    said = form.cleaned_data
    wish = tokens.TokenWish(said["name"], said["scopes"], said["expires"], tuple(said["sites"]))
    if asked := ask_unless_proven(request, _about_making(wish, request.POST.get("expires", ""))):
        return asked
    made = tokens.make_token(actor_of(request), wish, timezone.now())
    return _page(request, made=made)


@require_POST
@role_required(Role.ADMIN)
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    row = get_object_or_404(MachineToken, pk=token_id)
    question = Question(
        heading=f"Revoke {row.name}?",
        consequence="Programs that use it are refused at once. It cannot be brought back.",
        name=row.name,
        verb=f"Revoke {row.name}",
        back=reverse("tokens"),
    )
    if asked := ask_unless_proven(request, question):
        return asked
    tokens.revoke_token(actor_of(request), token_id, timezone.now())
    return redirect("tokens")


def _about_making(wish: tokens.TokenWish, expires: str) -> Question:
    may = "; ".join(scope.summary for scope in wish.scopes)
    acts = f" It acts at {words_of(wish.sites)} alone." if wish.sites else ""
    return Question(
        heading=f"Make the token {wish.name}?",
        consequence=f"Whoever holds it: {may}.{acts}",
        name=wish.name,
        verb=f"Make {wish.name}",
        back=reverse("tokens"),
        sent={
            "name": wish.name,
            "scopes": [scope.value for scope in wish.scopes],
            "sites": [str(site.pk) for site in wish.sites],
            "expires": expires,
        },
    )


def _page(
    request: HttpRequest,
    form: TokenForm | None = None,
    made: tokens.NewToken | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "tokens": MachineToken.objects.order_by("revoked_at", "name").prefetch_related("sites"),
        "form": form or TokenForm(label_suffix=""),
        "made": made,
        "now": timezone.now(),
    }
    return render(request, "people/tokens.html", context, status=status)
