"""A chassis brought up or down in an order that somebody chose."""

from enum import StrEnum

from django.conf import settings
from django.db import models

from backplane.slots.models.chassis import Chassis, choices
from backplane.slots.runs import RunKind


class RunState(StrEnum):
    """Life of a run: running, at times waiting for a person, then one of two ends."""

    RUNNING = "running"
    WAITING = "waiting"  # a slot did not do as asked; a person decides
    DONE = "done"
    CANCELLED = "cancelled"


UNFINISHED_RUNS = (RunState.RUNNING, RunState.WAITING)


class PowerRun(models.Model):
    """Start or shutdown of the slots in `order`, one after the other; progress per slot in `steps`.

    `steps`: {"slot number": {"state": "waiting|asked|done|skipped|failed", "command": id or null, "note": str,
    "until": ISO time or null, "accepts_own_slot": bool}}; `until`: a person said to wait that long.
    """

    chassis = models.ForeignKey(Chassis, on_delete=models.CASCADE, related_name="power_runs")
    kind = models.CharField(max_length=8, choices=choices(RunKind))
    state = models.CharField(max_length=9, choices=choices(RunState), default=RunState.RUNNING)
    order = models.JSONField()  # slot numbers
    steps = models.JSONField(default=dict)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="power_runs",
    )
    requester_name = models.CharField(max_length=150, blank=True)
    requester_role = models.CharField(max_length=16, blank=True)
    revision = models.PositiveBigIntegerField(
        default=0
    )  # the chassis's, at the last change of this row
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=("chassis",),
                condition=models.Q(state__in=UNFINISHED_RUNS),
                name="power_run_one_per_chassis",
            ),
        ]
        indexes = [models.Index(fields=("state", "chassis"), name="power_run_state")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.chassis}"

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED_RUNS
