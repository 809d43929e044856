"""What became of each row of a plan that was applied. Pure."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Fate(StrEnum):
    """What became of a row."""

    DONE = "done"
    ALREADY = "already"  # somebody, or an earlier try, did it
    CHANGED = (
        "changed"  # somebody changed what it was planned on: a person or the next plan decides
    )
    FAILED = "failed"
    WAITS = "waits"  # for a row that was not done
    LEFT = "left"  # not tried, or not known whether it arrived

    @property
    def is_good(self) -> bool:
        return self in {Fate.DONE, Fate.ALREADY}


@dataclass(frozen=True, slots=True)
class RowResult:
    """`before`: what stood in the fields that were written; `stamp`: the object's last_updated after the write."""

    key: str
    fate: Fate
    text: str = ""
    object_id: int | None = None
    before: dict[str, Any] = field(default_factory=dict)
    stamp: str = ""
