"""Who may press what: the lease, taking over, the queue of a chassis, our own slot, a page that is old."""

from datetime import timedelta

import pytest

from backplane.people.models import AuditEntry
from backplane.people.roles import Role
from backplane.slots import services as slots
from backplane.slots.errors import LinkNotLive
from backplane.slots.models import Chassis
from backplane.slots.models.chassis import REPLAYED_ENDING
from backplane.slots.ops import CommandOp
from backplane.slots.records import CommandRequest
from backplane.swaps import selectors, services
from backplane.swaps.errors import NotYours, StaleSwap, SwapExists
from backplane.swaps.models import SwapEntry
from backplane.swaps.services import Deed
from backplane.swaps.steps import SwapState
from tests.support.swap_bench import SwapBench

pytestmark = pytest.mark.django_db


def test_a_slot_has_one_swap(bench: SwapBench) -> None:
    swap = bench.start(7)
    with pytest.raises(SwapExists, match=f"Slot 7 has swap {swap} of ana already"):
        bench.start(7, "ben")


def test_a_viewer_starts_nothing(bench: SwapBench) -> None:
    actor = bench.person("vic", Role.VIEWER)
    with pytest.raises(NotYours):
        services.start_swap(services.SwapRequest(bench.chassis.pk, 7, actor), bench.now)


def test_others_follow_and_take_over_when_the_holder_is_silent(bench: SwapBench) -> None:
    swap = bench.start(7)
    with pytest.raises(NotYours, match="ana has this swap"):
        bench.press(swap, "at_rack", "ben")
    with pytest.raises(NotYours, match="after 2 minutes"):
        bench.press(swap, "take_over", "ben")
    bench.press(swap, "message", "ben", text="I am on my way")
    row = bench.swap(swap)
    row.lease_until = bench.now - timedelta(seconds=1)
    row.save(update_fields=["lease_until"])
    bench.press(swap, "take_over", "ben")
    assert bench.swap(swap).holder_name == "ben"
    assert not services.renew_lease(swap, bench.person("ana"), bench.now)
    assert services.renew_lease(swap, bench.person("ben"), bench.now)


def test_an_operator_takes_over_at_any_time(bench: SwapBench) -> None:
    swap = bench.start(7)
    bench.person("olga", Role.OPERATOR)
    actor = bench.person("olga", Role.OPERATOR)
    services.act(swap, Deed("take_over", {}, actor, Role.OPERATOR), bench.now)
    assert bench.swap(swap).holder_name == "olga"


def test_one_slot_at_a_time_and_the_next_one_follows(bench: SwapBench) -> None:
    first = bench.to_pull(7)
    second = bench.to_confirmed(3, "ben")
    stage = bench.stage(second)
    assert (stage.key, stage.lead) == (
        "3/queued",
        "One slot at a time: *slot 7* is first. ana has it.",
    )
    bench.press(first, "park")
    bench.until_key(second, "3")
    bench.run(1)
    assert bench.lamp(7, "hotswap") == "off"
    bench.press(first, "resume")
    assert bench.key(first) == "3/queued"
    bench.press(second, "cancel", "ben")
    bench.until_key(first, "4")


def test_a_swap_that_waits_its_turn_shows_no_light(bench: SwapBench) -> None:
    first = bench.to_pull(7)
    second = bench.to_confirmed(3, "ben")
    assert bench.key(second) == "3/queued"
    bench.run(1)
    assert bench.lamp(3, "locate") == "off"
    assert bench.lamp(7, "hotswap") == "on"
    bench.press(first, "park")
    bench.until_key(second, "3")


def test_what_was_released_before_is_not_blue_while_it_waits(bench: SwapBench) -> None:
    bench.to_pull(7)
    second = bench.start(8, "ben")  # off already, and released by an operator
    slots.request_command(CommandRequest(bench.chassis.pk, 8, CommandOp.RELEASE), bench.now)
    bench.run(1)
    assert bench.lamp(8, "hotswap") == "on"
    bench.press(second, "at_rack", "ben")
    bench.until_key(second, "2")
    bench.press(second, "slot", "ben", slot="8")
    assert bench.key(second) == "3/queued"
    bench.run(1)
    assert bench.lamp(8, "hotswap") == "off"


def test_the_slot_we_run_on_names_its_consequence(
    bench: SwapBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = (bench.chassis.pk, 7)
    monkeypatch.setattr("backplane.swaps.loading.own_slot", lambda: own)
    swap = bench.start(7)
    stage = bench.stage(swap)
    assert (stage.key, stage.title) == ("1/own_slot", "This program runs on slot 7")
    bench.press(swap, "confirm_own_slot")
    assert bench.key(swap) == "1"


def test_an_old_page_is_told_what_changed(bench: SwapBench) -> None:
    swap = bench.to_confirmed(7)
    old = bench.swap(swap).version
    bench.press(swap, "shut_down")
    bench.until_key(swap, "4")
    actor = bench.person()
    with pytest.raises(StaleSwap, match="Changed since you looked: step 4"):
        services.act(swap, Deed("cut", {}, actor, Role.TECHNICIAN, old), bench.now)


def test_nothing_is_swapped_in_a_chassis_that_a_recording_speaks_for(bench: SwapBench) -> None:
    Chassis.objects.filter(pk=bench.chassis.pk).update(board_id=f"a1b2c3d4e5f6{REPLAYED_ENDING}")
    request = services.SwapRequest(bench.chassis.pk, 7, bench.person())
    with pytest.raises(LinkNotLive, match="played from a recording"):
        services.start_swap(request, bench.now)


def test_a_version_that_was_never_shown_is_no_look_at_the_swap(bench: SwapBench) -> None:
    swap = bench.to_confirmed(7)
    actor, never = bench.person(), bench.swap(swap).version + 1
    with pytest.raises(StaleSwap):
        services.act(swap, Deed("shut_down", {}, actor, Role.TECHNICIAN, never), bench.now)
    services.act(swap, Deed("shut_down", {}, actor, Role.TECHNICIAN, never - 1), bench.now)


def test_every_deed_and_command_is_in_the_trail_and_the_log(bench: SwapBench) -> None:
    swap = bench.to_pull(7)
    actions = set(AuditEntry.objects.filter(swap_id=swap).values_list("action", flat=True))
    assert {"swap.start", "swap.at_rack", "swap.slot", "swap.shut_down"} <= actions
    assert {"command.locate_on", "command.shutdown", "command.release"} <= actions
    assert not AuditEntry.objects.filter(swap_id=swap, outcome="").exclude(
        action__startswith="command."
    )
    tapped = SwapEntry.objects.get(swap_id=swap, text="ana tapped 7")
    assert tapped.who_name == "ana"


def test_a_second_look_changes_nothing(bench: SwapBench) -> None:
    swap = bench.to_pull(7)
    bench.run(2)
    before = bench.chassis.revision
    for _ in range(5):
        services.advance(bench.chassis.pk, bench.now)
    assert bench.chassis.revision == before
    assert [brief.words for brief in selectors.briefs_of(bench.chassis.pk)] == ["Pull slot 7"]
    assert bench.swap(swap).state == SwapState.OPEN
