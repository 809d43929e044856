"""Signs a phone in from the desk: QR, code, confirmation, session, end. Writes PhonePass and the audit trail.

The QR's secret is handed to the caller once and kept as a hash; it is never logged and never in the trail.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth import login
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest

from backplane.people import audit
from backplane.people.access import access_changed
from backplane.people.channels import Channel, set_channel
from backplane.people.client_address import client_address
from backplane.people.models import PhonePass, User
from backplane.people.models.keys import hash_of, new_secret
from backplane.people.phone_session import PASS_KEY, delete_session, put_limits_on

QR_LIFE: Final = timedelta(seconds=90)
CODE_LIFE: Final = timedelta(minutes=3)
SESSION_LIFE: Final = timedelta(hours=12)
WAITING_KEY: Final = "phone_waits"  # in the session of a phone that is not signed in yet
_WRONG_CODES: Final = 5
_KEPT_UNUSED: Final = timedelta(days=1)
_BACKEND: Final = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True, slots=True)
class NewPass:
    """A pass and its secret, known in plain words this once."""

    row: PhonePass
    secret: str


@transaction.atomic
def make_pass(actor: audit.Actor, owner: User, now: datetime, *, is_swap_only: bool) -> NewPass:
    """Make a QR's pass for `owner`; it replaces the one that nobody has used yet."""
    mine = PhonePass.objects.filter(owner=owner)
    mine.filter(used_at=None, ended_at=None).update(ended_at=now)
    mine.filter(signed_in_at=None, made_at__lt=now - _KEPT_UNUSED).delete()
    secret = new_secret()
    row = PhonePass.objects.create(
        owner=owner,
        secret_hash=hash_of(secret),
        is_swap_only=is_swap_only,
        made_at=now,
        expires_at=now + QR_LIFE,
    )
    detail = {"pass": row.pk, "swap_only": is_swap_only}
    audit.record(actor, audit.Act("phone.qr", str(owner), outcome="shown", detail=detail), now)
    return NewPass(row, secret)


def find_unused(secret: str, now: datetime) -> PhonePass | None:
    """Return the pass behind a QR that is still good; looking does not use it up."""
    rows = PhonePass.objects.select_related("owner").filter(
        secret_hash=hash_of(secret), used_at=None, ended_at=None, expires_at__gt=now
    )
    return rows.filter(owner__is_active=True).first()


@transaction.atomic
def use_pass(request: HttpRequest, secret: str, now: datetime) -> PhonePass | None:
    """Use the QR up for this phone, which then waits with a code; None when it is over or used."""
    row = find_unused(secret, now)
    if row is None:
        return None
    row.used_at, row.expires_at = now, now + CODE_LIFE
    row.code = _free_code(row.owner, now)
    row.device = device_words(request.META.get("HTTP_USER_AGENT", ""))
    row.address = client_address(request) or ""
    won = PhonePass.objects.filter(pk=row.pk, used_at=None, ended_at=None).update(
        used_at=now,
        expires_at=row.expires_at,
        code=row.code,
        device=row.device,
        address=row.address,
    )
    if not won:  # another phone was quicker by a moment
        return None
    actor = audit.Actor(None, "a phone", "", Channel.PHONE, row.address)
    detail = {"pass": row.pk, "device": row.device}
    audit.record(
        actor, audit.Act("phone.scan", str(row.owner), outcome="waits", detail=detail), now
    )
    return row


def waiting(owner: User, now: datetime) -> list[PhonePass]:
    """Return the passes whose phone shows a code, oldest first."""
    rows = PhonePass.objects.filter(owner=owner, used_at__isnull=False, signed_in_at=None)
    return list(rows.filter(ended_at=None, expires_at__gt=now).order_by("used_at"))


@transaction.atomic
def confirm(request: HttpRequest, owner: User, code: str, now: datetime) -> PhonePass | None:
    """Let in the phone of `owner` that shows `code`, as typed at the desk; None when none does.

    The code reaches the desk through a person's eyes and fingers alone. A wrong one counts against every phone
    that waits; five end them.
    """
    asking = [row for row in waiting(owner, now) if row.confirmed_at is None]
    typed = "".join(code.split()).encode()
    fitting = [row for row in asking if secrets.compare_digest(row.code.encode(), typed)]
    if fitting:
        PhonePass.objects.filter(pk=fitting[0].pk).update(confirmed_at=now)
    else:
        rows = PhonePass.objects.filter(pk__in=[row.pk for row in asking])
        rows.update(wrong_codes=F("wrong_codes") + 1)
        rows.filter(wrong_codes__gte=_WRONG_CODES).update(ended_at=now)
    for row in fitting or asking:
        outcome = "confirmed" if fitting else "wrong code"
        act = audit.Act("phone.confirm", str(row), outcome=outcome, detail={"pass": row.pk})
        audit.record(audit.actor_of(request), act, now)
    return fitting[0] if fitting else None


def sign_in(request: HttpRequest, row: PhonePass, now: datetime) -> bool:
    """Give the phone behind `request` its session; False when its pass is over or not confirmed."""
    ready = PhonePass.objects.filter(
        pk=row.pk,
        confirmed_at__isnull=False,
        signed_in_at=None,
        ended_at=None,
        expires_at__gt=now,
        owner__is_active=True,
    )
    ends_at = now + SESSION_LIFE
    if not ready.update(signed_in_at=now, ends_at=ends_at):
        return False
    owner = User.objects.get(pk=row.owner_id)
    put_limits_on(owner, row)
    set_channel(request, Channel.PHONE)
    request.session.flush()  # nothing of whoever used this browser before
    login(request, owner, backend=_BACKEND)
    request.session[PASS_KEY] = row.pk
    request.session.set_expiry(ends_at)
    request.session.save()
    PhonePass.objects.filter(pk=row.pk).update(session_key=request.session.session_key or "")
    return True


def end_pass(request: HttpRequest, row: PhonePass, now: datetime) -> bool:
    """Refuse a phone that waits, or sign one out that is in, with its open pages; False: it was over."""
    if not PhonePass.objects.filter(pk=row.pk, ended_at=None).update(ended_at=now):
        return False
    act = audit.Act("phone.revoke", str(row), outcome="ended", detail={"pass": row.pk})
    audit.record(audit.actor_of(request), act, now)
    if row.session_key:
        delete_session(row.session_key)
        transaction.on_commit(lambda: access_changed(row.owner_id, row.session_key))
    return True


def waiting_pass(session: SessionBase) -> PhonePass | None:
    """Return the pass with which this browser waits."""
    pass_id = session.get(WAITING_KEY)
    return PhonePass.objects.select_related("owner").filter(pk=pass_id).first() if pass_id else None


def device_words(user_agent: str) -> str:
    """Return what kind of device says so of itself."""
    kinds = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android phone"}
    kinds |= {"Windows": "Windows computer", "Macintosh": "Mac", "Linux": "Linux computer"}
    return next((words for sign, words in kinds.items() if sign in user_agent), "Unknown device")


def _free_code(owner: User, now: datetime) -> str:
    taken = {row.code for row in waiting(owner, now)}
    while True:
        code = f"{secrets.randbelow(10_000):04d}"
        if code not in taken:
            return code
