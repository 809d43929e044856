"""Finds entries of the audit trail: filters from an address, pages by number. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from backplane.people.models import AuditEntry

PAGE_SIZE: Final = 50
_EXPORT_STEP: Final = 500
_FIRST_YEAR: Final = 2000
_LAST_YEAR: Final = 2999
KINDS: Final = (
    ("", "Everything"),
    ("command.", "Commands"),
    ("run.", "Starts and shutdowns of a chassis"),
    ("firmware.", "Firmware updates"),
    ("chassis.", "Budgets"),
    ("swap.", "Swaps"),
    ("checklist.", "Swap checklist"),
    ("names.", "Names"),
    ("inventory.", "Inventory"),
    ("session.", "Signing in and out"),
    ("phone.", "Phones"),
    ("token.", "Tokens"),
    ("person.", "People"),
    ("role.", "Roles"),
    ("password.", "Passwords"),
    ("audit.", "Exports of this trail"),
)


class Day(forms.DateInput):
    input_type = "date"


class DayField(forms.DateField):
    """A day that can be reckoned with: the ends of the calendar have no day before or after."""

    widget = Day

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value is not None and not _FIRST_YEAR <= value.year <= _LAST_YEAR:
            raise forms.ValidationError("Not a day of these times.")


class AuditFilters(forms.Form):
    who = forms.CharField(required=False, max_length=150)
    action = forms.ChoiceField(choices=KINDS, required=False)
    chassis = forms.CharField(required=False, max_length=64)
    slot = forms.IntegerField(
        required=False, min_value=1, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    since = DayField(required=False, label="From")
    until = DayField(required=False, label="To")


@dataclass(frozen=True, slots=True)
class AuditPage:
    """One page, newest first; `older` is the number to go on from, None at the end."""

    entries: list[AuditEntry]
    older: int | None


def matching(wanted: dict[str, Any]) -> QuerySet[AuditEntry]:
    """Return the entries that fit the cleaned filters, newest first; days are the server's."""
    found = AuditEntry.objects.order_by("-pk")
    lookups = {
        "who__icontains": wanted.get("who"),
        "action__startswith": wanted.get("action"),
        "chassis__iexact": wanted.get("chassis"),
        "slot": wanted.get("slot"),
        "at__gte": _midnight(wanted.get("since")),
        "at__lt": _midnight(wanted.get("until"), days_later=1),
    }
    return found.filter(**{name: value for name, value in lookups.items() if value})


def read_page(found: QuerySet[AuditEntry], before: int | None) -> AuditPage:
    """Return the entries below number `before`."""
    rows = found.filter(pk__lt=before) if before else found
    entries = list(rows[: PAGE_SIZE + 1])
    older = entries[PAGE_SIZE - 1].pk if len(entries) > PAGE_SIZE else None
    return AuditPage(entries[:PAGE_SIZE], older)


def walk(found: QuerySet[AuditEntry]) -> Iterator[list[AuditEntry]]:
    """Yield all entries in steps: no query stays open while a slow reader downloads."""
    rows = list(found[:_EXPORT_STEP])
    while rows:
        yield rows
        rows = list(found.filter(pk__lt=rows[-1].pk)[:_EXPORT_STEP])


def _midnight(day: date | None, days_later: int = 0) -> datetime | None:
    if day is None:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=days_later), time.min))
