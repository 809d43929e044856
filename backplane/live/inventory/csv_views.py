"""CSV out, and in by two steps: look at each row's fate, then write exactly that. The file travels with the page."""

import base64
import binascii

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backplane.inventory import csv_import
from backplane.inventory.csv_text import MOST_BYTES, UnreadableFileError
from backplane.people import audit
from backplane.people.roles import Role, role_required
from backplane.slots.durable import plain_transaction
from backplane.slots.errors import StorageFull


@require_safe
@never_cache
def export(_request: HttpRequest) -> HttpResponse:
    """Every module as a file."""
    headers = {"Content-Disposition": 'attachment; filename="modules.csv"'}
    return HttpResponse(csv_import.export_modules(), content_type="text/csv", headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@role_required(Role.OPERATOR)
def load(request: HttpRequest) -> HttpResponse:
    """Ask for a file; with one, show what it would do. Writes nothing."""
    if request.method != "POST":
        return render(request, "inventory/import.html")
    try:
        data = _uploaded(request)
        return _show(request, data)
    except UnreadableFileError as error:
        return render(request, "inventory/import.html", {"error": str(error)}, status=422)


@require_POST
@role_required(Role.OPERATOR)
def confirm(request: HttpRequest) -> HttpResponseBase:
    """Write what the page before showed."""
    data = b""
    try:
        data = base64.b64decode(request.POST.get("file", ""), validate=True)
        with plain_transaction():
            done = csv_import.apply(data, request.POST.get("mark", ""), timezone.now())
            _note(request, done)
    except (binascii.Error, UnreadableFileError) as error:
        return render(request, "inventory/import.html", {"error": str(error)}, status=422)
    except csv_import.ChangedSincePreviewError:
        return _show(request, data, has_changed=True)
    except StorageFull as full:
        messages.error(request, f"Nothing was written. {full}")
        return redirect("inventory-import")
    messages.success(request, f"{done.counts['new']} new, {done.counts['change']} changed.")
    answer = redirect("inventory")
    answer.status_code = 303
    return answer


def _uploaded(request: HttpRequest) -> bytes:
    upload = request.FILES.get("file")
    if upload is None:
        raise UnreadableFileError("Choose a file first.")
    if (upload.size or 0) > MOST_BYTES:
        message = f"The file is larger than {MOST_BYTES // 1024} kB. Split it."
        raise UnreadableFileError(message)
    data: bytes = upload.read()
    return data


def _show(request: HttpRequest, data: bytes, *, has_changed: bool = False) -> HttpResponse:
    shown = csv_import.preview(data)
    context = {
        "preview": shown,
        "file": base64.b64encode(data).decode(),
        "has_changed": has_changed,
    }
    return render(
        request, "inventory/import_preview.html", context, status=409 if has_changed else 200
    )


def _note(request: HttpRequest, done: csv_import.Preview) -> None:
    counts = done.counts
    act = audit.Act(
        action="inventory.import",
        subject=f"{len(done.fates)} rows",
        outcome=f"done: {counts['new']} new, {counts['change']} changed, {counts['refused']} refused",
        detail={
            "rows": [
                {"line": row.line, "fate": row.fate.value, "label": row.label}
                for row in done.fates
                if row.fate is not csv_import.Fate.SAME
            ][:500]
        },
    )
    audit.record(audit.actor_of(request), act)
