"""A whole swap on the real firmware in virtual time: each step ends by what the hardware shows."""

import pytest

from backplane.swaps import selectors
from backplane.swaps.steps import SwapState
from tests.support.swap_bench import SwapBench

pytestmark = pytest.mark.django_db


def test_a_pi_is_swapped_from_the_first_light_to_the_receipt(bench: SwapBench) -> None:
    bench.name(7, "web-03")
    swap = bench.to_confirmed(7)
    assert bench.key(swap) == "3"
    bench.press(swap, "shut_down")
    assert bench.stage(swap).title == "Shutting down slot 7"
    pull = bench.until_key(swap, "4")
    assert (pull.title, pull.tone) == ("Pull slot 7", "pull")
    bench.run(0.5)
    assert bench.lamp(7, "hotswap") == "on"
    bench.do("pull 7")
    bench.until_key(swap, "5")
    bench.run(0.5)
    assert bench.lamp(7, "locate") == "slow"
    bench.do("insert 7 1b2c3d4e")
    bench.until_key(swap, "6/unknown")
    bench.press(swap, "name_new", name="web-07", serial="9f31")
    bench.until_key(swap, "8")
    bench.run(3)
    bench.press(swap, "accept_health")
    row = bench.swap(swap)
    assert (row.state, row.outcome) == (SwapState.DONE, "web-07 runs in slot 7.")
    assert bench.bay(7).rail_is_commanded
    receipt = selectors.receipt_of(row)
    assert (receipt.old.name, receipt.new.name, receipt.new.serial) == ("web-03", "web-07", "9f31")
    assert [line.state for line in selectors.lines_for(row)] == ["done"] * 9
