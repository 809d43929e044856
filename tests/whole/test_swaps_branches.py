"""Each branch of a swap on the whole rack: what people choose, what lies in their hands, what the slot was before.

WHOLE_MATRIX=1 makes every choice, and puts aside and cancels at every place, not at some.
"""

import os
from collections.abc import Callable

import pytest

from backplane.slots import services as slots
from backplane.slots.models import Module
from backplane.swaps import selectors
from backplane.swaps.models import Swap
from backplane.swaps.services import advance
from backplane.swaps.steps import SwapState
from tests.support.fates import forget_readings
from tests.support.stations import SLOT, STATIONS, begin
from tests.support.swap_witness import Witness
from tests.support.technician import Technician, person, start
from tests.support.whole_rack import WholeRack
from tests.whole.conftest import NewRack

pytestmark = pytest.mark.django_db

_IS_WHOLE = bool(os.environ.get("WHOLE_MATRIX"))
_EACH = 1 if _IS_WHOLE else 8
Then = Callable[[Technician], None]


def _wait_once(who: Technician) -> None:
    who.press("wait_more")
    who.rack.wait(92)
    assert who.key == "3/hangs"


def _other_carrier_in_the_wrong_slot(who: Technician) -> None:
    for line in ("insert 6 0badc0de", "pull 6"):
        who.rack.tell(line)
        who.rack.run(2)
        assert who.key == "4/wrong_pull", who.story()
    own = who.rack.rig.world.bench
    uid = next(each for each in own if each.endswith("-06"))
    who.rack.tell(f"insert 6 {uid}")
    who.rack.run(2)


def _brings_another(who: Technician) -> None:
    who.puts = "5eed5eed"


def _retries(who: Technician) -> None:
    who.rack.tell(f"short {SLOT} off")


def _tell(line: str) -> Then:
    def then(who: Technician) -> None:
        assert who.rack.tell(line)["ok"]
        who.rack.run(2)

    return then


# name: (station, what is chosen there, what is done before it goes on)
CHOICES: dict[str, tuple[str, dict[str, str], Then | None]] = {
    "it hangs, is waited for, then cut": ("hangs", {"3/hangs": "cut"}, _wait_once),
    "already dead": ("shut down", {"3": "cut"}, _tell(f"hang {SLOT}")),
    "halted from inside": ("shut down", {}, _tell(f"halt {SLOT}")),
    "another carrier in the wrong slot": ("wrong pull", {}, _other_carrier_in_the_wrong_slot),
    "the wrong slot stays off": ("restore", {"4/restore": "leave_off"}, None),
    "it is taken to where it belongs": ("elsewhere", {"6/elsewhere": "reseat"}, _brings_another),
    "a new Pi on the old tray": ("same back", {"6/same_back": "same_new_pi"}, None),
    "nobody says who it is": ("no identity", {"6/no_identity": "continue_without_id"}, None),
    "it is seated again": ("no identity", {"6/no_identity": "reseat"}, _brings_another),
    "a trip at the start": ("power fault", {}, _retries),
    "another one is taken": (
        "unhealthy",
        {"8/unhealthy": "swap_again"},
        _brings_another,
    ),
    "the contact chatters": ("pull", {}, _tell(f"bounce {SLOT}")),
    "the contact chatters after it is in": ("health", {}, _tell(f"bounce {SLOT}")),
}


@pytest.mark.parametrize("name", list(CHOICES)[:: 1 if _IS_WHOLE else 4])
def test_each_choice_leads_to_the_end(new_rack: NewRack, name: str) -> None:
    station, choices, then = CHOICES[name]
    rack = new_rack(rounds=(advance,))
    place = STATIONS[station]
    witness = Witness(rack, SLOT, set(place.others))
    who = begin(rack, place)
    if then is not None:
        then(who)
    who.choices = {**place.choices, **choices}
    swap = who.finish()
    assert swap.state == SwapState.DONE, who.story()
    assert all(any(each == f"{key}:{do}" for each in who.trail) for key, do in choices.items())
    _check_end(who, witness)


def _check_end(who: Technician, witness: Witness) -> None:
    witness.check()
    assert who.lies == []
    assert who.rack.lights_seen(witness.slot) >> 6 == 0
    forget_readings(who.rack)


@pytest.mark.parametrize("slot", [5, 8, 10])
def test_an_empty_slot_and_one_that_is_off_get_a_pi(new_rack: NewRack, slot: int) -> None:
    rack = new_rack(rounds=(advance,))
    witness = Witness(rack, slot)
    who = start(rack, slot)
    swap = who.finish()
    assert (swap.state, swap.outcome) == (SwapState.DONE, f"web-{slot:02d} runs in slot {slot}.")
    assert rack.rig.world.bay(slot).rail_is_commanded
    _check_end(who, witness)


def test_a_board_that_senses_nothing_is_led_by_taps(new_rack: NewRack) -> None:
    rack = new_rack(rounds=(advance,), board="bare-4")
    witness = Witness(rack, 2)
    who = start(rack, 2)
    while "already_out" not in who.offered():
        who.step()
    hands = [("already_out", "pull 2"), ("is_in", "insert 2 1b2c3d4e")]
    for do, line in hands:
        while do not in who.offered():
            who.step()
        if not rack.tell(line)["ok"]:
            assert line in who.trail, line
        who.press(do)
    swap = who.finish()
    assert swap.state == SwapState.DONE, who.story()
    _check_end(who, witness)


def test_what_stays_out_after_a_wrong_pull_is_gone_on_with_later(new_rack: NewRack) -> None:
    rack = new_rack(rounds=(advance,))
    witness = Witness(rack, SLOT, {6})
    who = begin(rack, STATIONS["wrong pull"])
    who.press("keep_out", reason="its fan burns")
    assert who.finish().state == SwapState.DONE
    aside = Swap.objects.get(slot__number=6)
    assert aside.state == SwapState.PARKED
    later = Technician(rack, aside.pk, person("ben"), "5eed5eed")
    assert later.finish().state == SwapState.DONE, later.story()
    assert rack.rig.world.bay(6).rail_is_commanded
    _check_end(who, witness)


def test_two_swaps_of_a_chassis_are_done_one_after_the_other(new_rack: NewRack) -> None:
    rack = new_rack(rounds=(advance,))
    witness = Witness(rack, SLOT, {2})
    first = start(rack, 2, person("cy"))
    first.until("4")
    second = start(rack, SLOT)
    second.puts = "5eed5eed"
    second.until("3/queued")
    waits = 0
    while first.swap.is_unfinished or second.swap.is_unfinished:
        for who in (first, second):
            if who.swap.is_unfinished:
                who.step()
            assert len(_blue(rack)) <= 1
        waits += 1
        assert waits < 400, second.story()
    assert (first.swap.state, second.swap.state) == (SwapState.DONE, SwapState.DONE)
    rack.run(2)
    _check_end(second, witness)


def _blue(rack: WholeRack) -> list[int]:
    return [n for n in rack.numbers if rack.lights_seen(n) >> 6 & 7 == 1]


def test_who_does_not_hold_a_swap_follows_it_until_the_holder_is_silent(new_rack: NewRack) -> None:
    rack = new_rack(rounds=(advance,))
    ana = begin(rack, STATIONS["pull"])
    ben = Technician(rack, ana.swap_id, person("ben"))
    assert set(ben.offered()) == {"message"}
    ben.press("message", text="On my way")
    rack.wait(130)
    assert "take_over" in ben.offered()
    assert ben.finish().state == SwapState.DONE, ben.story()
    assert "take_over" not in ana.offered()
    assert set(selectors.receipt_of(ben.swap).people) == {"ana", "ben"}
    forget_readings(rack)


def test_a_pi_cannot_stand_in_two_slots(new_rack: NewRack) -> None:
    rack = new_rack(rounds=(advance,))
    who = begin(rack, STATIONS["unknown"])
    other = Module.objects.create(name="db-01", serial="ABC1")
    slots.name_occupant(rack.slot(2).pk, module_id=other.pk, now=rack.now)
    with pytest.raises(AssertionError, match="offered and refused"):
        who.press("name_new", name="web-07", serial="abc1")
    who.press("name_new", name="web-07", serial="abc2")
    assert who.finish().outcome == "web-07 runs in slot 7."
    assert rack.slot(2).module == other
    forget_readings(rack)


def test_an_accepted_pi_that_is_off_is_not_said_to_run(new_rack: NewRack) -> None:
    rack = new_rack(rounds=(advance,))
    who = begin(rack, STATIONS["unhealthy"])
    who.press("accept_health", note="the fuse comes tomorrow")
    swap = who.swap
    assert (swap.state, swap.outcome) == (SwapState.DONE, "web-07 is in slot 7, without power.")
    forget_readings(rack)


_LIVING = [name for name in STATIONS if name != "parked"]


@pytest.mark.parametrize("name", _LIVING[::_EACH])
def test_put_aside_and_gone_on_with(new_rack: NewRack, name: str) -> None:
    rack = new_rack(rounds=(advance,))
    place = STATIONS[name]
    witness = Witness(rack, SLOT, set(place.others))
    who = begin(rack, place)
    who.press("park")
    rack.run(3)
    assert who.swap.state == SwapState.PARKED
    released = rack.slot(SLOT).facts.released
    assert not released, "a parked swap keeps nothing released"
    assert _blue(rack) == [] or name == "queued"
    place.mend(who)
    assert who.finish().state == SwapState.DONE, who.story()
    _check_end(who, witness)


@pytest.mark.parametrize("name", ["hangs", "shutting down", "powering", *_LIVING[1::_EACH]])
def test_cancelled_with_the_consequence_that_was_said(new_rack: NewRack, name: str) -> None:
    rack = new_rack(rounds=(advance,))
    place = STATIONS[name]
    witness = Witness(rack, SLOT, set(place.others))
    who = begin(rack, place)
    said = who.offered()["cancel"].consequence
    is_on = rack.rig.world.bay(SLOT).rail_is_commanded
    who.press("cancel")
    rack.run(8)
    assert who.swap.state == SwapState.CANCELLED, who.story()
    bay = rack.rig.world.bay(SLOT)
    told = {"powered on again": True, "is on its way": True, "stays off": False}
    wanted = next((on for words, on in told.items() if words in said), is_on)
    assert bay.rail_is_commanded == wanted, f"{said} {who.story()}"
    assert ("stays empty" in said) == (bay.carrier is None)
    if "should it stop yet" in said:  # what the board still waits for, it shows
        rack.tell(f"pull {SLOT}")
        rack.run(1)
    _check_end(who, witness)
