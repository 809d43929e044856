"""Pages that record and change one thing: module, carrier, supply, controller. Undone for a moment, kept in the trail."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from backplane.live.inventory import undo
from backplane.live.inventory.asset_forms import AssetForm, form_of, said_by
from backplane.people import audit
from backplane.people.roles import Role, role_required
from backplane.slots.assets import change_asset, words_of
from backplane.slots.durable import plain_transaction
from backplane.slots.errors import StorageFull
from backplane.slots.models import Asset, Carrier, Controller, Module, Supply


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of asset as addresses and pages call it."""

    slug: str
    noun: str
    model: type[Asset]
    can_be_made: bool = True


_KINDS: Final = {
    kind.slug: kind
    for kind in (
        Kind("modules", "module", Module),
        Kind("carriers", "carrier", Carrier, can_be_made=False),
        Kind("supplies", "supply", Supply),
        Kind("controllers", "controller", Controller),
    )
}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@role_required(Role.OPERATOR)
def new(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Record a thing that is not known yet."""
    of = _kind(kind)
    if not of.can_be_made:
        raise Http404("A carrier is known as soon as it is in a slot.")
    asset = of.model()
    if request.method != "POST":
        form = form_of(asset)
        form.initial.update(
            {name: request.GET[name] for name in form.fields if name in request.GET}
        )
        return _page(request, of, form)
    form = form_of(asset, request.POST)
    if not form.is_valid():
        return _page(request, of, form, status=422)
    if _store(request, of, asset, form.cleaned_data):
        messages.success(request, f"{asset} recorded.")
    return _see(asset)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@role_required(Role.OPERATOR)
def edit(request: HttpRequest, kind: str, pk: int) -> HttpResponseBase:
    """Change what is recorded of a thing; undone within a minute."""
    of = _kind(kind)
    asset = get_object_or_404(of.model, pk=pk)
    before = said_by(form_of(asset))
    if request.method != "POST":
        return _page(request, of, form_of(asset))
    if request.POST.get("seen") != mark_of(before):
        return _page(request, of, form_of(asset), status=409)
    form = form_of(asset, request.POST)
    if not form.is_valid():
        return _page(request, of, form, status=422)
    fresh = get_object_or_404(of.model, pk=pk)  # validation has written into the other one
    if _store(request, of, fresh, form.cleaned_data):
        undo.offer(request, undo.Before(kind, pk, before, mark_of(said_by(form_of(fresh)))))
    return _see(fresh)


@require_POST
@role_required(Role.OPERATOR)
def take_back(request: HttpRequest, kind: str, pk: int) -> HttpResponseBase:
    """Give a thing the values back that it had before the last change, unless somebody changed it since."""
    of = _kind(kind)
    asset = get_object_or_404(of.model, pk=pk)
    before = undo.take(request, kind, pk)
    if before is None:
        messages.error(request, "Too late to undo. Change it with the form.")
        return _see(asset)
    if mark_of(said_by(form_of(asset))) != before.mark:
        messages.error(request, "Not undone: somebody changed it since.")
        return _see(asset)
    form = form_of(asset, before.values)
    if not form.is_valid():
        messages.error(request, "Not undone: the old values are in use elsewhere by now.")
    elif _store(request, of, get_object_or_404(of.model, pk=pk), form.cleaned_data):
        messages.success(request, "Undone.")
    return _see(asset)


def mark_of(values: Mapping[str, str]) -> str:
    """Return what changes when one of the values does."""
    return hashlib.sha256(json.dumps(dict(values), sort_keys=True).encode()).hexdigest()[:16]


def _kind(slug: str) -> Kind:
    if slug not in _KINDS:
        message = f"No kind of thing is called {slug}."
        raise Http404(message)
    return _KINDS[slug]


def _store(request: HttpRequest, of: Kind, asset: Asset, values: dict[str, Any]) -> bool:
    """Write the change and the trail, both or none; tell whether anything changed."""
    is_new = asset.pk is None
    try:
        with plain_transaction():
            changed = change_asset(asset, values, timezone.now())
            if changed or is_new:
                _note(request, of, asset, changed, is_new=is_new)
    except StorageFull as full:
        messages.error(request, f"Nothing was saved. {full}")
        return False
    return bool(changed) or is_new


def _note(
    request: HttpRequest, of: Kind, asset: Asset, changed: dict[str, list[str]], *, is_new: bool
) -> None:
    said = ", ".join(f"{name} {old or '-'} to {now or '-'}" for name, (old, now) in changed.items())
    act = audit.Act(
        action=f"inventory.{of.noun}",
        subject=words_of(asset),
        outcome="done: recorded" if is_new else f"done: {said}",
        detail={"id": asset.pk, "changed": changed},
    )
    audit.record(audit.actor_of(request), act)


def _see(asset: Asset) -> HttpResponseBase:
    if isinstance(asset, Module) and asset.pk:
        url = reverse("module-life", args=(asset.pk,))
    elif isinstance(asset, Carrier):
        url = reverse("carrier-life", args=(asset.pk,))
    else:
        url = f"{reverse('inventory')}?show=equipment"
    answer = redirect(url)
    answer.status_code = 303
    return answer


def _page(request: HttpRequest, of: Kind, form: AssetForm, status: int = 200) -> HttpResponse:
    asset = form.instance
    context = {
        "kind": of,
        "form": form,
        "asset": asset if asset.pk else None,
        "seen": mark_of(said_by(form_of(of.model.objects.get(pk=asset.pk)))) if asset.pk else "",  # type: ignore[attr-defined]  # the models below Asset have managers
        "has_changed": status == 409,
    }
    return render(request, "inventory/asset.html", context, status=status)
