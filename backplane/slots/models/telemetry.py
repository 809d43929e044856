"""What is left of readings after their ten minutes in memory: one row for each chassis and minute."""

from django.db import models

from backplane.slots.models.chassis import Chassis


class TelemetryMinute(models.Model):
    """`readings`: {"slot number": [points, mV, mA, highest mA, centi-degrees, highest of them, mW]}; 0 is the supply.

    A minute in which nothing was heard has no row, and a slot of which nothing was read has no entry.
    """

    chassis = models.ForeignKey(Chassis, on_delete=models.CASCADE, related_name="minutes")
    minute = models.DateTimeField(db_index=True)  # its beginning
    readings = models.JSONField(default=dict)

    class Meta:
        ordering = ("chassis", "minute")
        constraints = [
            models.UniqueConstraint(fields=("chassis", "minute"), name="telemetry_minute_once"),
        ]

    def __str__(self) -> str:
        return f"{self.chassis} at {self.minute:%Y-%m-%d %H:%M}"
