"""The event page: everything that happened, newest first, filtered and in pages."""

from dataclasses import asdict, dataclass
from typing import Final
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backplane.live.pages.event_groups import grouped
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
    wanted = _wanted(request)
    page, following = wanted.read()
    older = wanted.query(following) if following else ""
    if wants_json(request):
        return JsonResponse({"events": [_shown(entry) for entry in page], "older": older})
    context = {
        "filters": wanted.filters,
        "rows": _rows(page),
        "is_filtered": bool(wanted.kept),
        "newest": None if wanted.start.is_start else urlencode(wanted.kept),
        "older": older,
        # Only the newest page follows what happens.
        "tail": urlencode(wanted.kept) if wanted.start.is_start else None,
    }
    return render(request, "live/events.html", context)


@require_safe
@never_cache
def event_list(request: HttpRequest) -> HttpResponse:
    """The newest page of the list alone, as the page's script wants it when something has happened."""
    wanted = _wanted(request)
    page, following = wanted.read()
    context = {"rows": _rows(page), "older": wanted.query(following) if following else ""}
    return render(request, "live/_event_list.html", context)


@dataclass(frozen=True, slots=True)
class _Request:
    """What a reader asks for."""

    filters: Filters
    start: Position
    kept: dict[str, str]

    def read(self) -> tuple[list[Entry], Position | None]:
        if not self.filters.is_valid():
            return [], None
        return read_page(Wanted(**self.filters.cleaned_data), self.start)

    def query(self, place: Position) -> str:
        return urlencode(self.kept | {key: value for key, value in asdict(place).items() if value})


def _wanted(request: HttpRequest) -> _Request:
    filters, place = Filters(request.GET, label_suffix=""), PositionForm(request.GET)
    start = Position(**place.cleaned_data) if place.is_valid() else Position()
    kept = {name: request.GET[name] for name in filters.fields if request.GET.get(name)}
    return _Request(filters, start, kept)


def _rows(page: list[Entry]) -> list[dict[str, object]]:
    """Return what the list draws: single events, and swaps with theirs."""
    return [
        {
            "swap": group.swap,
            "words": group.swap_words,
            "events": [_shown(one) for one in group.entries],
        }
        for group in grouped(page)
    ]


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
        "recorded": entry.chassis.is_replayed,
        "url": url,
    }
