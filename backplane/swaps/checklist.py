"""The lines of what moves over from the old Pi to the new one; their owner replaces them as a whole."""

from collections.abc import Sequence
from typing import Final

from django.db import transaction

from backplane.swaps.models import ChecklistItem

LONGEST_ITEM: Final = 120
MOST_ITEMS: Final = 12


def checklist() -> list[str]:
    """Return the lines in their order."""
    return list(ChecklistItem.objects.values_list("text", flat=True))


def replace_checklist(lines: Sequence[str]) -> None:
    """Let `lines` be the checklist from now on."""
    with transaction.atomic():
        ChecklistItem.objects.all().delete()
        ChecklistItem.objects.bulk_create(
            ChecklistItem(position=place, text=line) for place, line in enumerate(lines)
        )
