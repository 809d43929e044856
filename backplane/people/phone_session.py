"""What a session that was signed in by phone may be: its pass, its end, its limits. Pages and sockets ask here."""

from datetime import datetime
from importlib import import_module
from typing import Final

from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.contrib.sessions.backends.base import SessionBase
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from backplane.people.models import PhonePass, User
from backplane.people.roles import Role

# In the session; a session without it was signed in by password.
PASS_KEY: Final = "phone_pass"  # noqa: S105  (a key of the session, not a secret)


def is_of_phone(session: SessionBase) -> bool:
    """Tell whether the session was signed in by phone, whether or not it still is good."""
    return PASS_KEY in session


def good_pass(session: SessionBase, now: datetime) -> PhonePass | None:
    """Return the pass of a phone's session; None when it was revoked or its 12 hours are over."""
    pass_id = session.get(PASS_KEY)
    return None if pass_id is None else PhonePass.objects.signed_in(now).filter(pk=pass_id).first()


def put_limits_on(user: User, row: PhonePass) -> None:
    """Cap what `user` may do in this session: technician at most, never more than their own role."""
    user.role_cap = Role.TECHNICIAN
    user.is_swap_only = row.is_swap_only
    # Django's admin asks these and knows no cap. Set on the object alone: save() derives them anew.
    user.is_staff = user.is_superuser = False


def admit(session: SessionBase, user: User, now: datetime) -> bool:
    """Put the session's limits on `user`; False when the session is a phone's whose time is over."""
    if not is_of_phone(session):
        return True
    row = good_pass(session, now)
    if row is None or row.owner_id != user.pk:
        return False
    put_limits_on(user, row)
    return True


def delete_session(session_key: str) -> None:
    """Delete a session's row: its next request is a stranger's."""
    import_module(settings.SESSION_ENGINE).SessionStore(session_key).delete()


@receiver(user_logged_out)
def _signed_out(request: HttpRequest, **_: object) -> None:
    # Told before the session is emptied.
    if is_of_phone(request.session):
        pass_id = request.session[PASS_KEY]
        PhonePass.objects.filter(pk=pass_id, ended_at=None).update(ended_at=timezone.now())
