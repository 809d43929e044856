"""The words of a swap that is put aside or over. Pure."""

from backplane.swaps.facts import SwapFacts
from backplane.swaps.rules.seen import Seen, seen_of
from backplane.swaps.script.first import stage
from backplane.swaps.stage import Button, Line, Stage
from backplane.swaps.steps import STEP_WORDS, Branch, Step

_SEEN = {
    Seen.EMPTY: "is empty",
    Seen.ON: "is on",
    Seen.HALTED: "is halted with power on",
    Seen.RELEASED: "is released",
    Seen.SUSPICIOUS: "looks empty, yet current flows",
    Seen.NOT_KNOWN: "is not known",
    Seen.TRIPPED: "was cut for over-current",
    Seen.OFF: "is off",
}


def parked(f: SwapFacts) -> Stage:
    n = f.slot.number
    return Stage(
        key="parked",
        step=f.row.step,
        tone="plain",
        icon="hold",
        title=f"Swap {f.row.id} is put aside",
        lead=f"Slot {n} {_SEEN[seen_of(f)]}.",
        sub=f"It stopped at step {int(f.row.step)}, {STEP_WORDS[f.row.step].lower()}.",
        buttons=(Button("resume", "Go on", look="main", who="anybody"),),
    )


def recording(f: SwapFacts) -> Stage:
    return stage("wait", "run", "Recording", f"Slot {f.slot.number} runs.")


def done(f: SwapFacts) -> Stage:
    waits = f.row.branch is Branch.RECORD_WAITS
    text: str = f.row.record.get("text", "")
    return Stage(
        key="9/record_waits" if waits else "done",
        step=Step.RECORD,
        tone="done",
        icon="run",
        title="You may leave" if waits else "Done",
        lead=f.row.outcome,
        sub=text,
        lines=record_lines(f),
    )


def record_lines(f: SwapFacts) -> tuple[Line, ...]:
    """Return what was or would be written, line by line."""
    lines: list[list[str]] = f.row.record.get("lines", [])
    return tuple(
        Line(name, f"{before or 'nothing'} → {after or 'nothing'}") for name, before, after in lines
    )


def cancelled(f: SwapFacts) -> Stage:
    return Stage(
        key="cancelled",
        step=f.row.step,
        tone="plain",
        icon="close",
        title=f"Swap {f.row.id} is cancelled",
        lead=f.row.outcome,
        sub=f"Slot {f.slot.number} {_SEEN[seen_of(f)]}.",
    )
