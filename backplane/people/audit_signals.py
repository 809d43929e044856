"""Writes signing in, signing out and failing at it into the audit trail, wherever in the program it happens.

Failures are limited per sender: a trail that nobody may shorten must not be filled by strangers.
"""

import time
from typing import Any, Final

from axes.signals import user_locked_out
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from backplane.people import audit
from backplane.people.channels import channel_of
from backplane.people.client_address import client_address
from backplane.people.models import User
from backplane.people.tries import Tries

NOBODY: Final = "(nobody by that name)"
failures_told: Final = Tries(limit=20, window_s=600)


@receiver(user_logged_in)
def _signed_in(request: HttpRequest, user: AbstractBaseUser, **_: object) -> None:
    audit.record(_actor(request, user), audit.Act("session.sign_in", outcome="signed in"))


@receiver(user_logged_out)
def _signed_out(request: HttpRequest, user: AbstractBaseUser | None, **_: object) -> None:
    if user is not None:
        audit.record(_actor(request, user), audit.Act("session.sign_out", outcome="signed out"))


@receiver(user_login_failed)
def _failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: object) -> None:
    _tell_failure(
        request, str(credentials.get("username", "")), "session.refused", "wrong password"
    )


@receiver(user_locked_out)
def _locked_out(request: HttpRequest, username: str, **_: object) -> None:
    _tell_failure(request, username, "session.locked_out", "too many wrong passwords")


def _tell_failure(request: HttpRequest | None, username: str, action: str, outcome: str) -> None:
    address = (client_address(request) or "") if request is not None else ""
    now_s = time.monotonic()
    if failures_told.wait_s(address, now_s) > 0:
        return
    failures_told.note_failure(address, now_s)
    # A name that nobody has may be a password in the wrong field: it must not stay here for ever.
    known = User.objects.filter(username=username).first()
    channel = channel_of(request) if request is not None else "local"
    actor = audit.Actor(known.pk if known else None, str(known or NOBODY), "", channel, address)
    audit.record(actor, audit.Act(action, outcome=outcome))


def _actor(request: HttpRequest, user: AbstractBaseUser) -> audit.Actor:
    # Not request.user: at sign-in it is not this person yet, at sign-out it may be no more.
    role = getattr(user, "effective_role", "")
    address = client_address(request) or ""
    return audit.Actor(user.pk, user.get_username(), role, channel_of(request), address)
