"""What was measured of one slot, minute by minute, as a CSV file: for a spreadsheet or a chart. Reads only."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import islice
from typing import Final

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from backplane.people.audit_export import csv_lines, iso_utc, stream
from backplane.people.audit_query import DayField
from backplane.slots.models import Chassis
from backplane.slots.rollups import Minute
from backplane.slots.services import minutes_of

COLUMNS: Final = (
    "minute", "points", "volts", "amps", "amps_max", "watts", "celsius", "celsius_max",
)  # fmt: skip
_USUAL: Final = timedelta(days=1)
_LINES: Final = 500


class Span(forms.Form):
    """Days in the server's zone; without any, the last 24 hours."""

    since = DayField(required=False)
    until = DayField(required=False)


@require_safe
def slot_readings(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """Answer the minutes of a slot, 0 being the supply; a minute without readings has no line."""
    row = get_object_or_404(Chassis, slug__iexact=slug)
    if number > row.slot_count:
        raise Http404(f"{row.slug} has no slot {number}.")
    span = Span(request.GET)
    if not span.is_valid():
        return HttpResponse("These days make no sense.", status=422, content_type="text/plain")
    since, until = _ends(span, timezone.now())
    found = minutes_of(row.pk, number, since, until)
    name = f"{row.slug}-{number:02}.csv"
    return stream(request, _parts(found), "text/csv; charset=utf-8", name)


def _ends(span: Span, now: datetime) -> tuple[datetime, datetime]:
    first, last = span.cleaned_data["since"], span.cleaned_data["until"]
    until = now if last is None else _midnight(last + timedelta(days=1))
    return (until - _USUAL if first is None else _midnight(first)), until


def _midnight(day: datetime) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _parts(found: Iterator[tuple[datetime, Minute]]) -> Iterator[bytes]:
    yield csv_lines([COLUMNS])
    while some := list(islice(found, _LINES)):
        yield csv_lines([_cells(at, minute) for at, minute in some])


def _cells(at: datetime, minute: Minute) -> tuple[str, ...]:
    scaled = (
        (minute.mv, 1000), (minute.ma, 1000), (minute.ma_max, 1000), (minute.mw, 1000),
        (minute.cdeg, 100), (minute.cdeg_max, 100),
    )  # fmt: skip
    return (
        iso_utc(at),
        str(minute.points),
        *("" if value is None else f"{value / scale:g}" for value, scale in scaled),
    )
