"""What one round of the keeper is about, and which rows of a plan it may write unasked. Pure of NetBox and clock."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from backplane.inventory.models import Mode, OutboxItem
from backplane.inventory.records import Plan, PlanRow
from backplane.inventory.records.plan import SAFE_GROUPS


@dataclass(frozen=True, slots=True)
class Round:
    """`items`: the swaps that are due. `is_narrow`: only what they are about was read. `is_news`: others wrote."""

    mode: Mode
    items: Sequence[OutboxItem]
    now: datetime
    interface: str
    is_narrow: bool = False
    is_news: bool = False
    subjects: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        subjects = frozenset(uid for item in self.items for uid in item.subjects)
        object.__setattr__(self, "subjects", subjects)

    def chosen(self, plan: Plan) -> list[PlanRow]:
        """Return what the mode writes unasked: swaps and what comes home, or everything; of what was read."""
        rows = [row for row in plan.writes if self._is_chosen(row)]
        if not self.is_narrow:
            return rows
        keys = _with_needs(plan, {row.key for row in rows if row.subject in self.subjects})
        return [row for row in plan.writes if row.key in keys]

    def _is_chosen(self, row: PlanRow) -> bool:
        if self.mode is Mode.ALL or row.group in SAFE_GROUPS:
            return True
        return bool(row.subject) and row.subject in self.subjects


def _with_needs(plan: Plan, keys: set[str]) -> set[str]:
    """Return these rows with all they depend on."""
    needs = {row.key: row.depends_on for row in plan.writes}
    found, left = set(), list(keys)
    while left:
        key = left.pop()
        if key in needs and key not in found:
            found.add(key)
            left += needs[key]
    return found
