"""The page of the audit trail, and its exports, for operators and admins. Nothing here deletes."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backplane.people import audit, audit_export
from backplane.people.audit_query import AuditFilters, matching, read_page, walk
from backplane.people.channels import SWAPS
from backplane.people.models import AuditEntry
from backplane.people.roles import Role, role_required

_MOST_DIGITS = 18  # of an entry's number: a database knows no more


@require_safe
@never_cache
@role_required(Role.OPERATOR)
def show_audit(request: HttpRequest) -> HttpResponse:
    """Show who did what, newest first."""
    filters = AuditFilters(request.GET, label_suffix="")
    found = matching(filters.cleaned_data) if filters.is_valid() else AuditEntry.objects.none()
    page = read_page(found, _number(request.GET.get("before", "")))
    kept = {name: request.GET[name] for name in filters.fields if request.GET.get(name)}
    context = {
        "filters": filters,
        "entries": page.entries,
        "is_filtered": bool(kept),
        "swaps": SWAPS,
        "kept": urlencode(kept),
        "is_first": "before" not in request.GET,
        "older": urlencode({**kept, "before": page.older}) if page.older else "",
    }
    return render(request, "people/audit.html", context)


@require_safe
@role_required(Role.OPERATOR)
def export_audit(request: HttpRequest, form: str) -> HttpResponseBase:
    """Answer everything that fits the filters, as csv or json."""
    filters = AuditFilters(request.GET)
    if not filters.is_valid():
        return HttpResponse("This filter makes no sense.", status=422, content_type="text/plain")
    kept = {name: request.GET[name] for name in filters.fields if request.GET.get(name)}
    audit.record(
        audit.actor_of(request),
        audit.Act("audit.export", form, outcome="exported", detail={"filter": kept}),
    )
    answer = audit_export.as_csv if form == "csv" else audit_export.as_json
    return answer(request, walk(matching(filters.cleaned_data)))


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else None
