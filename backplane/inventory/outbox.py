"""What NetBox is still to learn: one item for each finished swap, in order for each module, kept over restarts."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db.models import F

from backplane.inventory.models import OutboxItem, OutboxState, SyncPlan

_FIRST_PAUSE_S: Final = 15.0
_LONGEST_PAUSE_S: Final = 900.0
_JITTER: Final = 0.3  # so that ten installations do not come back in the same second


def pause_after(tries: int, asked_s: float | None = None) -> timedelta:
    """Return how long to leave NetBox alone after this many failures; it may ask for longer itself."""
    pause_s = min(_FIRST_PAUSE_S * 2 ** max(tries - 1, 0), _LONGEST_PAUSE_S)
    spread = random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311  (jitter, not secrecy)
    return timedelta(seconds=max(pause_s * spread, asked_s or 0.0))


def due(now: datetime) -> list[OutboxItem]:
    """Return what can go out now, oldest first; who shares a module with one that waits, waits behind it."""
    held: set[str] = set()
    ready: list[OutboxItem] = []
    for item in OutboxItem.objects.filter(state=OutboxState.WAITS).order_by("pk"):
        keys = {*item.subjects, f"{item.chassis_slug}-{item.slot_number}"}
        is_early = item.retry_at is not None and item.retry_at > now
        if is_early or keys & held:
            held |= keys
            continue
        ready.append(item)
    return ready


def count_waiting() -> int:
    return OutboxItem.objects.filter(state=OutboxState.WAITS).count()


def settle(
    item: OutboxItem, state: OutboxState, text: str, now: datetime, plan: SyncPlan | None
) -> None:
    """Say how an item stands for good."""
    OutboxItem.objects.filter(pk=item.pk).update(
        state=state, text=text, done_at=now, plan=plan, retry_at=None
    )


def put_off(items: Iterable[OutboxItem], text: str, retry_at: datetime) -> None:
    """Let items wait: NetBox does not answer. None is lost and none overtakes another of its module."""
    OutboxItem.objects.filter(pk__in=[item.pk for item in items]).update(
        tries=F("tries") + 1, retry_at=retry_at, text=text
    )
