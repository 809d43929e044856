"""The wrong slot is pulled while another one is released."""

import pytest

from backplane.people.models import AuditEntry
from backplane.swaps.models import Swap
from backplane.swaps.selectors import briefs_of
from backplane.swaps.steps import SwapState
from tests.support.swap_bench import SwapBench

pytestmark = pytest.mark.django_db


def test_the_wrong_slot_is_named_with_who_was_in_it_and_given_back_its_power(
    bench: SwapBench,
) -> None:
    bench.name(6, "cache-01")
    swap = bench.to_pull(7)
    bench.do("pull 6")
    stage = bench.until_key(swap, "4/wrong_pull")
    assert (stage.title, stage.is_alert) == ("That was slot 6", True)
    assert stage.lead == "Put cache-01 back in slot *6*, the one blinking *red*."
    bench.do("insert 6")
    stage = bench.until_key(swap, "4/restore")
    assert stage.title == "Slot 6 is back"
    bench.run(1)  # its handle closes
    bench.press(swap, "restore_power")
    bench.until(lambda: bench.slot(6).facts.power_good)
    bench.until_key(swap, "4")
    bench.do("pull 7")
    bench.until_key(swap, "5")


def test_the_brief_says_what_the_card_says_but_never_the_answer_of_step_2(bench: SwapBench) -> None:
    bench.name(6, "cache-01")
    swap = bench.start(7)
    bench.until_key(swap, "1")
    bench.press(swap, "at_rack")
    bench.until_key(swap, "2")
    bench.press(swap, "slot", slot=6)
    stage, brief = bench.stage(swap), briefs_of(bench.chassis.pk)[0]
    assert (brief.key, brief.is_alert) == (stage.key, True)
    assert (brief.lead, brief.sub) == ("", "")
    bench.press(swap, "try_again")
    bench.until_key(swap, "2")
    bench.press(swap, "slot", slot=7)
    bench.until_key(swap, "3")
    bench.press(swap, "cut")
    bench.until_key(swap, "4")
    assert briefs_of(bench.chassis.pk)[0].lead == ""  # no alert
    bench.do("pull 6")
    stage = bench.until_key(swap, "4/wrong_pull")
    brief = briefs_of(bench.chassis.pk)[0]
    assert (brief.key, brief.tone, brief.icon) == (stage.key, stage.tone, stage.icon)
    assert (brief.words, brief.lead, brief.sub) == (stage.title, stage.lead, stage.sub)


def test_what_stays_out_gets_a_swap_of_its_own(bench: SwapBench) -> None:
    bench.name(6, "cache-01")
    swap = bench.to_pull(7)
    bench.do("pull 6")
    bench.until_key(swap, "4/wrong_pull")
    bench.press(swap, "keep_out", reason="its fan burns")
    bench.until_key(swap, "4")
    aside = Swap.objects.exclude(pk=swap).get()
    assert (aside.state, aside.slot.number, aside.old_name) == (SwapState.PARKED, 6, "cache-01")
    assert "its fan burns" in bench.story()
    assert bench.stage(swap).title == "Pull slot 7"


def test_another_carrier_in_the_wrong_slot_does_not_end_the_alarm(bench: SwapBench) -> None:
    swap = bench.to_pull(7)
    bench.do("pull 6")
    bench.until_key(swap, "4/wrong_pull")
    bench.do("insert 6 0badc0de")
    bench.run(3)
    assert bench.key(swap) == "4/wrong_pull"


def test_what_is_back_and_cannot_be_read_ends_the_alarm_by_a_persons_word(bench: SwapBench) -> None:
    bench.name(6, "cache-01")
    swap = bench.to_pull(7)
    bench.do("identity 6 off")
    bench.do("pull 6")
    bench.until_key(swap, "4/wrong_pull")
    bench.do("insert 6")
    bench.run(2)
    stage = bench.stage(swap)
    assert stage.lead == "Something is in slot *6* again; who it is was not read."
    bench.press(swap, "put_back")
    bench.until_key(swap, "4/restore")
    entry = AuditEntry.objects.get(action="command.clear_alarm")
    assert (entry.reason, entry.who) == ("cache-01 is back in slot 6", "ana")
    assert Swap.objects.count() == 1
