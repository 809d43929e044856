"""Steps 1 to 4 on the real firmware: lights, the wrong number, shutdowns that hang, slots that are off or empty."""

import pytest

from backplane.slots.models import Command, Slot
from backplane.slots.ops import CommandOp
from backplane.swaps.errors import NotPossible
from backplane.swaps.steps import SwapState
from tests.support.swap_bench import SwapBench

pytestmark = pytest.mark.django_db


def _buttons(bench: SwapBench, swap: int) -> set[str]:
    stage = bench.stage(swap)
    return {button.do for button in (*stage.buttons, *stage.more)}


def test_the_wrong_number_stops_the_swap_and_the_right_one_goes_on(bench: SwapBench) -> None:
    swap = bench.start(7)
    bench.until(lambda: bench.lamp(7, "locate") == "fast")
    bench.press(swap, "at_rack")
    bench.until_key(swap, "2")
    bench.press(swap, "slot", slot=6)
    stage = bench.stage(swap)
    assert (stage.key, stage.tone, stage.is_alert) == ("2/wrong_slot", "stop", True)
    assert {"try_again", "lamp_test", "locate_but", "cancel"} <= _buttons(bench, swap)
    bench.press(swap, "try_again")
    bench.press(swap, "slot", slot=7)
    assert bench.key(swap) == "3"
    assert bench.bay(7).rail_is_commanded


def test_a_light_that_is_not_reported_wants_an_eye(bench: SwapBench) -> None:
    swap = bench.start(7)
    bench.until(lambda: bench.lamp(7, "locate") == "fast")
    Slot.objects.filter(pk=bench.slot(7).pk).update(lights=0)
    bench.press(swap, "at_rack")
    Slot.objects.filter(pk=bench.slot(7).pk).update(lights=0)
    bench.until_key(swap, "1/no_read_back", "2")
    if bench.key(swap) == "2":
        bench.press(swap, "light_missing")
    assert bench.key(swap) == "1/no_read_back"
    bench.press(swap, "at_rack")
    assert bench.key(swap) == "2"
    assert "not reported" in bench.story()


def test_by_elimination_every_other_slot_lights_up(bench: SwapBench) -> None:
    swap = bench.start(7)
    bench.until(lambda: bench.lamp(7, "locate") == "fast")
    bench.press(swap, "at_rack")
    bench.until_key(swap, "2")
    bench.press(swap, "locate_but")
    bench.run(1)
    lit = [n for n in range(1, 11) if bench.lamp(n, "locate") == "fast"]
    assert lit == [1, 2, 3, 4, 5, 6, 8, 9, 10]
    assert bench.stage(swap).title == "Which slot is dark?"
    bench.press(swap, "slot", slot=7)
    assert bench.key(swap) == "3"


def test_a_shutdown_that_hangs_is_waited_for_or_cut_by_a_person_alone(bench: SwapBench) -> None:
    bench.do("hang 7")
    swap = bench.to_confirmed(7)
    bench.press(swap, "shut_down")
    bench.wait(95)
    assert bench.key(swap) == "3/hangs"
    bench.press(swap, "wait_more")
    assert bench.key(swap) == "3"
    bench.run(1)
    assert bench.bay(7).rail_is_commanded
    bench.press(swap, "cut")
    bench.until_key(swap, "4")
    assert not Command.objects.filter(op=CommandOp.POWER_OFF).exclude(requester_name="ana").exists()


def test_a_dead_pi_is_cut_at_once(bench: SwapBench) -> None:
    swap = bench.to_confirmed(7)
    cut = next(button for button in bench.stage(swap).buttons if button.do == "cut")
    assert (cut.guard, cut.look) == (3, "danger")
    bench.press(swap, "cut")
    bench.until_key(swap, "4")


def test_a_halted_pi_is_cut_without_harm(bench: SwapBench) -> None:
    bench.do("halt 7")
    bench.until(lambda: bench.slot(7).facts.halted)
    swap = bench.to_confirmed(7)
    cut = next(button for button in bench.stage(swap).buttons if button.do == "cut")
    assert (cut.guard, cut.consequence) == (2, "Its operating system is down: nothing is lost.")
    bench.press(swap, "cut")
    bench.until_key(swap, "4")


def test_a_slot_that_is_off_needs_no_shutdown_but_a_release(bench: SwapBench) -> None:
    swap = bench.to_confirmed(8)
    bench.until_key(swap, "4")
    assert bench.slot(8).facts.released
    assert not Command.objects.filter(op=CommandOp.SHUTDOWN).exists()


def test_an_empty_slot_goes_straight_to_insert(bench: SwapBench) -> None:
    swap = bench.to_confirmed(5)
    bench.until_key(swap, "5")
    bench.run(1)
    assert bench.lamp(5, "locate") == "slow"
    assert not Command.objects.filter(op=CommandOp.RELEASE).exists()


def test_what_feeds_a_rail_from_outside_keeps_it_from_being_released(bench: SwapBench) -> None:
    bench.do("backfeed 8 on")
    bench.run(2)
    swap = bench.to_confirmed(8)
    bench.until_key(swap, "3/not_off")
    assert bench.lamp(8, "hotswap") != "on"
    bench.do("backfeed 8 off")
    bench.run(2)
    bench.press(swap, "release_again")
    bench.until_key(swap, "4")


def test_nobody_at_the_rack_in_ten_minutes_puts_the_swap_aside(bench: SwapBench) -> None:
    swap = bench.start(7)
    bench.age(swap, 600)
    bench.run(0.5)
    assert bench.swap(swap).state == SwapState.PARKED
    assert bench.lamp(7, "locate") == "off"


def test_not_pulled_in_ten_minutes_offers_power_back(bench: SwapBench) -> None:
    swap = bench.to_pull(7)
    bench.age(swap, 600)
    bench.run(1)
    assert bench.key(swap) == "4/not_pulled"
    assert bench.slot(7).facts.released
    bench.press(swap, "power_back")
    bench.until(lambda: bench.slot(7).facts.power_good)
    assert bench.swap(swap).state == SwapState.CANCELLED
    assert not bench.slot(7).facts.released


def test_what_a_step_does_not_offer_is_refused(bench: SwapBench) -> None:
    swap = bench.to_confirmed(7)
    with pytest.raises(NotPossible, match="not possible now"):
        bench.press(swap, "accept_health")
