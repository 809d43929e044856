"""How NetBox is kept true: the mode and the mapping that people chose. One row."""

from enum import StrEnum

from django.db import models


class Mode(StrEnum):
    """What happens by itself."""

    OFF = "off"
    PLAN = "plan"
    SAFE = "safe"
    ALL = "all"

    @property
    def summary(self) -> str:
        return _SUMMARIES[self]

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(mode.value, mode.summary) for mode in cls]


_SUMMARIES = {
    Mode.OFF: "Off: NetBox is neither read nor written.",
    Mode.PLAN: "Plan only: differences are listed; a person applies them.",
    Mode.SAFE: "Automatic for swaps: what stands in which bay is written; the rest is planned.",
    Mode.ALL: "Automatic: everything that is no conflict is written.",
}


class NetBoxSetup(models.Model):
    """`mapping` is TOML, "" for the defaults; it was read without a mistake when it was stored."""

    mode = models.CharField(max_length=4, choices=Mode.choices(), default=Mode.PLAN)
    mapping = models.TextField(blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    changed_by = models.CharField(max_length=150, blank=True)
    tested_at = models.DateTimeField(null=True, blank=True)
    test_result = models.JSONField(default=dict, blank=True)  # as the page showed it

    def __str__(self) -> str:
        return f"NetBox, {self.mode}"
