"""Tells subscribers that a person's access may have changed, so that open sockets are looked at again.

Carries who, never what: a receiver re-reads the user. Subscribers must not block and may be called
from any thread, after the change is committed.
"""

import logging
from collections.abc import Callable
from threading import Lock

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

logger = logging.getLogger(__name__)

# (user id, session key): a key when that one session signed out, None when every session is concerned.
AccessSubscriber = Callable[[int, str | None], None]

_lock = Lock()
_subscribers: list[AccessSubscriber] = []


def subscribe(subscriber: AccessSubscriber) -> None:
    """Call `subscriber(user_id, session_key)` after each change of role, password or activity, and sign-out."""
    with _lock:
        if subscriber not in _subscribers:
            _subscribers.append(subscriber)


def unsubscribe(subscriber: AccessSubscriber) -> None:
    """Stop calling `subscriber`; one that never subscribed is no error."""
    with _lock:
        if subscriber in _subscribers:
            _subscribers.remove(subscriber)


def access_changed(user_id: int, session_key: str | None = None) -> None:
    """Tell every subscriber; one that fails keeps nobody else from hearing it."""
    with _lock:
        subscribers = tuple(_subscribers)
    for subscriber in subscribers:
        try:
            subscriber(user_id, session_key)
        except Exception:  # a listener's fault must not undo a revocation
            logger.exception("A subscriber of access changes failed.")


@receiver(user_logged_out)
def _signed_out(request: HttpRequest, user: AbstractBaseUser | None, **_: object) -> None:
    if user is not None:
        access_changed(user.pk, request.session.session_key)
