"""What the rules may decide: go somewhere, ask for a command, note something, park, end. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backplane.swaps.facts import Ask
from backplane.swaps.steps import Branch, Step


@dataclass(frozen=True, slots=True)
class Go:
    """To a step or branch; `text` is the line in the log ("" : none).

    `is_fresh`: the step begins anew, with its clock, and forgets what it noted and asked; but for power,
    where `keeps_power` says so: that is asked again by people alone.
    """

    step: Step
    branch: Branch = Branch.NONE
    text: str = ""
    is_fresh: bool = False
    keeps_power: bool = False
    noted: Mapping[str, Any] = field(default_factory=dict)
    kept: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Do:
    """Ask the hardware for something, once."""

    ask: Ask
    text: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """Remember something; nothing moves."""

    noted: Mapping[str, Any] = field(default_factory=dict)
    kept: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Accept:
    """What stands in the slot is what shall run there."""

    module_id: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Park:
    text: str


@dataclass(frozen=True, slots=True)
class Cancel:
    outcome: str


@dataclass(frozen=True, slots=True)
class Record:
    """All is done but the inventory's entry."""


@dataclass(frozen=True, slots=True)
class Settle:
    """Ask how the queued record stands."""


@dataclass(frozen=True, slots=True)
class Stay:
    """Nothing moves, and no later rule is asked."""


Move = Go | Do | Note | Accept | Park | Cancel | Record | Settle | Stay
STAY = Stay()

POWER_ASKS = (Ask.POWER, Ask.SHUTDOWN, Ask.CUT)
_OF_A_BRANCH = ("why", "is_dead", "wrong", "named")  # notes that go with the branch


def memory_after(memory: Mapping[str, Any], go: Go, *, is_same_step: bool) -> dict[str, Any]:
    """Return what a swap remembers once it has followed `go`."""
    noted, asked = dict(memory.get("noted", {})), dict(memory.get("asked", {}))
    if go.is_fresh or not is_same_step:
        keeps_power = go.keeps_power and is_same_step
        noted, asked = {}, {key: asked[key] for key in asked if keeps_power and key in POWER_ASKS}
    noted = {key: said for key, said in noted.items() if key not in _OF_A_BRANCH}
    kept = {**memory.get("kept", {}), **go.kept}
    return {**memory, "kept": kept, "noted": {**noted, **go.noted}, "asked": asked}
