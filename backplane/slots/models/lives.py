"""What outlives the moment: which carrier and module stood where and when, and what was measured around a fault."""

from django.db import models

from backplane.slots.models.chassis import Chassis, Slot
from backplane.slots.models.hardware import Carrier, Module
from backplane.slots.models.history import HardwareEvent


class Stay(models.Model):
    """One stay of a carrier, with the module on it as far as known, in one slot. Open while `until` is NULL."""

    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, related_name="stays")
    carrier = models.ForeignKey(
        Carrier, null=True, blank=True, on_delete=models.SET_NULL, related_name="stays"
    )
    module = models.ForeignKey(
        Module, null=True, blank=True, on_delete=models.SET_NULL, related_name="stays"
    )
    since = models.DateTimeField()  # seated, or first seen seated
    until = models.DateTimeField(null=True, blank=True)
    ended_by_surprise = models.BooleanField(default=False)

    class Meta:
        ordering = ("-since", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=("slot",), condition=models.Q(until__isnull=True), name="stay_one_open"
            ),
        ]
        indexes = [models.Index(fields=("slot", "-since"), name="stay_recent")]

    def __str__(self) -> str:
        return f"{self.carrier or 'unknown carrier'} in {self.slot}"


class FlightRecord(models.Model):
    """Volts and amps of every slot in the seconds around an unexpected loss of power.

    `readings`: {"slot number": [[seconds from the event, mV, mA mean, mA max], ...]}; null is not known,
    slot 0 is the chassis supply. `is_complete` False: the seconds after the event are still to come, or
    the program stopped before they did.
    """

    hardware_event = models.OneToOneField(
        HardwareEvent, on_delete=models.CASCADE, related_name="flight_record"
    )
    chassis = models.ForeignKey(Chassis, on_delete=models.CASCADE, related_name="flight_records")
    at = models.DateTimeField()
    readings = models.JSONField(default=dict)
    is_complete = models.BooleanField(default=False)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"around {self.hardware_event}"
