"""What the sync keeps: its state, plans with each row's result, what waits to be written, which requests were ours."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import models

from backplane.inventory.codec import unpack
from backplane.inventory.records import PlanRow


class Mode(StrEnum):
    """How much is written without anybody's asking."""

    OFF = "off"
    PLAN = "plan"
    SAFE = "safe"  # swap results alone
    ALL = "all"

    @property
    def writes(self) -> bool:
        return self in {Mode.SAFE, Mode.ALL}


class PlanState(StrEnum):
    OPEN = "open"
    APPLYING = "applying"
    APPLIED = "applied"
    PARTLY = "partly"  # some rows were not done
    REPLACED = "replaced"  # by a newer one, unapplied


class OutboxState(StrEnum):
    WAITS = "waits"
    DONE = "done"
    PLANNED = "planned"  # a stored plan holds it; a person decides
    DROPPED = "dropped"  # a conflict or refusal that waiting does not cure


def _choices(enum: type[StrEnum]) -> list[tuple[str, str]]:
    return [(one.value, one.value.capitalize()) for one in enum]


class SyncState(models.Model):
    """One row: the mode, the mapping, how far the change log was read, what was last seen and failed.

    Change-log ids commit out of order: all up to `settled_change_id` were looked at, and `seen_changes` above it;
    `change_marks` say which was the newest when. `mirror_of`: what the kept mirror is one of; "" while it may be wrong.
    """

    mode = models.CharField(max_length=8, choices=_choices(Mode), default=Mode.PLAN)
    mapping = models.JSONField(default=dict, blank=True)  # dotted key: text
    version = models.CharField(max_length=32, blank=True)
    last_change_id = models.PositiveBigIntegerField(null=True, blank=True)
    settled_change_id = models.PositiveBigIntegerField(null=True, blank=True)
    seen_changes = models.JSONField(default=list, blank=True)
    change_marks = models.JSONField(default=list, blank=True)
    mirror_of = models.CharField(max_length=64, blank=True)
    mirror_at = models.DateTimeField(null=True, blank=True)  # when all of it was read
    looked_at = models.DateTimeField(null=True, blank=True)  # at the change log
    checked_at = models.DateTimeField(null=True, blank=True)  # in full
    differences = models.PositiveIntegerField(null=True, blank=True)  # NULL: never counted
    failures = models.PositiveIntegerField(default=0)  # one after the other
    error = models.TextField(blank=True)
    error_at = models.DateTimeField(null=True, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)
    nudged_at = models.DateTimeField(null=True, blank=True)
    busy_by = models.CharField(max_length=64, blank=True)
    busy_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"sync: {self.mode}"


class SyncPlan(models.Model):
    """A stored plan. `scope`: "" everything, else a chassis, or one slot of it as a12-07."""

    made_at = models.DateTimeField()
    snapshot_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=_choices(PlanState), default=PlanState.OPEN)
    scope = models.CharField(max_length=80, blank=True)
    trigger = models.CharField(max_length=16, blank=True)
    made_by = models.CharField(max_length=150, blank=True)
    applied_by = models.CharField(max_length=150, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    differences = models.PositiveIntegerField(default=0)
    conflicts = models.PositiveIntegerField(default=0)
    requests = models.PositiveIntegerField(default=0)  # estimated
    requests_made = models.PositiveIntegerField(null=True, blank=True)
    error = models.TextField(blank=True)
    undoes = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"plan {self.pk}"

    def is_open(self, now: datetime) -> bool:
        """Say whether it can still be applied."""
        return self.state == PlanState.OPEN and now < self.expires_at


class StoredRow(models.Model):
    """One row of a stored plan, and what became of it. `data` is the whole row; columns repeat what is searched."""

    plan = models.ForeignKey(SyncPlan, on_delete=models.CASCADE, related_name="rows")
    position = models.PositiveIntegerField()
    key = models.CharField(max_length=300)
    action = models.CharField(max_length=8)
    group = models.CharField(max_length=12)
    label = models.CharField(max_length=300)
    subject = models.CharField(max_length=80, blank=True, db_index=True)
    data = models.JSONField()
    result = models.CharField(max_length=8, blank=True)  # a Fate; "": not tried
    result_text = models.TextField(blank=True)
    object_id = models.PositiveBigIntegerField(null=True, blank=True)
    stood_before = models.JSONField(default=dict, blank=True)
    stamp = models.CharField(max_length=40, blank=True)  # last_updated after the write
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("plan", "position")
        constraints = [
            models.UniqueConstraint(fields=("plan", "key"), name="stored_row_once"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.label}"

    @property
    def row(self) -> PlanRow:
        data: dict[str, Any] = self.data
        return unpack(data)


class OutboxItem(models.Model):
    """One finished swap that NetBox is to learn of; in order of id for each subject it shares with another."""

    swap_id = models.PositiveBigIntegerField(unique=True)
    chassis_slug = models.CharField(max_length=64)
    slot_number = models.PositiveSmallIntegerField()
    subjects = models.JSONField(default=list)  # uids of the modules it moved
    lines = models.JSONField(default=list)  # what people were shown
    state = models.CharField(
        max_length=8, choices=_choices(OutboxState), default=OutboxState.WAITS, db_index=True
    )
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(null=True, blank=True)
    text = models.TextField(blank=True)  # how it stands, for people
    plan = models.ForeignKey(SyncPlan, null=True, blank=True, on_delete=models.SET_NULL)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"swap {self.swap_id} in {self.chassis_slug} slot {self.slot_number}"


class OwnRequest(models.Model):
    """A request of ours, by the id under which NetBox's change log and webhooks tell of it."""

    request_id = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.request_id


class MirrorObject(models.Model):
    """One object as NetBox said it last; `data` is its record. All of them are valid or none: SyncState.mirror_of."""

    kind = models.CharField(max_length=40)
    object_id = models.PositiveBigIntegerField()
    data = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("kind", "object_id"), name="mirrored_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"
