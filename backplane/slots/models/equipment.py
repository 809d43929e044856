"""What belongs to a chassis without standing in a slot: supplies, the controller, addresses of its picture."""

from django.db import models

from backplane.slots.models.chassis import Chassis
from backplane.slots.models.hardware import Asset


class Supply(Asset):
    """A power supply; `number` is its place in the chassis, as the board's profile counts."""

    name = models.CharField(max_length=64, blank=True)
    serial = models.CharField(max_length=64, blank=True, db_index=True)
    model = models.CharField(max_length=64, blank=True)
    rating_mw = models.PositiveIntegerField(null=True, blank=True)
    chassis = models.ForeignKey(
        Chassis, null=True, blank=True, on_delete=models.SET_NULL, related_name="supplies"
    )
    number = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ("chassis", "number", "pk")
        verbose_name_plural = "supplies"
        constraints = [
            models.UniqueConstraint(fields=("chassis", "number"), name="supply_place_once"),
        ]

    def __str__(self) -> str:
        return self.name or self.serial or f"supply {self.pk}"


class Controller(Asset):
    """An ESP32 board. Which chassis it answers for is what its HELLO says (Chassis.board_id)."""

    board_id = models.CharField(max_length=16, unique=True)
    model = models.CharField(max_length=64, blank=True)
    macs = models.JSONField(default=list, blank=True)  # of str, as slots.macs spells them

    class Meta:
        ordering = ("board_id",)

    def __str__(self) -> str:
        return f"controller {self.board_id}"


class RackPicture(models.Model):
    """One secret address of a chassis's picture. The secret is kept as a hash alone; a row is never reused."""

    chassis = models.ForeignKey(Chassis, on_delete=models.CASCADE, related_name="pictures")
    used_for = models.CharField(max_length=64)  # "NetBox", "wiki": who will be without it
    secret_hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12)  # the first characters, to tell addresses apart
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    last_used_at = models.DateTimeField(null=True, blank=True)  # to the quarter of an hour
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ("chassis", "pk")

    def __str__(self) -> str:
        return f"picture of {self.chassis} for {self.used_for}"
