"""Where things stand: this installation, its chassis and their slots. Written by slots.services only."""

import secrets
from datetime import datetime
from enum import StrEnum

from django.db import models
from django.db.models.functions import Lower

from backplane.people.models import Site
from backplane.slots import durable
from backplane.slots.boards import BoardProfile, load_profile
from backplane.slots.facts import Cause, SlotFacts, SlotFlag, SlotState
from backplane.slots.models.hardware import Carrier, Module
from backplane.slots.telemetry import store


class LinkState(StrEnum):
    """How the link of a chassis is; the values are those of firmware_link's LinkState."""

    OPENING = "opening"
    SILENT = "silent"
    UP = "up"
    LOST = "lost"
    NO_PORT = "no_port"
    FORBIDDEN = "forbidden"
    TAKEN = "taken"
    WRONG_VERSION = "wrong_version"
    OTHER_OWNER = "other_owner"
    SUPERSEDED = "superseded"
    REFUSED = "refused"


def choices(enum: type[StrEnum]) -> list[tuple[str, str]]:
    """Return Django choices of a pure enum."""
    return [(member.value, member.name.replace("_", " ").capitalize()) for member in enum]


def new_host_id() -> int:
    """Return a random host id: 63 bits, so that every database's signed 64-bit column takes it."""
    return secrets.randbelow(2**63 - 1) + 1


class Installation(models.Model):
    """One row: who this database is to the boards it owns."""

    host_id = models.BigIntegerField(default=new_host_id, editable=False)

    def __str__(self) -> str:
        return f"{self.host_id:016x}"


# Hardware ends its board id with zeros; a recording that is played again ends it with the letters RP.
REPLAYED_ENDING = "5250"


class Chassis(models.Model):
    """A backplane with its board, the lease on it, and how far its events are recorded."""

    slug = models.SlugField(max_length=64)
    name = models.CharField(max_length=64, blank=True)
    site = models.ForeignKey(
        Site, null=True, blank=True, on_delete=models.PROTECT, related_name="chassis"
    )
    location = models.CharField(max_length=128, blank=True)
    board_id = models.CharField(max_length=16, unique=True, null=True, blank=True)
    board_name = models.CharField(max_length=64, blank=True)
    slot_count = models.PositiveSmallIntegerField(default=10)
    is_simulated = models.BooleanField(default=False)
    port_url = models.CharField(max_length=255, blank=True)
    firmware_version = models.CharField(max_length=64, blank=True)
    caps = models.PositiveIntegerField(default=0)
    boot = models.PositiveIntegerField(null=True, blank=True)
    budget_mw = models.PositiveIntegerField(null=True, blank=True)  # NULL: the board's own
    ceiling_mw = models.PositiveIntegerField(null=True, blank=True)  # the board's; NULL: not read
    lost_supplies = models.JSONField(default=list, blank=True)  # numbers of supplies told as lost
    supplies_known = models.BooleanField(default=False)  # False: what was told last may be over

    revision = models.PositiveBigIntegerField(default=0)  # `seq` of the live protocol
    epoch = models.PositiveBigIntegerField(default=0)  # generation of the lease
    journal = models.PositiveBigIntegerField(null=True, blank=True)
    cursor = models.PositiveBigIntegerField(null=True, blank=True)  # last committed event number

    link_state = models.CharField(
        max_length=16, choices=choices(LinkState), default=LinkState.OPENING
    )
    link_message = models.CharField(max_length=255, blank=True)
    link_changed_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    take_over_confirmed = models.BooleanField(default=False)
    offered_board_id = models.CharField(max_length=16, blank=True)  # answers, but is not ours
    adopt_board_id = models.CharField(max_length=16, blank=True)  # a person said: take that one

    class Meta:
        ordering = ("slug",)
        verbose_name_plural = "chassis"
        constraints = [
            models.UniqueConstraint(Lower("slug"), name="chassis_slug_unique"),
        ]

    def __str__(self) -> str:
        return self.name or self.slug

    @property
    def profile(self) -> BoardProfile:
        """Geometry, limits and senses of this chassis's kind of board."""
        return load_profile(self.board_name, self.slot_count)

    @property
    def is_replayed(self) -> bool:
        """Whether a recording speaks for it: nothing can be asked of it, and no inventory learns of it."""
        return (self.board_id or "").endswith(REPLAYED_ENDING)

    @property
    def link_is_up(self) -> bool:
        return self.link_state == LinkState.UP

    @property
    def last_heard_at(self) -> datetime | None:
        """When the board was last heard: by this process, else as the row says (30 s coarse)."""
        times = [at for at in (self.seen_at, store.heard_at(self.pk)) if at is not None]
        return max(times, default=None)

    @property
    def power_budget_mw(self) -> int:
        """The budget set for this chassis, else its board's own."""
        return self.profile.limits.budget_mw if self.budget_mw is None else self.budget_mw

    @property
    def storage_ok(self) -> bool:
        """Whether this process's last durable commit worked; a full disk cannot be told by a row."""
        return durable.storage_is_ok()


class Slot(models.Model):
    """A bay of a chassis: its state, what was last seen, and what is in it."""

    chassis = models.ForeignKey(Chassis, on_delete=models.CASCADE, related_name="slots")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(
        max_length=2, choices=choices(SlotState), default=SlotState.COMMUNICATION_LOST
    )
    cause = models.CharField(max_length=16, choices=choices(Cause), blank=True)  # of `state`
    since = models.DateTimeField(null=True, blank=True)  # of `state`
    flags = models.PositiveBigIntegerField(null=True, blank=True)  # NULL: not known
    lights = models.PositiveIntegerField(null=True, blank=True)  # NULL: not known
    revision = models.PositiveBigIntegerField(default=0)  # when state or flags last changed
    seen_at = models.DateTimeField(null=True, blank=True)
    mv = models.PositiveIntegerField(null=True, blank=True)
    ma = models.PositiveIntegerField(null=True, blank=True)
    cdeg = models.IntegerField(null=True, blank=True)
    peak_mw = models.PositiveIntegerField(default=0)  # learned from what stands here now
    restore_policy = models.PositiveSmallIntegerField(null=True, blank=True)  # NULL: not read yet
    locate_by = models.CharField(max_length=150, blank=True)  # who asked for the locate light
    locate_until = models.DateTimeField(null=True, blank=True)  # when it ends by itself
    carrier = models.ForeignKey(
        Carrier, null=True, blank=True, on_delete=models.SET_NULL, related_name="slots"
    )
    module = models.ForeignKey(
        Module, null=True, blank=True, on_delete=models.SET_NULL, related_name="slots"
    )
    planned_module = models.ForeignKey(
        Module, null=True, blank=True, on_delete=models.SET_NULL, related_name="planned_slots"
    )

    # Events were lost since `carrier` and `module` were told: another one may stand here.
    is_occupant_unsure = models.BooleanField(default=False)

    class Meta:
        ordering = ("chassis", "number")
        constraints = [
            models.UniqueConstraint(fields=("chassis", "number"), name="slot_number_unique"),
        ]

    def __str__(self) -> str:
        return f"slot {self.number}"

    @property
    def facts(self) -> SlotFacts:
        """State and flags as the pure rules want them."""
        flags = None if self.flags is None else SlotFlag(self.flags)
        return SlotFacts(SlotState(self.state), flags, Cause(self.cause) if self.cause else None)
