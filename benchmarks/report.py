"""What a benchmark hands back, and how it is printed: a figure, its floor or peer of the same run, and the target."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured line. `target` is an upper bound unless `is_lower_bound`; None means told for context only."""

    what: str
    value: float
    unit: str
    target: float | None = None
    beside: str = ""
    is_lower_bound: bool = False

    @property
    def verdict(self) -> str:
        if self.target is None:
            return ""
        reached = self.value >= self.target if self.is_lower_bound else self.value <= self.target
        return "reached" if reached else "MISSED"


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of the sorted values lie, by nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(title: str, figures: Sequence[Figure]) -> str:
    """Return the figures as a Markdown table."""
    lines = [
        f"### {title}",
        "",
        "| what | measured | target | | beside it |",
        "| --- | --- | --- | --- | --- |",
    ]
    for figure in figures:
        sign = ">=" if figure.is_lower_bound else "<="
        target = "" if figure.target is None else f"{sign} {figure.target:g} {figure.unit}"
        lines.append(
            f"| {figure.what} | {figure.value:.3g} {figure.unit} | {target} | {figure.verdict} | {figure.beside} |"
        )
    return "\n".join(lines) + "\n"
