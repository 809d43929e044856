"""Random technicians, random hands, random fates: what holds of every swap, whatever happens to it."""

import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from backplane.people.roles import Role
from backplane.slots.errors import CommandNotAccepted
from backplane.slots.models import Command
from backplane.slots.ops import UNFINISHED
from backplane.swaps import services
from backplane.swaps.errors import SwapError
from backplane.swaps.rules import deadline_of
from backplane.swaps.selectors import facts_of
from backplane.swaps.steps import SwapState
from tests.support.fates import FATES, forget_readings
from tests.support.stations import SLOT
from tests.support.swap_witness import Witness
from tests.support.technician import Technician, person, start
from tests.whole.conftest import NewRack

pytestmark = pytest.mark.django_db

_HANDS: tuple[str, ...] = (
    "pull 7",
    "insert 7",
    "insert 7 1b2c3d4e",
    "pull 6",
    "insert 6",
    "trip 7",
    "halt 7",
)
_HANDS += ("hang 7", "bounce 7", "loose 7 on", "loose 7 off", "backfeed 7 on", "backfeed 7 off")
_FATES = ("restart", "link_1s", "reboot", "dead_phone")
_SAYINGS = ("7", "6", "0", "", "web-07", "9" * 300, "-1", "\u202e\x00", "none")
_TALK = {"message", "note", "take_over", "light_missing", "park", "cancel"}

_ACTIONS = st.one_of(
    st.tuples(st.just("press"), st.integers(0, 12), st.sampled_from(_SAYINGS)),
    st.tuples(st.just("main"), st.just(0), st.just("")),
    st.tuples(st.just("main"), st.just(0), st.just("")),
    st.tuples(st.just("hand"), st.sampled_from(_HANDS), st.just("")),
    st.tuples(st.just("fate"), st.sampled_from(_FATES), st.just("")),
    st.tuples(st.just("wait"), st.sampled_from((0.3, 3, 100)), st.just("")),
)


@given(actions=st.lists(_ACTIONS, min_size=6, max_size=14))
@settings(
    max_examples=200 if os.environ.get("WHOLE_MATRIX") else 3,
    deadline=None,
    derandomize=not os.environ.get("WHOLE_MATRIX"),
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
def test_a_swap_always_has_a_way_on_and_never_does_harm(
    new_rack: NewRack, actions: list[tuple[str, str | float, str]]
) -> None:
    rack = new_rack(rounds=(services.advance,))
    witness = Witness(rack, SLOT, {6})
    who = start(rack, SLOT)
    for kind, what, said in actions:
        who = _DO[kind](who, witness, what, said)
        rack.run(0.3)
        _check(who, witness)
    rack.strike()
    forget_readings(rack)


def _press(who: Technician, _witness: Witness, what: object, said: str) -> Technician:
    """Press any button that anybody sees, with anything in its fields."""
    stage, swap = who.look(), who.swap
    buttons = [*stage.buttons, *stage.more]
    if not buttons:
        return who
    button = buttons[int(str(what)) % len(buttons)]
    values = {field.name: [said] for field in button.fields}
    deed = services.Deed(button.do, values, who.actor, Role.TECHNICIAN, swap.version)
    who.trail.append(f"{stage.key}:{button.do}({said[:8]})")
    try:
        services.act(who.swap_id, deed, who.rack.now)
    except (SwapError, CommandNotAccepted) as refusal:
        who.trail.append(str(refusal))
    return who


def _main(who: Technician, _witness: Witness, _what: object, _said: str) -> Technician:
    """Do as a sensible person would, for a little while."""
    for _ in range(6):
        if who.swap.is_unfinished:
            who.step()
    return who


def _hand(who: Technician, _witness: Witness, what: object, _said: str) -> Technician:
    who.rack.tell(str(what))  # where it cannot be done, nothing is
    who.trail.append(str(what))
    return who


def _fate(who: Technician, witness: Witness, what: object, _said: str) -> Technician:
    who.trail.append(str(what))
    who = FATES[str(what)](who, witness)
    who.actor = person(who.actor.name)
    return who


def _wait(who: Technician, _witness: Witness, what: object, _said: str) -> Technician:
    who.rack.wait(float(str(what)))
    return who


_DO: dict[str, Callable[[Technician, Witness, object, str], Technician]] = {
    "press": _press,
    "main": _main,
    "hand": _hand,
    "fate": _fate,
    "wait": _wait,
}


def _check(who: Technician, witness: Witness) -> None:
    witness.check()
    blue = [n for n in who.rack.numbers if who.rack.lights_seen(n) >> 6 & 7 == 1]
    assert set(blue) <= {SLOT}, who.story()
    swap = who.swap
    if swap.state not in {SwapState.OPEN, SwapState.PARKED}:
        return
    stage = who.look()
    presses = [
        each for each in (*stage.buttons, *stage.more) if each.do not in _TALK and not each.why_not
    ]
    facts = facts_of(swap, who.rack.now)
    assert presses or stage.ends_by or deadline_of(facts), who.story()
    if not Command.objects.filter(state__in=UNFINISHED).exists() and swap.state == SwapState.PARKED:
        who.rack.run(2)
        assert SLOT not in blue or not who.rack.slot(SLOT).facts.released, who.story()
