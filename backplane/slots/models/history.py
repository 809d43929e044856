"""What happened and what was asked: append-only rows, but for the life of a Command."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from backplane.slots.facts import Cause, EventKind, SlotState
from backplane.slots.models.chassis import Chassis, Slot, choices
from backplane.slots.ops import POWER_OPS, UNFINISHED, CommandOp, CommandState, Origin


class HardwareEvent(models.Model):
    """One event of a board, as it came; numbers never restart within a journal."""

    chassis = models.ForeignKey(Chassis, on_delete=models.CASCADE, related_name="hardware_events")
    board_id = models.CharField(max_length=16)
    journal = models.PositiveBigIntegerField()
    number = models.PositiveBigIntegerField()
    boot = models.PositiveIntegerField()
    uptime_ms = models.PositiveBigIntegerField()
    kind = models.PositiveSmallIntegerField()
    slot_number = models.PositiveSmallIntegerField()  # 0: the chassis
    value = models.IntegerField()
    carrier_uid = models.CharField(max_length=510, blank=True)
    raw = models.BinaryField()
    is_understood = models.BooleanField(default=True)
    occurred_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=("board_id", "journal", "number"), name="hardware_event_once"
            ),
        ]
        indexes = [
            models.Index(fields=("chassis", "-id"), name="hardware_event_recent"),
            # A life asks for the few troubles of one slot between two times.
            models.Index(
                fields=("chassis", "slot_number", "kind", "received_at"),
                name="hardware_event_of_slot",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind_name} {self.number}"

    @property
    def kind_name(self) -> str:
        """Name of the kind, or its number when this version does not know it."""
        try:
            return EventKind(self.kind).name
        except ValueError:
            return f"kind {self.kind}"


class Command(models.Model):
    """What somebody asked for: who, what, the version they saw, an expiry, and how it ended."""

    chassis = models.ForeignKey(Chassis, on_delete=models.CASCADE, related_name="commands")
    slot = models.ForeignKey(
        Slot, null=True, blank=True, on_delete=models.CASCADE, related_name="commands"
    )
    op = models.CharField(max_length=16, choices=choices(CommandOp))
    arguments = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=8, choices=choices(CommandState), default=CommandState.OPEN)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="commands",
    )
    requester_name = models.CharField(max_length=150, blank=True)
    origin = models.CharField(max_length=8, choices=choices(Origin), default=Origin.PERSON)
    seen_revision = models.PositiveBigIntegerField(null=True, blank=True)
    wire_id = models.PositiveIntegerField()  # 24 bits, so that RAIL events can carry it
    boot = models.PositiveIntegerField(null=True, blank=True)  # what the giver knew
    if_event = models.PositiveBigIntegerField()  # what the giver knew; SKIP_EVENT_CHECK: cut now
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    result_code = models.PositiveSmallIntegerField(null=True, blank=True)
    outcome = models.CharField(max_length=255, blank=True)
    waiting_for = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=("slot",),
                condition=Q(state__in=UNFINISHED, op__in=POWER_OPS),
                name="command_one_power_per_slot",
            ),
        ]
        indexes = [
            models.Index(
                fields=("chassis",), condition=Q(state__in=UNFINISHED), name="command_unfinished"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.op} {self.slot or self.chassis}"

    @property
    def is_power(self) -> bool:
        return self.op in POWER_OPS

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED


class Transition(models.Model):
    """One change of state of one slot."""

    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, related_name="transitions")
    old = models.CharField(max_length=2, choices=choices(SlotState))
    new = models.CharField(max_length=2, choices=choices(SlotState))
    cause = models.CharField(max_length=16, choices=choices(Cause))
    hardware_event = models.ForeignKey(
        HardwareEvent,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="transitions",
    )
    command = models.ForeignKey(
        Command, null=True, blank=True, on_delete=models.SET_NULL, related_name="transitions"
    )
    at = models.DateTimeField()
    revision = models.PositiveBigIntegerField()

    class Meta:
        ordering = ("-pk",)
        indexes = [
            models.Index(fields=("slot", "-id"), name="transition_recent"),
            # Screens ask for the newest silence, which may lie years of other rows back.
            models.Index(fields=("cause", "-id"), name="transition_cause_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.old} to {self.new}"


class Gap(models.Model):
    """Events of a journal that will never come, and why."""

    chassis = models.ForeignKey(Chassis, on_delete=models.CASCADE, related_name="gaps")
    board_id = models.CharField(max_length=16)
    journal = models.PositiveBigIntegerField()
    first_missing = models.PositiveBigIntegerField()
    last_missing = models.PositiveBigIntegerField(null=True, blank=True)  # NULL: nobody knows
    reason = models.CharField(max_length=255)
    noticed_at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"from {self.first_missing} to {self.last_missing or '?'}"
