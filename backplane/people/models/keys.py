"""What signs in instead of a password: a phone's pass and a machine's token. Secrets are kept as hashes alone."""

import hashlib
import secrets
from datetime import datetime

from django.db import models

from backplane.people.models.sites import Site

_SECRET_BYTES = 32  # 256 bits: no salt and no slow hash is needed for what nobody can guess


def new_secret(prefix: str = "") -> str:
    """Return 256 random bits as text that fits into an address or a header."""
    return prefix + secrets.token_urlsafe(_SECRET_BYTES)


def hash_of(secret: str) -> str:
    """Return what is kept of a secret: its SHA-256 in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


class PhonePassQuerySet(models.QuerySet["PhonePass"]):
    def signed_in(self, now: datetime) -> "PhonePassQuerySet":
        """Keep passes whose phone is signed in."""
        return self.filter(signed_in_at__isnull=False, ended_at=None, ends_at__gt=now)

    def end_all_of(self, user_id: int, now: datetime) -> int:
        """End every phone of a person, also those on their way in."""
        return self.filter(owner_id=user_id, ended_at=None).update(ended_at=now)


class PhonePass(models.Model):
    """One phone's way in: the QR's secret, then the phone that waits, then its session, then its end."""

    owner = models.ForeignKey("people.User", on_delete=models.CASCADE, related_name="phone_passes")
    secret_hash = models.CharField(max_length=64, unique=True)
    is_swap_only = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()  # of the QR while nobody has used it, then of the code
    used_at = models.DateTimeField(null=True, blank=True)
    code = models.CharField(max_length=4, blank=True)  # what the phone shows
    wrong_codes = models.PositiveSmallIntegerField(default=0)
    device = models.CharField(max_length=80, blank=True)  # in words: "Android phone"
    address = models.CharField(max_length=64, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    signed_in_at = models.DateTimeField(null=True, blank=True)
    session_key = models.CharField(max_length=40, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)  # absolute: use does not prolong it
    ended_at = models.DateTimeField(null=True, blank=True)  # refused, revoked or signed out

    objects = PhonePassQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name_plural = "phone passes"

    def __str__(self) -> str:
        return f"{self.device or 'Phone'} of {self.owner}"


class MachineToken(models.Model):
    """A program's key to the JSON addresses, with the scopes that it was given."""

    name = models.CharField(max_length=64, unique=True)
    secret_hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12)  # the first characters, to tell tokens apart
    scopes = models.JSONField(default=list)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)  # to the quarter of an hour
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=150, blank=True)
    sites = models.ManyToManyField(
        Site,
        blank=True,
        related_name="tokens",
        help_text="Where it acts, whatever its scopes; none: everywhere.",
    )

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
