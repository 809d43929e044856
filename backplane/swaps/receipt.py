"""The receipt: who, when, what came out and what went in, minutes per step, and what people decided."""

from dataclasses import dataclass
from datetime import datetime

from backplane.slots.identities import carrier_text
from backplane.slots.models import Carrier, Module
from backplane.swaps.models import Swap, SwapEntry
from backplane.swaps.steps import STEP_WORDS, EntryKind, Step

# A step that ended by a person's word is a decision too: which slot, who it is, that it works.
_DECISIONS = (
    EntryKind.DEED,
    EntryKind.STEP,
    EntryKind.BRANCH,
    EntryKind.NOTE,
    EntryKind.HOLDER,
    EntryKind.PARK,
    EntryKind.COMMAND,
)


@dataclass(frozen=True, slots=True)
class Party:
    """What was taken out, or put in."""

    name: str = ""
    serial: str = ""
    mac: str = ""
    carrier: str = ""


@dataclass(frozen=True, slots=True)
class StepTime:
    number: int
    word: str
    seconds: float

    @property
    def minutes(self) -> float:
        return round(self.seconds / 60, 1)


@dataclass(frozen=True, slots=True)
class Decision:
    at: datetime
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Everything on the printed page; names are as they were then."""

    number: int
    chassis: str
    slot: int
    state: str
    outcome: str
    started_by: str
    people: tuple[str, ...]
    began_at: datetime
    ended_at: datetime | None
    old: Party
    new: Party
    times: tuple[StepTime, ...]
    decisions: tuple[Decision, ...]
    record_text: str = ""
    record_url: str = ""
    record_lines: tuple[tuple[str, str, str], ...] = ()

    @property
    def minutes(self) -> float:
        return round(sum(each.seconds for each in self.times) / 60, 1)


def make_receipt(swap: Swap) -> Receipt:
    """Read a swap's rows into its receipt."""
    entries = list(swap.entries.order_by("pk"))
    return Receipt(
        number=swap.pk,
        chassis=str(swap.chassis),
        slot=swap.slot.number,
        state=swap.state,
        outcome=swap.outcome,
        started_by=swap.started_by_name,
        people=_people(swap, entries),
        began_at=swap.created_at,
        ended_at=swap.ended_at,
        old=_party(swap.old_name, swap.old_module, swap.old_carrier),
        new=_party(swap.new_name, swap.new_module, swap.new_carrier),
        times=step_times(entries, swap.ended_at),
        decisions=tuple(
            Decision(each.at, each.who_name, each.text)
            for each in entries
            if each.kind in _DECISIONS and each.who_name
        ),
        record_text=swap.record.get("text", ""),
        record_url=swap.record.get("url", ""),
        record_lines=tuple((a, b, c) for a, b, c in swap.record.get("lines", [])),
    )


def step_times(entries: list[SwapEntry], ended_at: datetime | None) -> tuple[StepTime, ...]:
    """Return how long each step took: from each line to the next counts for the step the swap was in then."""
    spent: dict[int, float] = {}
    for entry, after in zip(entries, [*entries[1:], None], strict=True):
        until = ended_at if after is None else after.at
        if until is not None and entry.kind not in {EntryKind.PARK, EntryKind.END}:
            step = int(entry.data.get("to", entry.step))
            spent[step] = spent.get(step, 0.0) + (until - entry.at).total_seconds()
    return tuple(StepTime(step, STEP_WORDS[Step(step)], spent[step]) for step in sorted(spent))


def _people(swap: Swap, entries: list[SwapEntry]) -> tuple[str, ...]:
    names = [swap.started_by_name, *(entry.who_name for entry in entries)]
    return tuple(dict.fromkeys(name for name in names if name))


def _party(name: str, module: Module | None, carrier: Carrier | None) -> Party:
    return Party(
        name=name,
        serial="" if module is None else module.serial,
        mac="" if module is None else module.mac,
        carrier="" if carrier is None else carrier.label or carrier_text(carrier.uid),
    )
