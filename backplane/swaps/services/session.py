"""One swap inside one transaction on its chassis: its moves, its log, its commands, its trail.

The only place that writes a Swap's step, branch and state.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from backplane.people import audit
from backplane.slots.errors import CommandNotAccepted
from backplane.slots.models import Command
from backplane.slots.ops import CommandOp, Origin
from backplane.slots.records import CommandRequest
from backplane.slots.services.commands import request_within
from backplane.slots.services.work import Work
from backplane.swaps.facts import Ask, SwapFacts
from backplane.swaps.loading import Scene, picture
from backplane.swaps.models import Swap, SwapEntry
from backplane.swaps.moves import POWER_ASKS, Go, memory_after
from backplane.swaps.steps import LEASE_S, Branch, EntryKind, SwapState

_OPS: Final = {
    Ask.LOCATE_ON: CommandOp.LOCATE_ON,
    Ask.LOCATE_OFF: CommandOp.LOCATE_OFF,
    Ask.SHUTDOWN: CommandOp.SHUTDOWN,
    Ask.CUT: CommandOp.POWER_OFF,
    Ask.RELEASE: CommandOp.RELEASE,
    Ask.RELEASE_OFF: CommandOp.RELEASE,
    Ask.INVITE_ON: CommandOp.INVITE_ON,
    Ask.INVITE_OFF: CommandOp.INVITE_OFF,
    Ask.POWER: CommandOp.POWER_ON,
    Ask.CLEAR_TRIP: CommandOp.CLEAR_TRIP,
    Ask.RESTORE: CommandOp.POWER_ON,
}
_FIELDS: Final = Swap._meta.concrete_fields  # noqa: SLF001  (public by Django's documentation)


@dataclass(frozen=True, slots=True)
class Who:
    """Who stands behind a line of the log; nobody: the hardware or the clock."""

    user_id: int | None = None
    name: str = ""


class Session:
    """A swap that is being moved; `save` writes what changed."""

    def __init__(self, work: Work, swap: Swap, actor: audit.Actor | None = None) -> None:
        self.work = work
        self.swap = swap
        self.actor = actor
        self.memory: dict[str, Any] = {"kept": {}, "noted": {}, "asked": {}, **swap.memory}
        swap.memory = self.memory
        self._before = _row_text(swap)

    # -- looking --------------------------------------------------------------
    def facts(self) -> SwapFacts:
        """Take the picture anew."""
        return picture(self.swap, self.scene, self.work.now)

    @property
    def scene(self) -> Scene:
        return Scene(self.work.chassis, self.work.slots)

    @property
    def number(self) -> int:
        return self.scene.slot_of(self.swap).number

    @property
    def who(self) -> Who:
        return Who() if self.actor is None else Who(self.actor.user_id, self.actor.name)

    # -- moving ---------------------------------------------------------------
    def go(self, go: Go) -> None:
        """Follow a move; the step's end is told in the log."""
        swap = self.swap
        is_same = swap.step == go.step
        if go.text:
            self.log(EntryKind.BRANCH if go.branch else EntryKind.STEP, go.text, to=int(go.step))
        if go.is_fresh or not is_same:
            swap.step_since = self.work.now
        self._remember(memory_after(self.memory, go, is_same_step=is_same))
        swap.step, swap.branch = go.step, go.branch

    def _remember(self, memory: dict[str, Any]) -> None:
        self.memory = self.swap.memory = memory

    def note(
        self, noted: Mapping[str, Any] | None = None, kept: Mapping[str, Any] | None = None
    ) -> None:
        """Remember for this step, or over all steps."""
        self.memory["noted"] |= noted or {}
        self.memory["kept"] |= kept or {}

    def forget_asked(self, *asks: Ask) -> None:
        """Let these be asked once more: a person wants it."""
        for ask in asks:
            self.memory["asked"].pop(ask.value, None)

    def park(self, text: str) -> None:
        """Put the swap aside: its lights go off and its turn is free."""
        self._put_aside()
        self.swap.state = SwapState.PARKED
        self.swap.branch = Branch.NONE
        self.log(EntryKind.PARK, text)
        kept = {**self.memory["kept"], "turn": False, "queued_at": "", "drops": True}
        asked = {ask: said for ask, said in self.memory["asked"].items() if ask in POWER_ASKS}
        self._remember({**self.memory, "kept": kept, "noted": {}, "asked": asked})
        self.swap.lease_until = self.work.now

    def end(self, state: SwapState, outcome: str) -> None:
        """Close the swap; a white light that it lit goes off with it."""
        self.darken()
        self._put_aside()
        self.swap.state = state
        self.swap.outcome = outcome[:255]
        self.swap.ended_at = self.work.now
        self.log(EntryKind.END, outcome)
        self.note(kept={"turn": False, "queued_at": ""})

    def darken(self) -> None:
        """Take back the white light: the one that is seen, and the one that is still on its way."""
        lit = {Ask.LOCATE_ON.value, Ask.INVITE_ON.value} & set(self.memory["asked"])
        if lit or self.facts().slot.shows_white:
            self.ask(Ask.LOCATE_OFF)

    def _put_aside(self) -> None:
        if self.swap.branch != Branch.RECORD_WAITS:
            self.swap.branch = Branch.NONE

    # -- telling --------------------------------------------------------------
    def log(self, kind: EntryKind, text: str, command: Command | None = None, **data: Any) -> None:  # noqa: ANN401  (JSON values)
        """Append a line."""
        SwapEntry.objects.create(
            swap=self.swap,
            at=self.work.now,
            step=self.swap.step,
            kind=kind,
            text=text[:255],
            who_id=self.who.user_id,
            who_name=self.who.name[:150],
            command=command,
            data=data,
        )

    def renew_lease(self) -> None:
        """Whoever has the swap has it for two more minutes."""
        self.swap.lease_until = self.work.now + timedelta(seconds=LEASE_S)

    # -- asking ---------------------------------------------------------------
    def ask(self, ask: Ask, text: str = "", slot_number: int | None = None) -> Command | None:
        """Ask the hardware, once per step; what keeps it from being asked is remembered with the reason."""
        number = self.number if slot_number is None else slot_number
        try:
            command = request_within(self.work, self._request(ask, number))
        except CommandNotAccepted as refusal:
            self.memory["asked"][ask.value] = str(refusal)
            return None
        self.memory["asked"][ask.value] = command.pk
        self._audit(command, number)
        if text:
            self.log(EntryKind.COMMAND, text, command)
        return command

    def _request(self, ask: Ask, number: int) -> CommandRequest:
        on = {Ask.RELEASE: {"on": True}, Ask.RELEASE_OFF: {"on": False}}
        is_cut = ask is Ask.CUT
        return CommandRequest(
            chassis_id=self.work.chassis.pk,
            slot_number=number,
            op=_OPS[ask],
            user_id=self.swap.holder_id if self.actor is None else self.actor.user_id,
            requester_name=self.swap.holder_name if self.actor is None else self.actor.name,
            origin=Origin.PERSON if is_cut else Origin.SWAP,
            arguments=on.get(ask, {}),
            accepts_own_slot=bool(self.memory["kept"].get("own_ok")),
        )

    def _audit(self, command: Command, number: int) -> None:
        by = self.actor or audit.Actor(self.swap.holder_id, self.swap.holder_name, "", "local")
        act = audit.Act(
            f"command.{command.op}",
            subject=f"{self.work.chassis.slug} slot {number}",
            chassis=self.work.chassis.slug,
            slot=number,
            saw=f"swap {self.swap.pk}, step {int(self.swap.step)}",
            command_id=command.pk,
            swap_id=self.swap.pk,
            detail={"by": "swap"} if self.actor is None else {},
        )
        audit.record(by, act, self.work.now)

    # -- writing --------------------------------------------------------------
    def save(self) -> bool:
        """Write the row if it differs, as a change of its slot; say whether it did."""
        if _row_text(self.swap) == self._before:
            return False
        self.swap.version = self.work.revision
        self.swap.save()
        self.work.touch(self.number)
        self._before = _row_text(self.swap)
        return True


def _row_text(swap: Swap) -> str:
    """Return everything of a row that matters, to see whether it changed."""
    row = {field.attname: getattr(swap, field.attname) for field in _FIELDS}
    return json.dumps({**row, "version": 0, "lease_until": None}, default=str, sort_keys=True)
