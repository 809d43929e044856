"""Firmware updates that were asked for: how far each is and how it ended. Written by slots.services only."""

from enum import StrEnum

from django.conf import settings
from django.db import models

from backplane.slots.models.chassis import Chassis, choices


class UpdateState(StrEnum):
    ASKED = "asked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


UNFINISHED_UPDATES = (UpdateState.ASKED, UpdateState.RUNNING)


class FirmwareUpdate(models.Model):
    """A new version for the board of a chassis. Carried out by whichever process holds its link."""

    chassis = models.ForeignKey(Chassis, on_delete=models.CASCADE, related_name="firmware_updates")
    state = models.CharField(max_length=8, choices=choices(UpdateState), default=UpdateState.ASKED)
    again = models.BooleanField(default=False)  # also when the board runs the very same
    old_version = models.CharField(max_length=64, blank=True)
    version = models.CharField(max_length=64, blank=True)
    sent_bytes = models.PositiveIntegerField(default=0)
    size_bytes = models.PositiveIntegerField(default=0)  # 0: not known yet
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="firmware_updates",
    )
    requester_name = models.CharField(max_length=150, blank=True)
    requester_role = models.CharField(max_length=16, blank=True)
    channel = models.CharField(max_length=8, blank=True)
    created_at = models.DateTimeField()
    told_at = models.DateTimeField()  # when whoever carries it out last wrote here
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=("chassis",),
                condition=models.Q(state__in=UNFINISHED_UPDATES),
                name="firmware_one_update_per_chassis",
            ),
        ]

    def __str__(self) -> str:
        return f"firmware {self.version} for {self.chassis}"

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED_UPDATES
