"""A rename can be undone for a moment: the old names wait in the person's session, for what stands in that one slot.

Shown for ten seconds; taken for a minute, so that slow hands without script are not told off.
"""

from dataclasses import asdict, dataclass
from typing import Final

from django.http import HttpRequest
from django.utils import timezone

_KEY: Final = "undo_names"
SHOWN_S: Final = 10.0
_TAKEN_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Names:
    """What stands in a slot is called so; "" has no name."""

    module: str
    carrier: str

    @property
    def words(self) -> str:
        return f"{self.module or 'no name'} on {self.carrier or 'no label'}"


def offer(request: HttpRequest, place: str, before: Names) -> None:
    """Keep the old names for a moment; `place` is the slot with what stands in it and is called how."""
    kept = {"place": place, "at": timezone.now().timestamp(), "names": asdict(before)}
    request.session[_KEY] = kept


def is_offered(request: HttpRequest, place: str) -> bool:
    """Tell whether the page of this slot should offer to undo its rename."""
    return _kept(request, place, SHOWN_S) is not None


def take(request: HttpRequest, place: str) -> Names | None:
    """Return the old names, once; None when there are none, it is too late, or something else stands there."""
    kept = _kept(request, place, _TAKEN_S)
    request.session.pop(_KEY, None)
    return kept


def _kept(request: HttpRequest, place: str, limit_s: float) -> Names | None:
    kept = request.session.get(_KEY)
    if kept is None or kept.get("place") != place:
        return None
    age_s = timezone.now().timestamp() - kept["at"]
    return Names(**kept["names"]) if age_s <= limit_s else None
