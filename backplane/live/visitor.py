"""Who stands behind a socket: a session key becomes a person, by the rules of the pages.

Reads only: looking at an open socket's session neither prolongs nor ends it.
"""

from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from backplane.people import phone_session
from backplane.people.models import User
from backplane.people.roles import Role, has_role
from backplane.people.sites import Reach, reach_of


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in person; `role` None: may not look (no role, or the first password not changed yet).

    `reach`: the sites that they may act at. It limits no looking, but a page drawn for another reach is over.
    """

    user_id: int
    name: str
    role: str | None
    reach: Reach = None

    @property
    def may_watch(self) -> bool:
        return self.role is not None


def identify(session_key: str) -> Visitor | None:
    """Return who has this session; None when it is over, revoked, or its password has changed."""
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user_model().objects.filter(pk=session.get(SESSION_KEY), is_active=True).first()
    if user is None or not _is_of_password(session.get(HASH_SESSION_KEY, ""), user):
        return None
    if not phone_session.admit(session, user, timezone.now()):
        return None
    role = str(user.effective_role) if has_role(user, Role.VIEWER) else None
    return Visitor(user.pk, user.get_username(), role, reach_of(user))


def _is_of_password(session_hash: str, user: User) -> bool:
    # django.contrib.auth.get_user would also delete or renew the session, which only a page may do.
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return any(constant_time_compare(session_hash, valid) for valid in hashes)
