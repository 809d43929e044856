"""Machine tokens: made, found, used, revoked. Writes MachineToken and the audit trail; never keeps the secret."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from backplane.people import audit
from backplane.people.models import MachineToken, Site
from backplane.people.models.keys import hash_of, new_secret
from backplane.people.scopes import Scope
from backplane.people.site_book import words_of
from backplane.people.sites import Reach

PREFIX: Final = "bp_"
_HINT_LENGTH: Final = 8
_COARSE: Final = timedelta(minutes=15)  # one write per token in this time, however often it asks


@dataclass(frozen=True, slots=True)
class TokenWish:
    """What an admin asks for. `expires_at` None: until it is revoked; no `sites`: it acts at every one."""

    name: str
    scopes: Sequence[Scope]
    expires_at: datetime | None = None
    sites: Sequence[Site] = ()


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token and its secret, known in plain words this once."""

    row: MachineToken
    secret: str


@transaction.atomic
def make_token(actor: audit.Actor, wish: TokenWish, now: datetime) -> NewToken:
    """Make a token; its name must be free."""
    secret = new_secret(PREFIX)
    scopes = [scope.value for scope in wish.scopes]
    row = MachineToken.objects.create(
        name=wish.name,
        secret_hash=hash_of(secret),
        hint=secret[:_HINT_LENGTH],
        scopes=scopes,
        made_at=now,
        made_by=actor.name,
        expires_at=wish.expires_at,
    )
    row.sites.set(wish.sites)
    expires = wish.expires_at.isoformat() if wish.expires_at else None
    detail = {"scopes": scopes, "expires_at": expires, "sites": words_of(wish.sites)}
    audit.record(actor, audit.Act("token.make", wish.name, detail=detail, outcome="made"), now)
    return NewToken(row, secret)


@transaction.atomic
def revoke_token(actor: audit.Actor, token_id: int, now: datetime) -> MachineToken:
    """Make a token open nothing from now on; its row and name stay."""
    row = MachineToken.objects.get(pk=token_id)
    open_rows = MachineToken.objects.filter(pk=token_id, revoked_at=None)
    if open_rows.update(revoked_at=now, revoked_by=actor.name):
        audit.record(actor, audit.Act("token.revoke", row.name, outcome="revoked"), now)
    return row


def find_token(secret: str, now: datetime) -> MachineToken | None:
    """Return the token of this secret when it is neither revoked nor expired; notes the use, coarsely."""
    good = MachineToken.objects.filter(revoked_at=None).filter(
        Q(expires_at=None) | Q(expires_at__gt=now)
    )
    row = good.filter(secret_hash=hash_of(secret)).first()
    if row is not None and (row.last_used_at is None or row.last_used_at < now - _COARSE):
        MachineToken.objects.filter(pk=row.pk).update(last_used_at=now)
    return row


def reach_of_token(token: MachineToken) -> Reach:
    """Return the ids of the sites that a token was made for; None: every one."""
    return frozenset(token.sites.values_list("pk", flat=True)) or None
