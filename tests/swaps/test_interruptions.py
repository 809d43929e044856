"""A lost link, a rebooted board and a hand where none was expected, in each step: there is always a way on."""

from datetime import timedelta

import pytest

from backplane.people.roles import Role
from backplane.slots import services as slots
from backplane.slots.models import Command
from backplane.slots.ops import CommandOp
from backplane.slots.records import GapRecord
from backplane.slots.runs import RunKind
from backplane.slots.services import RunRequest
from backplane.swaps import services
from backplane.swaps.errors import NotPossible, StaleSwap
from backplane.swaps.steps import Branch, SwapState
from tests.support.swap_bench import SwapBench

pytestmark = pytest.mark.django_db
UID = "1b2c3d4e"


@pytest.mark.parametrize("happens", ["link", "reboot"])
def test_a_pull_that_nobody_saw_is_found(bench: SwapBench, happens: str) -> None:
    swap = bench.to_pull(7)
    if happens == "link":
        bench.unlink()
        assert bench.key(swap) == "4/link_lost"
        bench.do("pull 7")
        bench.run(1)
        bench.link()
    else:
        bench.reboot()
        bench.until_key(swap, "4")
        bench.do("pull 7")
    bench.until_key(swap, "5")


def test_an_exchange_that_nobody_saw_is_found(bench: SwapBench) -> None:
    swap = bench.to_pull(7)
    bench.unlink()
    bench.do("pull 7")
    bench.run(1)
    bench.do(f"insert 7 {UID}")
    bench.run(1)
    bench.link()
    bench.until_key(swap, "6/unknown")
    assert not bench.slot(7).facts.released
    bench.press(swap, "reseat")
    stage = bench.until_key(swap, "4")
    assert stage.title == "Pull slot 7"


@pytest.mark.parametrize("is_read", [True, False])
def test_what_was_read_before_events_were_lost_is_last_seen_and_not_taken(
    bench: SwapBench, is_read: bool
) -> None:
    """The ring ran over, and another Pi stands there: it is nobody until its carrier is read."""
    swap = bench.to_empty(7)
    bench.do("insert 7")
    bench.until_key(swap, "6/same_back")
    bench.unlink()
    bench.do("pull 7")
    bench.run(1)
    bench.do(f"insert 7 {UID}")
    bench.run(1)
    row, newest = bench.chassis, bench.newest_event()
    lost = GapRecord(row.board_id or "", row.journal or 0, (row.cursor or 0) + 1, newest, "Lost.")
    slots.record_gap(row.pk, row.epoch, lost, newest, bench.now)
    bench.link()
    assert bench.slot(7).is_occupant_unsure
    bench.run(0.5)
    assert bench.stage(swap).title.startswith("Reading")
    with pytest.raises(NotPossible):
        bench.press(swap, "accept_carrier")
    bench.age(swap, 60)
    bench.until_key(swap, "6/no_identity")
    if is_read:
        look = slots.Look(row.journal or 0, newest, (7,))
        slots.note_carriers(row.pk, look, {7: UID.encode().hex()}, bench.now)
        bench.until_key(swap, "6/unknown")
        return
    bench.press(swap, "continue_without_id")
    assert bench.swap(swap).new_carrier is None


def test_a_reboot_in_each_later_step_costs_nothing(bench: SwapBench) -> None:
    swap = bench.to_empty(7)
    bench.reboot()
    bench.until_key(swap, "5")
    bench.run(1)
    assert bench.lamp(7, "locate") == "slow"
    bench.do(f"insert 7 {UID}")
    bench.until_key(swap, "6/unknown")
    bench.reboot()
    bench.until_key(swap, "6/unknown")
    bench.press(swap, "name_new", name="web-07")
    bench.until_key(swap, "8")
    bench.reboot()
    bench.until_key(swap, "8")
    assert bench.bay(7).rail_is_commanded


def test_a_link_that_comes_back_never_gives_power_by_itself(bench: SwapBench) -> None:
    swap = bench.to_empty(7)
    row = bench.chassis
    row.budget_mw = 30_000
    row.save(update_fields=["budget_mw"])
    bench.do(f"insert 7 {UID}")
    bench.until_key(swap, "6/unknown")
    bench.press(swap, "name_new", name="web-07")
    bench.until_key(swap, "7/no_power")
    bench.unlink()
    row.refresh_from_db()
    row.budget_mw = None
    row.save(update_fields=["budget_mw"])
    bench.link()
    bench.run(2)
    asked = Command.objects.filter(op=CommandOp.POWER_ON).count()
    assert (bench.key(swap), asked) == ("7/refused", 1)
    bench.press(swap, "power_now")
    bench.until_key(swap, "8")


def test_pulled_in_the_first_step_is_pulled(bench: SwapBench) -> None:
    swap = bench.start(7)
    bench.run(1)
    bench.do("pull 7")
    bench.until_key(swap, "5")


def test_pulled_again_after_it_was_in(bench: SwapBench) -> None:
    swap = bench.to_empty(7)
    bench.do(f"insert 7 {UID}")
    bench.until_key(swap, "6/unknown")
    bench.do("pull 7")
    bench.until_key(swap, "5")


@pytest.mark.parametrize("step", ["1", "4", "5"])
def test_cancel_does_what_it_said(bench: SwapBench, step: str) -> None:
    swap = {"1": bench.start, "4": bench.to_pull, "5": bench.to_empty}[step](7)
    cancel = next(button for button in bench.stage(swap).more if button.do == "cancel")
    said = {
        "1": "Slot 7 stays as it is: its power is on.",
        "4": "The blue light goes off, and slot 7 is powered on again.",
        "5": "Slot 7 stays empty.",
    }
    assert cancel.consequence == said[step]
    bench.press(swap, "cancel")
    bench.until(lambda: bench.swap(swap).state == SwapState.CANCELLED)
    bench.run(2)
    assert bench.bay(7).rail_is_commanded == (step != "5")
    assert bench.lamp(7, "locate") == "off"
    assert not bench.slot(7).facts.released


def test_put_aside_while_the_link_is_down_goes_dark_when_it_is_back(bench: SwapBench) -> None:
    swap = bench.to_pull(7)
    bench.unlink()
    bench.press(swap, "park")
    bench.link()
    bench.until(lambda: not bench.slot(7).facts.released)
    bench.press(swap, "resume")
    bench.until_key(swap, "4")


@pytest.mark.parametrize("step", ["7/no_power", "8"])
def test_what_was_accepted_is_not_what_came_unseen(bench: SwapBench, step: str) -> None:
    swap = bench.to_empty(7)
    row = bench.chassis
    row.budget_mw = 30_000 if step == "7/no_power" else None
    row.save(update_fields=["budget_mw"])
    bench.do(f"insert 7 {UID}")
    bench.until_key(swap, "6/unknown")
    bench.press(swap, "name_new", name="web-07")
    bench.until_key(swap, step)
    bench.unlink()
    bench.do("pull 7")
    bench.run(1)
    bench.do("insert 7 5f6a7b8c")
    bench.run(1)
    row.budget_mw = None
    row.save(update_fields=["budget_mw"])
    bench.link()
    bench.until_key(swap, "6/unknown")
    bench.run(3)
    assert not bench.bay(7).rail_is_commanded


def test_a_run_asks_nothing_of_a_slot_at_which_a_swap_is_at_work(bench: SwapBench) -> None:
    bench.to_empty(7)
    bench.do(f"insert 7 {UID}")
    bench.run(3)
    otto = bench.person("otto", Role.OPERATOR)
    run = slots.start_run(RunRequest(bench.chassis.pk, RunKind.START, (7,), otto), bench.now)
    slots.advance_runs(bench.chassis.pk, bench.now)
    bench.run(3)
    run.refresh_from_db()
    assert run.steps["7"]["note"] == "A swap is at work here; nothing is asked of it."
    assert not bench.bay(7).rail_is_commanded


def test_a_press_counts_also_when_the_clock_moved_the_swap_just_before_it(bench: SwapBench) -> None:
    bench.do("hang 7")
    swap = bench.to_confirmed(7)
    bench.press(swap, "shut_down")
    bench.run(1)
    sent = Command.objects.filter(op=CommandOp.SHUTDOWN)
    sent.update(sent_at=bench.now - timedelta(seconds=100))
    seen = bench.swap(swap).version
    ana = bench.person()
    with pytest.raises(StaleSwap):
        services.act(swap, services.Deed("cut", {}, ana, Role.TECHNICIAN, seen), bench.now)
    row = services.act(
        swap, services.Deed("message", {"text": ["It hangs"]}, ana, Role.TECHNICIAN), bench.now
    )
    assert (row.branch, row.memory["kept"]["lines"]) == (Branch.HANGS, 1)


@pytest.mark.parametrize("do", ["park", "cancel"])
def test_a_release_is_taken_back_also_when_that_got_lost_on_its_way(
    bench: SwapBench, do: str
) -> None:
    swap = bench.to_pull(7)
    services.act(swap, services.Deed(do, {}, bench.person(), Role.TECHNICIAN), bench.now)
    bench.unlink()
    bench.wait(20)
    assert bench.slot(7).facts.released is not False
    bench.link()
    bench.until(lambda: bench.slot(7).facts.released is False)
    bench.run(3)
    assert bench.bay(7).rail_is_commanded == (do == "cancel")
