"""Whatever befalls a swap wherever it is: it comes to its end by what is offered, and no other slot feels it.

By default a fixed spread is run that covers every place and every fate; WHOLE_MATRIX=1 runs every pair.
"""

import os

import pytest

from backplane.swaps import selectors
from backplane.swaps.services import advance
from backplane.swaps.steps import EntryKind, SwapState
from tests.support.fates import FATES, forget_readings
from tests.support.stations import SLOT, STATIONS, begin
from tests.support.swap_witness import Witness
from tests.whole.conftest import NewRack

pytestmark = pytest.mark.django_db
_EACH = 1 if os.environ.get("WHOLE_MATRIX") else 17  # pairs that one stands for


def _pairs() -> list[tuple[str, str]]:
    """Return the pairs that are run; seventeen is one more than two rounds of fates: each step and each fate has its share."""
    pairs = [(station, fate) for station in STATIONS for fate in FATES]
    chosen = [pair for pair in pairs[::_EACH] if _EACH == 1 or pair != _HALF_AN_HOUR]
    return [*dict.fromkeys((*_ONCE_BROKEN, *chosen))]


_HALF_AN_HOUR = (
    "insert",
    "time_out",
)  # of virtual time, looked at closely: longer than all the others
_ONCE_BROKEN = (("locate", "restart"), ("restore", "restart"), ("insert", "reboot"))


@pytest.mark.parametrize(("station", "fate"), _pairs())
def test_a_swap_comes_to_its_end_whatever_befalls_it(
    new_rack: NewRack, station: str, fate: str
) -> None:
    rack = new_rack(rounds=(advance,))
    place = STATIONS[station]
    witness = Witness(rack, SLOT, set(place.others))
    who = begin(rack, place)
    who = FATES[fate](who, witness)
    place.mend(who)
    swap = who.finish()
    assert swap.state == SwapState.DONE, who.story()
    witness.check()
    assert who.lies == []
    bay = rack.rig.world.bay(SLOT)
    assert bay.rail_is_commanded
    assert rack.lights_seen(SLOT) >> 6 == 0, "blue and white are dark"
    receipt = selectors.receipt_of(swap)
    assert receipt.old.name == "web-03"
    assert bay.carrier is not None
    assert receipt.new.carrier == ("" if bay.carrier.is_unreadable else bay.carrier.uid)
    assert receipt.ended_at is not None
    took_s = (receipt.ended_at - receipt.began_at).total_seconds()
    spent_s = sum(each.seconds for each in receipt.times)
    was_parked = swap.entries.filter(kind=EntryKind.PARK).exists()
    assert spent_s <= took_s if was_parked else spent_s == pytest.approx(took_s)
    forget_readings(rack)
