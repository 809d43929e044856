"""The event page: everything that happened, newest first, filtered and in pages."""

from dataclasses import asdict
from typing import Final
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backplane.live.pages.event_query import KINDS, Entry, Position, Wanted, read_page
from backplane.people.refusals import wants_json
from backplane.slots.models import Chassis

_MOST_SLOTS: Final = 24


class Filters(forms.Form):
    chassis = forms.ModelChoiceField(
        Chassis.objects.all(), to_field_name="slug", required=False, empty_label="All"
    )
    slot = forms.IntegerField(
        min_value=1,
        max_value=_MOST_SLOTS,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(choices=KINDS, required=False)


class PositionForm(forms.Form):
    h = forms.IntegerField(required=False, min_value=1)
    c = forms.IntegerField(required=False, min_value=1)
    g = forms.IntegerField(required=False, min_value=1)


@require_safe
@never_cache
def events(request: HttpRequest) -> HttpResponse:
    """Every event, filtered by chassis, slot and kind; as data for programs."""
    filters = Filters(request.GET, label_suffix="")
    place = PositionForm(request.GET)
    start = Position(**place.cleaned_data) if place.is_valid() else Position()
    page, following = _read(filters, start)
    kept = {name: request.GET[name] for name in filters.fields if request.GET.get(name)}
    shown = [_shown(entry) for entry in page]
    older = _query(kept, following) if following else ""
    if wants_json(request):
        return JsonResponse({"events": shown, "older": older})
    context = {
        "filters": filters,
        "events": shown,
        "is_filtered": bool(kept),
        "newest": None if start.is_start else urlencode(kept),
        "older": older,
    }
    return render(request, "live/events.html", context)


def _read(filters: Filters, start: Position) -> tuple[list[Entry], Position | None]:
    return read_page(Wanted(**filters.cleaned_data), start) if filters.is_valid() else ([], None)


def _query(kept: dict[str, str], place: Position) -> str:
    return urlencode(kept | {key: value for key, value in asdict(place).items() if value})


def _shown(entry: Entry) -> dict[str, object]:
    line, slug = entry.line, entry.chassis.slug
    url = reverse("slot", args=(slug, line.slot)) if line.slot else reverse("chassis", args=(slug,))
    return {
        "id": line.id,
        "at": line.at,
        "icon": line.icon,
        "text": line.text,
        "who": line.who,
        "slot": line.slot,
        "chassis": str(entry.chassis),
        "simulated": entry.chassis.is_simulated,
        "url": url,
    }
