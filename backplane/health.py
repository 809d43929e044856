"""Answers /healthz/: the app is alive, and its database answers.

Parts of the app register what they want to tell; the details are for people who signed in. A broken
link is told, but is no reason to restart the app: only the database makes the answer 503.
"""

import logging
from collections.abc import Callable
from threading import Lock

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backplane import __version__
from backplane.people.models import User
from backplane.people.roles import Role, has_role

logger = logging.getLogger(__name__)

Report = Callable[[], object]

_lock = Lock()
_reports: dict[str, Report] = {}


def register(name: str, report: Report) -> None:
    """Show what `report()` returns (anything JSON can hold) as `name`; called on each request, must not block."""
    with _lock:
        _reports[name] = report


def unregister(name: str) -> None:
    with _lock:
        _reports.pop(name, None)


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 {"status": "ok", "version": ...}, or 503 {"status": "error"} when the database fails."""
    answer: dict[str, object] = {"status": "ok", "version": __version__}
    try:
        User.objects.exists()  # reads a real table: SELECT 1 would pass on an unreadable file
        if has_role(request.user, Role.VIEWER):
            answer |= _details()
    except DatabaseError:
        logger.exception("The database does not answer.")
        return JsonResponse({"status": "error", "version": __version__}, status=503)
    return JsonResponse(answer)


def _details() -> dict[str, object]:
    with _lock:
        reports = dict(_reports)
    return {name: _told_by(report) for name, report in reports.items()}


def _told_by(report: Report) -> object:
    try:
        return report()
    except DatabaseError:
        raise
    except Exception as error:  # one broken part must not make the app look dead
        logger.exception("A health report failed.")
        return {"error": type(error).__name__}


urlpatterns = [
    path("healthz/", healthz, name="healthz"),
    path("healthz", healthz),
]
