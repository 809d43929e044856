"""The audit trail of what people ask for on pages: one entry per wish, whether it was accepted or refused.

Knows who asks and what they saw; what came of an accepted command is told later, by its end.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import DatabaseError
from django.http import HttpRequest

from backplane.people import audit
from backplane.slots.durable import is_storage_error

LONGEST_ACTION: Final = 48  # the trail's column
# Nobody acts on what they have not seen.
UNSEEN: Final = "Send which version you saw."


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody wants: `action` such as command.power_off; `slot` None is the whole chassis."""

    action: str
    chassis: str
    slot: int | None = None
    saw: str = ""
    reason: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    swap_id: int | None = None

    @property
    def subject(self) -> str:
        return self.chassis if self.slot is None else f"{self.chassis} slot {self.slot}"


def saw_words(seen: int, revision: int, word: str) -> str:
    """Return the version that somebody acted on, in words; `revision` and `word` are the slot's own now."""
    if seen >= revision:
        return f"rev {seen}: {word}"
    return f"rev {seen}; by then rev {revision}: {word}"


def note(
    request: HttpRequest, deed: Deed, outcome: str = "", command_id: int | None = None
) -> None:
    """Append the entry of what was done; `outcome` "" is told later by the command's end."""
    act = audit.Act(
        action=deed.action,
        subject=deed.subject,
        chassis=deed.chassis,
        slot=deed.slot,
        saw=deed.saw,
        reason=deed.reason,
        outcome=outcome,
        command_id=command_id,
        swap_id=deed.swap_id,
        detail=deed.detail,
    )
    audit.record(audit.actor_of(request), act)


def note_refusal(request: HttpRequest, deed: Deed, why: str) -> None:
    """Append the entry of what was refused; with a full disk the refusal alone must do."""
    try:
        note(request, deed, f"refused: {why}")
    except DatabaseError as error:
        if not is_storage_error(error):
            raise
