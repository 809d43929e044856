"""The events that fit a filter as a CSV or JSON file, newest first, all of them. Reads only."""

from collections.abc import Iterator
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from backplane.live.pages.event_query import Entry, Position, Wanted, read_page
from backplane.live.pages.events import Filters
from backplane.people.audit_export import csv_lines, iso_utc, json_parts, safe_cell, stream

COLUMNS: Final = ("at", "chassis", "slot", "text", "who", "simulated", "url")


@require_safe
def export_events(request: HttpRequest, form: str) -> HttpResponseBase:
    """Answer everything that fits the filters of the event page; `url` is each event's own page."""
    filters = Filters(request.GET)
    if not filters.is_valid():
        return HttpResponse("This filter makes no sense.", status=422, content_type="text/plain")
    pages = _pages(Wanted(**filters.cleaned_data))
    if form == "csv":
        return stream(request, _csv_parts(pages), "text/csv; charset=utf-8", "events.csv")
    return stream(request, json_parts(pages), "application/json", "events.json")


def _pages(wanted: Wanted) -> Iterator[list[dict[str, object]]]:
    place: Position | None = Position()
    while place is not None:
        entries, place = read_page(wanted, place)
        yield [_row(entry) for entry in entries]


def _row(entry: Entry) -> dict[str, object]:
    line = entry.line
    return {
        "at": iso_utc(line.at),
        "chassis": entry.chassis.slug,
        "slot": line.slot or None,
        "text": line.text,
        "who": line.who,
        "simulated": entry.chassis.is_simulated,
        "url": reverse("event", args=(line.id,)),
    }


def _csv_parts(pages: Iterator[list[dict[str, object]]]) -> Iterator[bytes]:
    yield csv_lines([COLUMNS])
    for rows in pages:
        yield csv_lines([tuple(safe_cell(row[name]) for name in COLUMNS) for row in rows])
