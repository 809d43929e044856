"""Swaps and what happened in them. Written by swaps.services only; a SwapEntry is never changed or deleted."""

from django.conf import settings
from django.db import models

from backplane.slots.models import Carrier, Chassis, Command, HardwareEvent, Module, Slot
from backplane.swaps.steps import STEP_WORDS, UNFINISHED_SWAPS, Branch, SwapState


class Swap(models.Model):
    """One guided swap of one slot; its primary key is the number people see. Resumable from its row alone."""

    chassis = models.ForeignKey(Chassis, on_delete=models.CASCADE, related_name="swaps")
    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, related_name="swaps")
    state = models.CharField(
        max_length=9,
        choices=[(state.value, state.value.capitalize()) for state in SwapState],
        default=SwapState.OPEN,
    )
    step = models.PositiveSmallIntegerField(
        choices=[(step.value, word) for step, word in STEP_WORDS.items()], default=1
    )
    branch = models.CharField(max_length=16, blank=True, default=Branch.NONE)
    step_since = models.DateTimeField()
    version = models.PositiveBigIntegerField(default=0)  # chassis revision of the last change
    memory = models.JSONField(default=dict, blank=True)  # what this step has to remember
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=255, blank=True)

    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    started_by_name = models.CharField(max_length=150, blank=True)
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    holder_name = models.CharField(max_length=150, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    expected_module = models.ForeignKey(
        Module, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    old_carrier = models.ForeignKey(
        Carrier, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    old_module = models.ForeignKey(
        Module, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    old_name = models.CharField(max_length=128, blank=True)  # as it was called then
    new_carrier = models.ForeignKey(
        Carrier, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    new_module = models.ForeignKey(
        Module, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    new_name = models.CharField(max_length=128, blank=True)
    record = models.JSONField(default=dict, blank=True)  # what was or would be written in step 9

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=("slot",),
                condition=models.Q(state__in=UNFINISHED_SWAPS),
                name="swap_one_per_slot",
            ),
        ]
        # Asked each second: what is unfinished, and what is done but for its record.
        indexes = [models.Index(fields=("state", "branch", "chassis"), name="swap_living")]

    def __str__(self) -> str:
        return f"swap {self.pk}"

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED_SWAPS


class SwapEntry(models.Model):
    """One line of a swap's log: a step that ended, a tap, a branch, a message, a take-over."""

    swap = models.ForeignKey(Swap, on_delete=models.CASCADE, related_name="entries")
    at = models.DateTimeField()
    step = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=16)  # EntryKind of services
    text = models.CharField(max_length=255)
    who = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    who_name = models.CharField(max_length=150, blank=True)  # "" : the hardware or the clock
    command = models.ForeignKey(
        Command, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    hardware_event = models.ForeignKey(
        HardwareEvent, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.text


class ChecklistItem(models.Model):
    """One line of what to move over from the old Pi to the new one; its owner edits the list."""

    position = models.PositiveSmallIntegerField(default=0)
    text = models.CharField(max_length=120)

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.text
