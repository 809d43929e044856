"""The few words of a swap that every screen of its chassis carries."""

from dataclasses import dataclass

from backplane.swaps.facts import SwapFacts
from backplane.swaps.models import Swap
from backplane.swaps.script import stage_of
from backplane.swaps.steps import STEP_WORDS, Step


@dataclass(frozen=True, slots=True)
class Brief:
    """`words`: the title of its screen; `version` changes whenever that screen does.

    An alert brings the sentences of its card along, so that a page can call a person before it has asked for the card.
    Those of step 2 stay on the server: which slot it is, is what the person is being asked there.
    """

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
    key: str = ""
    icon: str = ""
    lead: str = ""
    sub: str = ""


def brief_of(swap: Swap, facts: SwapFacts) -> Brief:
    """Return the brief of a swap as its picture shows it."""
    stage = stage_of(facts)
    is_told = stage.is_alert and facts.row.step is not Step.CONFIRM
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
        key=stage.key,
        icon=stage.icon,
        lead=stage.lead if is_told else "",
        sub=stage.sub if is_told else "",
    )
