"""Tells this process which chassis changed, after the commit.

A registry of callables. They run in the thread that committed, in the order in which they came, and must not raise or
take longer than a read; what they get is a nudge, the truth is in the database.
"""

import logging
import threading
from collections.abc import Callable

from backplane.slots.records import Change

Listener = Callable[[Change], None]
_listeners: list[Listener] = []
_lock = threading.Lock()
_log = logging.getLogger(__name__)


def subscribe(listener: Listener) -> None:
    """Call `listener` after each committed change, from now on; twice is once."""
    with _lock:
        if listener not in _listeners:
            _listeners.append(listener)


def unsubscribe(listener: Listener) -> None:
    """Stop calling `listener`; unknown ones are ignored."""
    with _lock:
        if listener in _listeners:
            _listeners.remove(listener)


def changed(change: Change) -> None:
    """Hand `change` to every listener; one that raises never keeps it from the others."""
    with _lock:
        listeners = tuple(_listeners)
    for listener in listeners:
        try:
            listener(change)
        except Exception:  # noqa: BLE001  (a screen's trouble must not look like a failed commit)
            _log.exception("A listener failed on a change of chassis %s.", change.chassis_id)
