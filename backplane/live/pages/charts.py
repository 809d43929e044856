"""Charts over 1 h, 24 h and 30 d: of one slot, and of a whole chassis slot beside slot. Drawn here, without a script.

From the minutes that are kept (TELEMETRY_DAYS). Reads only; a table with the same numbers stands behind each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backplane.live.pages.chart_lines import (
    CURRENT,
    HEIGHT,
    POWER,
    TEMPERATURE,
    VOLTAGE,
    WIDTH,
    Chart,
    Periods,
    Quantity,
    chart_of,
    heard_share,
    sum_of,
    top_of,
    x_of,
)
from backplane.live.pages.subject import Subject, subject_of
from backplane.slots.facts import SlotState
from backplane.slots.models import Transition
from backplane.slots.rollups import Minute, Period
from backplane.slots.services import periods_of

_MARKS_SHOWN: Final = 60  # of one slot: more are no marks but a wall
_SUPPLY: Final = 0
_MARKED: Final = {
    SlotState.ACTIVE: "power came on",
    SlotState.INACTIVE: "power is off",
    SlotState.NOT_INSTALLED: "emptied",
}
_PUT_IN: Final = "put in"  # its power was off before, too


@dataclass(frozen=True, slots=True)
class Span:
    """A choice of how far back; `width` is that of one period."""

    key: str
    words: str
    width: timedelta
    count: int


SPANS: Final = (
    Span("1h", "1 hour", timedelta(minutes=1), 60),
    Span("24h", "24 hours", timedelta(minutes=10), 144),
    Span("30d", "30 days", timedelta(hours=4), 180),
)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where the slot changed its state: `x` in the drawing."""

    at: datetime
    x: float
    words: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One drawing with what stands above it. `slot` None: the whole chassis."""

    slot: int | None
    name: str
    chart: Chart
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One period in numbers; "" is not known. `heard`: in which share of its minutes something was heard."""

    at: datetime
    heard: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """What all drawings of a page share."""

    subject: Subject
    span: Span
    since: datetime
    periods: Mapping[int, Periods]
    marks: Mapping[int, tuple[Mark, ...]]

    @property
    def until(self) -> datetime:
        return _until(self.span, self.since)

    def of(self, slot: int) -> Periods:
        return self.periods.get(slot, (None,) * self.span.count)

    @property
    def has_own_meter(self) -> bool:
        return any(one is not None and one.mw is not None for one in self.of(_SUPPLY))

    def lane(self, quantity: Quantity, slot: int, top: float) -> Lane:
        bay = self.subject.slot(slot)
        limit = bay["temp_limit_c"] if quantity.key == TEMPERATURE.key else None
        chart = chart_of(quantity, self.of(slot), self.span.width, limit, top)
        return Lane(slot, bay["name"], chart, self.marks.get(slot, ()))

    def lanes(self, quantity: Quantity) -> list[Lane]:
        """Return a lane for each slot, all on one scale, so that they can be compared."""
        bays = self.subject.view["slots"]
        limits = [bay["temp_limit_c"] for bay in bays] if quantity is TEMPERATURE else []
        series = [self.of(bay["n"]) for bay in bays]
        top = top_of(quantity, series, max(limits, default=None))
        shown = quantity.reaching(series)
        return [self.lane(shown, bay["n"], top) for bay in bays]

    def own_lane(self, quantity: Quantity, slot: int) -> Lane:
        """Return the lane of one slot on its own scale."""
        limit = self.subject.slot(slot)["temp_limit_c"] if quantity is TEMPERATURE else None
        top = top_of(quantity, [self.of(slot)], limit)
        return self.lane(quantity.reaching([self.of(slot)]), slot, top)

    def whole(self) -> Lane:
        """Return the power of the whole chassis below its budget: its own meter's word, else the sum of its slots."""
        budget_w = self.subject.view["power"]["budget_w"]
        periods = self.of(_SUPPLY)
        if not self.has_own_meter:
            periods = sum_of([self.of(bay["n"]) for bay in self.subject.view["slots"]])
        top = top_of(POWER, [periods], budget_w)
        chart = chart_of(POWER, periods, self.span.width, budget_w, top)
        return Lane(None, "", chart)


def _until(span: Span, since: datetime) -> datetime:
    return since + span.width * span.count


def _marks(chassis_id: int, span: Span, since: datetime) -> dict[int, tuple[Mark, ...]]:
    """Return what happened to each slot, the newest first; one query."""
    until = _until(span, since)
    rows = Transition.objects.filter(
        slot__chassis=chassis_id, at__gte=since, at__lt=until, new__in=_MARKED
    ).exclude(old=SlotState.COMMUNICATION_LOST)
    newest = Window(RowNumber(), partition_by=F("slot"), order_by="-pk")
    shown = rows.annotate(rank=newest).filter(rank__lte=_MARKS_SHOWN).order_by("-pk")
    found: dict[int, tuple[Mark, ...]] = {}
    for slot, at, old, new in shown.values_list("slot__number", "at", "old", "new"):
        mark = Mark(at, x_of((at - since) / (until - since)), _mark_words(old, SlotState(new)))
        found[slot] = (*found.get(slot, ()), mark)
    return found


def _mark_words(old: str, new: SlotState) -> str:
    is_put_in = new is SlotState.INACTIVE and old == SlotState.NOT_INSTALLED
    return _PUT_IN if is_put_in else _MARKED[new]


@require_safe
@never_cache
def chassis_charts(request: HttpRequest, slug: str) -> HttpResponse:
    """Temperature and power of all slots of a chassis, and what it draws as a whole."""
    drawn = _drawn(request, slug)
    context = _context(drawn) | {
        "whole": drawn.whole(),
        "has_own_meter": drawn.has_own_meter,
        "parts": [(one, drawn.lanes(one)) for one in (TEMPERATURE, POWER)],
    }
    return render(request, "live/charts.html", context)


@require_safe
@never_cache
def slot_charts(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """What was measured of one slot."""
    drawn = _drawn(request, slug, number)
    bay = drawn.subject.slot(number)
    quantities = (TEMPERATURE, POWER, CURRENT, VOLTAGE)
    lanes = [drawn.own_lane(one, number) for one in quantities]
    context = _context(drawn) | {
        "bay": bay,
        "lanes": lanes,
        "marks": lanes[0].marks,
        "has_more_marks": len(lanes[0].marks) == _MARKS_SHOWN,
        "columns": _COLUMNS,
        "rows": _rows(drawn, number),
    }
    return render(request, "live/slot_charts.html", context)


def _drawn(request: HttpRequest, slug: str, slot: int | None = None) -> Drawn:
    subject = subject_of(slug)
    span = next((one for one in SPANS if one.key == request.GET.get("span")), SPANS[1])
    # The minute that has just begun is not kept yet.
    until = timezone.now().replace(second=0, microsecond=0)
    since = until - span.width * span.count
    periods = periods_of(subject.row.pk, since, span.width, span.count, slot)
    return Drawn(subject, span, since, periods, _marks(subject.row.pk, span, since))


def _context(drawn: Drawn) -> dict[str, object]:
    return {
        "chassis": drawn.subject.view,
        "row": drawn.subject.row,
        "span": drawn.span,
        "spans": SPANS,
        "since": drawn.since,
        "until": drawn.until,
        "kept_days": settings.TELEMETRY_DAYS,
        "box": {"width": WIDTH, "height": HEIGHT},
    }


_COLUMNS: Final = ("Temperature", "highest", "Power", "Current", "highest", "Voltage")


def _rows(drawn: Drawn, slot: int) -> list[Row]:
    """Return the periods in numbers, the newest first."""
    width = drawn.span.width
    return [
        Row(drawn.since + width * index, _heard(minute, width), _cells(minute))
        for index, minute in reversed(list(enumerate(drawn.of(slot))))
    ]


def _heard(minute: Period | None, width: timedelta) -> str:
    return f"{heard_share(minute, width):.0%}"


def _cells(minute: Minute | None) -> tuple[str, ...]:
    if minute is None:
        return ("",) * len(_COLUMNS)
    told = (
        (TEMPERATURE, TEMPERATURE.mean(minute)), (TEMPERATURE, TEMPERATURE.highest(minute)),
        (POWER, POWER.mean(minute)),
        (CURRENT, CURRENT.mean(minute)), (CURRENT, CURRENT.highest(minute)),
        (VOLTAGE, VOLTAGE.mean(minute)),
    )  # fmt: skip
    return tuple("" if value is None else quantity.words(value) for quantity, value in told)
