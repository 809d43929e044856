"""The list of nine: what each step brought, from the log. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from backplane.swaps.stage import StepLine
from backplane.swaps.steps import STEP_WORDS, EntryKind, Step, SwapState

_ENDS = (EntryKind.STEP, EntryKind.RECORD)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a swap's log, as far as the list needs it."""

    step: Step
    kind: EntryKind
    text: str
    at: datetime


def order_of(*, power_first: bool) -> tuple[Step, ...]:
    """Return the steps as this board takes them."""
    steps = list(Step)
    if power_first:
        a, b = steps.index(Step.IDENTIFY), steps.index(Step.POWER_ON)
        steps[a], steps[b] = steps[b], steps[a]
    return tuple(steps)


def step_lines(
    step: Step, state: SwapState, log: Sequence[LogLine], *, power_first: bool = False
) -> tuple[StepLine, ...]:
    """Return the nine rows; a step that was never ended but lies behind was skipped."""
    order = order_of(power_first=power_first)
    ended = {line.step: line for line in log if line.kind in _ENDS}
    here = order.index(step)
    return tuple(
        _line(each, _state(order.index(each), here, state, is_ended=each in ended), ended.get(each))
        for each in order
    )


StepState = Literal["done", "now", "todo", "skipped"]


def _state(place: int, here: int, state: SwapState, *, is_ended: bool) -> StepState:
    if state is SwapState.DONE:
        return "done" if is_ended else "skipped"
    if place < here:
        return "done" if is_ended else "skipped"
    if place == here and state is not SwapState.CANCELLED:
        return "now"
    return "todo"


def _line(step: Step, state: StepState, ended: LogLine | None) -> StepLine:
    is_told = ended is not None and state == "done"
    return StepLine(
        number=int(step),
        word=STEP_WORDS[step],
        note=ended.text if ended is not None and is_told else "",
        state=state,
        at=ended.at if ended is not None and is_told else None,
    )
