"""Wakes the sync: after a swap, at a button, at NetBox's webhook. A nudge carries nothing; rows are read."""

import logging
import threading
from collections.abc import Callable

from django.db import transaction

_listeners: list[Callable[[], None]] = []
_lock = threading.Lock()
_log = logging.getLogger(__name__)


def subscribe(listener: Callable[[], None]) -> None:
    """Call `listener` at each nudge, in the nudging thread; it must not block. Twice is once."""
    with _lock:
        if listener not in _listeners:
            _listeners.append(listener)


def unsubscribe(listener: Callable[[], None]) -> None:
    with _lock:
        if listener in _listeners:
            _listeners.remove(listener)


def nudge() -> None:
    """Wake whoever syncs."""
    with _lock:
        listeners = tuple(_listeners)
    for listener in listeners:
        try:
            listener()
        except Exception:  # noqa: BLE001  (a nudge must not fail the swap or the page that gave it)
            _log.exception("The sync could not be woken")


def nudge_after_commit() -> None:
    """Wake whoever syncs once the rows can be read."""
    transaction.on_commit(nudge)
