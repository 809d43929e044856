"""What can be put into a slot: the carrier (tray, read without power) and the module (the Pi)."""

from django.db import models


class Module(models.Model):
    """A Pi; its serial and MAC are known only from its own report or typed in."""

    name = models.CharField(max_length=64, blank=True)
    serial = models.CharField(max_length=64, blank=True, db_index=True)
    model = models.CharField(max_length=64, blank=True)
    mac = models.CharField(max_length=17, blank=True)
    rating_mw = models.PositiveIntegerField(null=True, blank=True)
    peak_mw = models.PositiveIntegerField(
        default=0, editable=False
    )  # the most it was ever seen to draw
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name or self.serial or f"module {self.pk}"


class Carrier(models.Model):
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
