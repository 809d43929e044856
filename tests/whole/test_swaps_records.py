"""Step 9 on the whole rack: an inventory that takes the record, is away, fails, and settles later."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from backplane.swaps import selectors
from backplane.swaps.ports import Recorded, RecordOutcome, SwapResult
from backplane.swaps.services import advance
from backplane.swaps.steps import SwapState
from tests.support.fates import forget_readings, restart
from tests.support.recorders import recording_by
from tests.support.stations import SLOT, STATIONS, begin
from tests.support.swap_witness import Witness
from tests.whole.conftest import NewRack

pytestmark = pytest.mark.django_db


@dataclass
class Inventory:
    """Takes what it is given; away, it queues; broken, it fails."""

    is_away: bool = False
    is_broken: bool = False
    taken: list[SwapResult] = field(default_factory=list)

    def record(self, result: SwapResult) -> Recorded:
        if self.is_broken:
            raise RuntimeError("The inventory has a bad day.")
        self.taken.append(result)
        return self._now()

    def settle(self, _swap_id: int) -> Recorded | None:
        if self.is_broken:
            raise RuntimeError("The inventory has a bad day.")
        return self._now()

    def _now(self) -> Recorded:
        if self.is_away:
            return Recorded(RecordOutcome.QUEUED, "The inventory does not answer.")
        return Recorded(RecordOutcome.WRITTEN, "Written and read back.")


@pytest.fixture
def inventory() -> Iterator[Inventory]:
    taker = Inventory()
    with recording_by(taker):
        yield taker


@pytest.mark.parametrize("trouble", ["none", "away", "broken"])
def test_a_record_is_written_once_the_inventory_can(
    new_rack: NewRack, inventory: Inventory, trouble: str
) -> None:
    inventory.is_away, inventory.is_broken = trouble == "away", trouble == "broken"
    rack = new_rack(rounds=(advance,))
    witness = Witness(rack, SLOT)
    who = begin(rack, STATIONS["health"])
    swap = who.finish()
    assert swap.state == SwapState.DONE
    if trouble != "none":
        assert who.look().title == "You may leave"
        restart(who, witness)
        inventory.is_away = inventory.is_broken = False
        rack.wait(32)
    assert who.look().title == "Done"
    assert selectors.receipt_of(who.swap).record_text == "Written and read back."
    assert len(inventory.taken) == 1
    witness.check()
    forget_readings(rack)
