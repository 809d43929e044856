"""The guided swap against the whole rack: from the first light to the receipt, by what is offered alone."""

import pytest

from backplane.swaps import selectors
from backplane.swaps.services import advance
from backplane.swaps.steps import STEP_WORDS, SwapState
from tests.support.stations import SLOT, STATIONS, begin
from tests.support.swap_witness import Witness
from tests.whole.conftest import NewRack

pytestmark = pytest.mark.django_db


def test_a_pi_is_swapped_by_following_screen_and_light(new_rack: NewRack) -> None:
    rack = new_rack(rounds=(advance,))
    witness = Witness(rack, SLOT)
    ana = begin(rack, STATIONS["locate"])
    swap = ana.finish()
    assert (swap.state, swap.outcome) == (SwapState.DONE, "web-07 runs in slot 7.")
    assert ana.trail == [
        "1:at_rack",
        "2:slot",
        "3:shut_down",
        "pull 7",
        "insert 7 1b2c3d4e",
        "6/unknown:name_new",
        "8:accept_health",
    ]
    assert ana.lies == []
    witness.check()
    assert [line.state for line in selectors.lines_for(swap)] == ["done"] * len(STEP_WORDS)
    receipt = selectors.receipt_of(swap)
    assert (receipt.old.name, receipt.new.name, receipt.new.serial) == ("web-03", "web-07", "7f31")
    assert [each.number for each in receipt.times] == list(range(1, 10))
    said = [each.text for each in receipt.decisions]
    assert said == [
        "At the rack",
        "ana tapped 7",
        "Shutdown asked",
        "It is web-07, new",
        "Accepted: because I say so",
    ]
