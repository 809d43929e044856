"""The things that can be carried away: modules (Pis), carriers (trays), supplies, controllers (ESP32 boards).

What a thing is and who owns it; where it stands is Slot's and Stay's to tell.
"""

import secrets
from enum import StrEnum
from typing import Final

from django.db import models

_UID_BYTES: Final = 8


class AssetStatus(StrEnum):
    """What a person says of a thing. Where it stands is seen, never said."""

    ACTIVE = "active"
    SPARE = "spare"
    FAILED = "failed"
    RETIRED = "retired"

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(status.value, status.value.capitalize()) for status in cls]


def new_uid() -> str:
    """Return a number that no other module has: what stays the same through every rename."""
    return secrets.token_hex(_UID_BYTES)


class Asset(models.Model):
    """What every thing has: a tag of the owner's, an owner, a day of purchase, a status, a note."""

    asset_tag = models.CharField(max_length=50, unique=True, null=True, blank=True)
    owner = models.CharField(max_length=100, blank=True)
    purchased_on = models.DateField(null=True, blank=True)
    status = models.CharField(
        max_length=8, choices=AssetStatus.choices(), default=AssetStatus.ACTIVE
    )
    note = models.TextField(blank=True)

    class Meta:
        abstract = True


class Module(Asset):
    """A Pi; its serial and MACs are known only from its own report or typed in."""

    name = models.CharField(max_length=64, blank=True)
    uid = models.CharField(max_length=64, unique=True, default=new_uid)  # the board's, else ours
    serial = models.CharField(max_length=64, blank=True, db_index=True)
    model = models.CharField(max_length=64, blank=True)
    macs = models.JSONField(default=list, blank=True)  # of str, as slots.macs spells them
    address = models.CharField(max_length=64, blank=True)  # IP address or host name, typed in
    rating_mw = models.PositiveIntegerField(null=True, blank=True)
    peak_mw = models.PositiveIntegerField(
        default=0, editable=False
    )  # the most it was ever seen to draw

    class Meta:
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name or self.serial or f"module {self.pk}"

    @property
    def mac(self) -> str:
        """The first address; "" where none is known."""
        return str(self.macs[0]) if self.macs else ""


class Carrier(Asset):
    """A tray with an identity of its own (EEPROM or DS2401)."""

    uid = models.CharField(max_length=510, unique=True)  # hex of at most 255 bytes
    label = models.CharField(max_length=64, blank=True)
    module = models.ForeignKey(
        Module, null=True, blank=True, on_delete=models.SET_NULL, related_name="carriers"
    )

    class Meta:
        ordering = ("uid",)

    def __str__(self) -> str:
        return self.label or self.uid
