"""The few words of a swap that every screen of its chassis carries."""

from dataclasses import dataclass

from backplane.swaps.facts import SwapFacts
from backplane.swaps.models import Swap
from backplane.swaps.script import stage_of
from backplane.swaps.steps import STEP_WORDS, Step


@dataclass(frozen=True, slots=True)
class Brief:
    """`words`: the title of its screen; `version` changes whenever that screen does."""

    swap_id: int
    slot: int
    step: int
    step_word: str
    branch: str
    holder: str
    state: str
    tone: str
    words: str
    is_alert: bool
    version: int


def brief_of(swap: Swap, facts: SwapFacts) -> Brief:
    """Return the brief of a swap as its picture shows it."""
    stage = stage_of(facts)
    return Brief(
        swap_id=swap.pk,
        slot=facts.slot.number,
        step=int(swap.step),
        step_word=STEP_WORDS[Step(swap.step)],
        branch=swap.branch,
        holder=swap.holder_name,
        state=swap.state,
        tone=stage.tone,
        words=stage.title,
        is_alert=stage.is_alert,
        version=swap.version,
    )
