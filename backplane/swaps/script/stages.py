"""Chooses the words for where a swap is, and adds what is always offered. Pure."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from backplane.swaps.facts import SwapFacts
from backplane.swaps.rules.deadlines import time_out_of
from backplane.swaps.script import always, ends, first, last, middle, odd
from backplane.swaps.stage import Stage
from backplane.swaps.steps import Branch, Step, SwapState

Writer = Callable[[SwapFacts], Stage]

_ANYWHERE: Final[dict[Branch, Writer]] = {
    Branch.LINK_LOST: odd.link_lost,
    Branch.WRONG_PULL: odd.wrong_pull,
    Branch.RESTORE: odd.restore,
    Branch.OWN_SLOT: odd.own_slot,
    Branch.QUEUED: odd.queued,
    Branch.UNDOING: odd.undoing,
}
_USUAL: Final[dict[Step, Writer]] = {
    Step.LOCATE: first.locate,
    Step.CONFIRM: first.confirm,
    Step.SHUT_DOWN: first.shut_down,
    Step.PULL: middle.pull,
    Step.INSERT: middle.insert,
    Step.IDENTIFY: middle.identify,
    Step.POWER_ON: last.power_on,
    Step.HEALTH: last.health,
    Step.RECORD: ends.recording,
}
_BRANCHES: Final[dict[tuple[Step, Branch], Writer]] = {
    (Step.LOCATE, Branch.NO_READ_BACK): first.no_read_back,
    (Step.CONFIRM, Branch.WRONG_SLOT): first.wrong_slot,
    (Step.SHUT_DOWN, Branch.NO_LINE): first.no_line,
    (Step.SHUT_DOWN, Branch.HANGS): first.hangs,
    (Step.SHUT_DOWN, Branch.REFUSED): first.refused,
    (Step.SHUT_DOWN, Branch.NOT_OFF): first.not_off,
    (Step.PULL, Branch.NOT_PULLED): middle.not_pulled,
    (Step.IDENTIFY, Branch.UNKNOWN): middle.unknown,
    (Step.IDENTIFY, Branch.ELSEWHERE): middle.elsewhere,
    (Step.IDENTIFY, Branch.SAME_BACK): middle.same_back,
    (Step.IDENTIFY, Branch.NOT_EXPECTED): middle.not_expected,
    (Step.IDENTIFY, Branch.NO_IDENTITY): middle.no_identity,
    (Step.POWER_ON, Branch.NO_POWER): last.no_power,
    (Step.POWER_ON, Branch.POWER_FAULT): last.power_fault,
    (Step.POWER_ON, Branch.REFUSED): last.refused,
    (Step.HEALTH, Branch.UNHEALTHY): last.unhealthy,
}


def stage_of(f: SwapFacts) -> Stage:
    """Return what the screen says and offers now."""
    match f.row.state:
        case SwapState.PARKED:
            return replace(ends.parked(f), more=always.of_parked(f))
        case SwapState.DONE:
            return ends.done(f)
        case SwapState.CANCELLED:
            return ends.cancelled(f)
        case _:
            stage = _writer(f)(f)
            return replace(
                stage,
                key=_key(f),
                step=f.row.step,
                deadline_at=time_out_of(f),
                more=(*stage.more, *always.of_open(f)),
            )


def _writer(f: SwapFacts) -> Writer:
    row = f.row
    return _ANYWHERE.get(row.branch) or _BRANCHES.get((row.step, row.branch)) or _USUAL[row.step]


def _key(f: SwapFacts) -> str:
    return f"{int(f.row.step)}/{f.row.branch}" if f.row.branch else str(int(f.row.step))
