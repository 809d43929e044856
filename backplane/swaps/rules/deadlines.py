"""When the clock alone may move a swap next. Pure."""

from datetime import datetime

from backplane.swaps.facts import Ask, SwapFacts
from backplane.swaps.rules.last_steps import stable_at
from backplane.swaps.rules.seen import Seen, seen_of
from backplane.swaps.steps import (
    HEALTH_LIMIT_S,
    IDENTIFY_LIMIT_S,
    INSERT_LIMIT_S,
    LOCATE_LIMIT_S,
    POWER_ON_LIMIT_S,
    PULL_LIMIT_S,
    READ_BACK_LIMIT_S,
    SAFE_LIMIT_S,
    SHUT_DOWN_LIMIT_S,
    Branch,
    Step,
    SwapState,
)

_OF_STEP = {
    Step.LOCATE: LOCATE_LIMIT_S,
    Step.PULL: PULL_LIMIT_S,
    Step.INSERT: INSERT_LIMIT_S,
    Step.IDENTIFY: IDENTIFY_LIMIT_S,
    Step.HEALTH: HEALTH_LIMIT_S,
}


def deadline_of(f: SwapFacts) -> datetime | None:
    """Return when to look again though nothing changed; None: only a change matters."""
    if f.row.state is not SwapState.OPEN or f.row.branch is Branch.LINK_LOST:
        return None
    times = [at for at in (time_out_of(f), *_short_waits(f)) if at is not None and at > f.now]
    return min(times, default=None)


def time_out_of(f: SwapFacts) -> datetime | None:
    """Return when this step's time is over, as people are told."""
    if f.row.branch not in {Branch.NONE, Branch.NO_READ_BACK}:
        return None
    if f.row.step is Step.SHUT_DOWN:
        return _after_sent(f, Ask.SHUTDOWN, SHUT_DOWN_LIMIT_S)
    if f.row.step is Step.POWER_ON:
        return _after_sent(f, Ask.POWER, POWER_ON_LIMIT_S)
    limit_s = _OF_STEP.get(f.row.step)
    return None if limit_s is None else f.after(limit_s)


def _after_sent(f: SwapFacts, ask: Ask, seconds: float) -> datetime | None:
    asked = f.asked.get(ask)
    if asked is None or not asked.sent_at:
        return None
    return f.after(seconds, asked.sent_at)


def _short_waits(f: SwapFacts) -> tuple[datetime | None, ...]:
    at_rack, dark = f.noted_at("at_rack"), f.noted_at("dark")
    waits_to_settle = f.row.step is Step.INSERT and seen_of(f) is not Seen.EMPTY
    return (
        f.after(READ_BACK_LIMIT_S, at_rack) if at_rack else None,
        f.after(SAFE_LIMIT_S, dark) if dark else None,
        f.after(POWER_ON_LIMIT_S) if f.row.step is Step.POWER_ON else None,
        stable_at(f) if waits_to_settle else None,
    )
