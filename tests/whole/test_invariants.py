"""What holds whatever happens: random hands, commands, swaps, losses and reboots against firmware and services together.

A longer run: WHOLE_RACK_EXAMPLES=300 pytest tests/whole/test_invariants.py
"""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from backplane.people.audit import Actor
from backplane.people.models import User
from backplane.people.roles import Role
from backplane.slots import services
from backplane.slots.errors import SlotError
from backplane.slots.models import UNFINISHED_RUNS
from backplane.slots.ops import CommandOp, Origin
from backplane.slots.records import CommandRequest
from backplane.slots.runs import RunKind
from backplane.swaps import selectors
from backplane.swaps import services as swaps
from backplane.swaps.errors import SwapError
from backplane.swaps.models import Swap
from backplane.swaps.stage import Button, Field
from backplane.swaps.steps import UNFINISHED_SWAPS, SwapState
from tests.support.watched_rack import WatchedRack, nudged
from tests.support.whole_record import Record
from tests.whole.conftest import NewRack

EXAMPLES = int(os.environ.get("WHOLE_RACK_EXAMPLES", "0"))
PICK = st.integers(min_value=0, max_value=2**16)
PAUSES_S = st.sampled_from([0.05, 0.3, 1.0, 4.0])
OPS = st.sampled_from([op for op in CommandOp if op is not CommandOp.SET_CONFIG])
POWER = st.sampled_from([CommandOp.POWER_ON, CommandOp.SHUTDOWN, CommandOp.POWER_OFF])
HANDS = st.sampled_from(
    ["pull {}", "insert {}", "insert {}", "handle {} open", "handle {} close", "new-pi {}"]
)
BREAKS = ("trip {}", "halt {}", "hang {}", "brownout {}", "bounce {}", "short {} on")
LASTING = ("loose {} on", "backfeed {} on", "device {} off", "identity {} off")
ENDS = ("short {} off", "loose {} off", "backfeed {} off", "device {} on", "identity {} on")
MISHAPS = st.sampled_from([*BREAKS, *LASTING, *ENDS])
BOARD_FATES = ("reboot", "reboot", "power-loss")
CABLE_FATES = ("noise 0.02", "noise 0", "silence on", "silence off")
SUPPLY_FATES = ("supply 1 off", "supply 1 on", "supply 2 off", "supply 2 on")
FATES = st.sampled_from([*BOARD_FATES, *CABLE_FATES, *SUPPLY_FATES])
MENDED = ("noise 0", "silence off", "supply 1 on", "supply 2 on")


class WholeMachine(RuleBasedStateMachine):
    """One rack and one host, mistreated."""

    new_rack: NewRack
    board = "reference-10"
    budget_mw: int | None = None
    slots: tuple[int, ...] = (1, 2, 3, 5, 8)  # running ones, an empty one, one that is off

    @initialize()
    def begin(self) -> None:
        rounds = (nudged(swaps.advance), nudged(services.advance_runs))
        self.rack: WatchedRack = self.new_rack(board=self.board, rounds=rounds)  # type: ignore[assignment]  # what the fixture of this file makes
        user, _ = User.objects.get_or_create(username="ana", defaults={"role": Role.ADMIN})
        self.ana = Actor(user.pk, "ana", Role.ADMIN, "desk")
        services.set_budget(self.rack.chassis.pk, self.budget_mw, self.rack.now)
        self.record = Record(self.rack)
        self.host_is_up = True

    # -- at the rack --------------------------------------------------------------
    @rule(hand=HANDS, pick=PICK, pause_s=PAUSES_S)
    def hands(self, hand: str, pick: int, pause_s: float) -> None:
        self.rack.tell(hand.format(self._slot(pick)))
        self.rack.run(pause_s)

    @rule(pick=PICK, then=st.sampled_from(["pull", "swap over", "close", "ask"]))
    def somebody_releases_one(self, pick: int, then: str) -> None:
        """As a person does who knows the handles: open, wait for the blue light, and go on or not."""
        number = self._slot(pick)
        self.rack.tell(f"handle {number} open")
        self.rack.run(9)
        if then == "ask":
            self._ask(CommandOp.POWER_ON, number)
        else:
            self.rack.tell(f"handle {number} close" if then == "close" else f"pull {number}")
        self.rack.run(1)
        if then == "swap over":
            self.rack.tell(f"insert {number}")
            self.rack.run(1)

    @rule(pick=PICK, then=st.sampled_from([CommandOp.POWER_ON, CommandOp.POWER_CYCLE]))
    def somebody_wants_power_for_a_released_one(self, pick: int, then: CommandOp) -> None:
        """From a desk, with no handle open: the release alone stands in the way."""
        number = self._slot(pick)
        self._ask(CommandOp.POWER_OFF, number)
        self.rack.run(3)
        self._ask(CommandOp.RELEASE, number)
        self.rack.run(1)
        self._ask(then, number)
        self.rack.run(1)

    @rule(mishap=MISHAPS, pick=PICK, pause_s=PAUSES_S)
    def mishap(self, mishap: str, pick: int, pause_s: float) -> None:
        self.rack.tell(mishap.format(self._slot(pick)))
        self.rack.run(pause_s)

    @rule(fate=FATES)
    def fate(self, fate: str) -> None:
        self.rack.tell(fate)
        self.rack.run(0.3)

    @rule(seconds=st.sampled_from([2.0, 6.0, 12.0]))
    def time_passes(self, seconds: float) -> None:
        self.rack.run(seconds)

    @rule()
    def nobody_comes(self) -> None:
        self.rack.did("95 s pass")
        self.rack.wait(95)

    # -- at a desk ----------------------------------------------------------------
    @rule(op=OPS, pick=PICK, pause_s=PAUSES_S)
    def somebody_asks(self, op: CommandOp, pick: int, pause_s: float) -> None:
        self._ask(op, self._slot(pick))
        self.rack.run(pause_s)

    @rule(op=POWER, pick=PICK)
    def many_ask_at_once(self, op: CommandOp, pick: int) -> None:
        for number in self.slots[pick % 3 :]:
            self._ask(op, number)
        self.rack.run(1)

    @rule()
    def somebody_asks_for_what_must_not_be(self) -> None:
        """Power for whatever is released, tripped, alarmed or in a hand now."""
        for slot in self.rack.chassis.slots.filter(flags__isnull=False):
            facts = slot.facts
            if facts.released or facts.tripped or facts.alarm or facts.handle_closed is False:
                self._ask(CommandOp.POWER_ON, slot.number)
        self.rack.run(1)

    @rule(kind=st.sampled_from(list(RunKind)))
    def somebody_starts_a_run(self, kind: RunKind) -> None:
        chassis = self.rack.chassis
        order = services.usual_run_order(chassis.pk, kind)
        request = services.RunRequest(chassis.pk, kind, order, self.ana)
        self._try(f"run {kind} {order}", lambda: services.start_run(request, self.rack.now))

    @rule(pick=PICK)
    def somebody_decides_a_run(self, pick: int) -> None:
        run = self.rack.chassis.power_runs.filter(state__in=UNFINISHED_RUNS).first()
        choices = () if run is None else services.run_view(run).choices
        if run is None or not choices:
            return
        choice = choices[pick % len(choices)]
        decision = services.RunDecision(run.pk, choice, self.ana)
        self._try(f"run: {choice}", lambda: services.decide_run(decision, self.rack.now))

    # -- swaps ----------------------------------------------------------------------
    @rule(pick=PICK)
    def somebody_starts_a_swap(self, pick: int) -> None:
        request = swaps.SwapRequest(self.rack.chassis.pk, self._slot(pick), self.ana)
        self._try(
            f"swap of slot {request.slot_number}",
            lambda: swaps.start_swap(request, self.rack.now),
        )

    @rule(pick=PICK, pause_s=PAUSES_S)
    def somebody_presses(self, pick: int, pause_s: float) -> None:
        swap = self._swap(pick)
        if swap is None:
            return
        stage = selectors.stage_for(swap, self.rack.now)
        buttons = [each for each in (*stage.buttons * 3, *stage.more) if not each.why_not]
        if buttons:
            self._press(swap, stage.key, buttons[pick // 7 % len(buttons)], pick)
        self.rack.run(pause_s)

    @rule(pick=PICK)
    def somebody_does_as_the_swap_says(self, pick: int) -> None:
        """Go one step of a swap's usual way, so that runs come far."""
        swap = self._swap(pick)
        if swap is None or swap.state != SwapState.OPEN:
            return
        number = swap.slot.number
        match selectors.stage_for(swap, self.rack.now).key:
            case "4":
                self.rack.tell(f"pull {number}")
            case "5":
                self.rack.tell(f"insert {number}")
            case _:
                self.somebody_presses(0, 0.05)
        self.rack.run(6)

    def _press(self, swap: Swap, key: str, button: Button, pick: int) -> None:
        values = {field.name: [_filled(field, swap, pick)] for field in button.fields}
        deed = swaps.Deed(button.do, values, self.ana, Role.ADMIN, None)
        what = f"swap {swap.pk} at {key}: {button.do} {values}"
        self._try(what, lambda: swaps.act(swap.pk, deed, self.rack.now))

    # -- between them -----------------------------------------------------------------
    @rule(op=POWER, pick=PICK)
    def cable_is_pulled(self, op: CommandOp, pick: int) -> None:
        """In the moment in which somebody asks: what was not sent by then is never sent."""
        self._ask(op, self._slot(pick))
        self.rack.did("the cable is pulled for half a second")
        self.rack.pull_cable()
        self.rack.run(0.5)
        self.rack.plug_cable()

    @precondition(lambda self: self.host_is_up)
    @rule(seconds=st.sampled_from([0.5, 8.0]))
    def host_dies(self, seconds: float) -> None:
        self.rack.did("the host dies")
        self.rack.kill_host()
        self.host_is_up = False
        self.rack.run(seconds)

    @precondition(lambda self: not self.host_is_up)
    @rule()
    def host_starts(self) -> None:
        self.rack.did("the host starts")
        self.rack.start_host()
        self.host_is_up = True

    @rule(count=st.integers(min_value=1, max_value=12))
    def events_come_again(self, count: int) -> None:
        self.rack.did(f"the last {count} events come again")
        self.record.offer_again(count)

    @rule()
    def all_is_quiet(self) -> None:
        """Everything mends: now the record must be what the rack is."""
        if not self.host_is_up:
            self.host_starts()
        self.rack.plug_cable()
        for line in (*MENDED, *(f"device {number} on" for number in self.rack.numbers)):
            self.rack.tell(line)
        self.rack.run_until(self.rack.is_seen, within_s=60)
        self.rack.run(6)
        self.rack.run_until(self.rack.is_seen, within_s=60)
        self.rack.did("all is quiet")
        self.record.check_quiet()

    @invariant()
    def nothing_is_wrong(self) -> None:
        if not hasattr(self, "record"):
            return
        self.record.check_new()
        assert not self.rack.wrongs, "\n".join(["", *self.rack.wrongs, "after", *self.rack.story])

    def teardown(self) -> None:
        if hasattr(self, "rack"):
            self.all_is_quiet()
            self.nothing_is_wrong()
            self.rack.strike()

    # -- parts --------------------------------------------------------------------------
    def _slot(self, pick: int) -> int:
        return self.slots[pick % len(self.slots)]

    def _swap(self, pick: int) -> Swap | None:
        swaps_of = Swap.objects.filter(chassis=self.rack.chassis, state__in=UNFINISHED_SWAPS)
        rows = list(swaps_of.select_related("slot"))
        return rows[pick % len(rows)] if rows else None

    def _ask(self, op: CommandOp, slot: int) -> None:
        number = 0 if op is CommandOp.LAMP_TEST else slot
        arguments: dict[str, Any] = {"reason": "tried"} if op is CommandOp.CLEAR_ALARM else {}
        request = CommandRequest(
            self.rack.chassis.pk, number, op, arguments=arguments, origin=Origin.PERSON
        )
        self._try(f"{op} {number}", lambda: services.request_command(request, self.rack.now))

    def _try(self, what: str, deed: Any) -> None:  # noqa: ANN401  (a service)
        try:
            deed()
        except (SlotError, SwapError) as refusal:
            words = str(refusal)
            self.rack.did(f"{what}: {words}")
            if not words.endswith((".", "?")):
                self.rack.wrong(f"{what}: refused without a sentence: {words!r}")
        else:
            self.rack.did(what)


def _filled(field: Field, swap: Swap, pick: int) -> str:
    """Fill in a field of a button; the right slot three times of four."""
    if field.kind == "slots":
        return str(swap.slot.number if pick % 4 else pick % 10 + 1)
    if field.options:
        return field.options[pick % len(field.options)][0]
    return f"said {pick}"


class BareMachine(WholeMachine):
    """A board that senses next to nothing."""

    board = "bare-4"
    slots = (1, 2, 3, 4)


class TwinMachine(WholeMachine):
    """Two supplies with slots of their own, and room for two Pis."""

    board = "twin-6"
    slots = (1, 2, 4, 5, 6)
    budget_mw = 34_000


class TightMachine(WholeMachine):
    """A budget under which starts wait."""

    budget_mw = 40_000


@pytest.fixture
def watched(new_rack: NewRack) -> NewRack:
    return lambda **options: new_rack(kind=WatchedRack, **options)


@pytest.mark.parametrize(
    ("kind", "examples"),
    [(WholeMachine, 3), (BareMachine, 2), (TwinMachine, 2), (TightMachine, 2)],
    ids=["reference", "bare", "twin", "tight"],
)
def test_invariants_hold_whatever_happens(
    watched: NewRack, kind: type[WholeMachine], examples: int
) -> None:
    machine = type(kind.__name__, (kind,), {"new_rack": staticmethod(watched)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES or examples,
            stateful_step_count=40,
            deadline=None,
            phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking takes minutes
            suppress_health_check=list(HealthCheck),
            print_blob=False,
        ),
    )
