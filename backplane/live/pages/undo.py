"""A rename can be undone for a moment: the old names wait in the person's session, for that one slot.

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


def offer(request: HttpRequest, slot_id: int, before: Names) -> None:
    """Keep the old names of a slot for a moment."""
    kept = {"slot": slot_id, "at": timezone.now().timestamp(), "names": asdict(before)}
    request.session[_KEY] = kept


def is_offered(request: HttpRequest, slot_id: int) -> bool:
    """Tell whether the page of this slot should offer to undo its rename."""
    return _kept(request, slot_id, SHOWN_S) is not None


def take(request: HttpRequest, slot_id: int) -> Names | None:
    """Return the old names of a slot, once; None when there are none, or it is too late."""
    kept = _kept(request, slot_id, _TAKEN_S)
    request.session.pop(_KEY, None)
    return kept


def _kept(request: HttpRequest, slot_id: int, limit_s: float) -> Names | None:
    kept = request.session.get(_KEY)
    if kept is None or kept["slot"] != slot_id:
        return None
    age_s = timezone.now().timestamp() - kept["at"]
    return Names(**kept["names"]) if age_s <= limit_s else None
