"""A change of a thing can be undone for a moment: what it was waits in the person's session.

Shown for ten seconds; taken for a minute, so that slow hands without script are not told off.
"""

from dataclasses import asdict, dataclass
from typing import Final

from django.http import HttpRequest
from django.utils import timezone

_KEY: Final = "undo_asset"
_SHOWN_S: Final = 10.0
_TAKEN_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Before:
    """The form's values before the change; `mark` is over those after it."""

    kind: str
    pk: int
    values: dict[str, str]
    mark: str


def offer(request: HttpRequest, before: Before) -> None:
    """Keep what a thing was for a moment."""
    request.session[_KEY] = asdict(before) | {"at": timezone.now().timestamp()}


def is_offered(request: HttpRequest, kind: str, pk: int) -> bool:
    """Tell whether the page of this thing should offer to undo its change."""
    return _kept(request, kind, pk, _SHOWN_S) is not None


def take(request: HttpRequest, kind: str, pk: int) -> Before | None:
    """Return what a thing was, once; None when there is nothing to undo, or it is too late."""
    kept = _kept(request, kind, pk, _TAKEN_S)
    request.session.pop(_KEY, None)
    return kept


def _kept(request: HttpRequest, kind: str, pk: int, limit_s: float) -> Before | None:
    kept = request.session.get(_KEY)
    if kept is None or (kept["kind"], kept["pk"]) != (kind, pk):
        return None
    age_s = timezone.now().timestamp() - kept["at"]
    return Before(kind, pk, kept["values"], kept["mark"]) if age_s <= limit_s else None
