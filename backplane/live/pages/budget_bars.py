"""The budget as bars and words: what is granted, what is drawn, what is kept for those that wait. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from backplane.slots.budget_lines import BudgetLine
from backplane.slots.waiting import watts


@dataclass(frozen=True, slots=True)
class Bar:
    """One feed. Widths are percent of the bar, which ends at `limit_x` or beyond it when too much is granted."""

    line: BudgetLine
    admitted_x: float
    reserved_x: float
    drawn_x: float | None
    limit_x: float
    words: str
    free: str


def bars_of(lines: Iterable[BudgetLine]) -> list[Bar]:
    """Return the bar of each feed."""
    return [_bar(line) for line in lines]


def _bar(line: BudgetLine) -> Bar:
    kept_mw = sum(mw for _, mw in line.reserved)
    whole_mw = max(line.budget_mw, line.admitted_mw, line.drawn_mw or 0, 1)
    share = 100 / whole_mw
    admitted_x = line.admitted_mw * share
    return Bar(
        line=line,
        admitted_x=round(admitted_x, 1),
        reserved_x=round(min(kept_mw * share, 100 - admitted_x), 1),
        drawn_x=None if line.drawn_mw is None else round(line.drawn_mw * share, 1),
        limit_x=round(line.budget_mw * share, 1),
        words=_words(line, kept_mw),
        free=f"{watts(line.free_mw)} free",
    )


def _words(line: BudgetLine, kept_mw: int) -> str:
    drawn = "draw not known" if line.drawn_mw is None else f"{watts(line.drawn_mw)} drawn"
    kept = f", {watts(kept_mw)} wanted by slots that wait" if kept_mw else ""
    return f"{watts(line.admitted_mw)} of {watts(line.budget_mw)} granted, {drawn}{kept}"
