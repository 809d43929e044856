"""A handle's whole way, from the hand over firmware and services to the blue light and back."""

from backplane.slots import services
from backplane.slots.errors import NotPossible
from backplane.slots.ops import CommandOp
from backplane.slots.records import CommandRequest
from tests.support.watched_rack import WatchedRack
from tests.whole.conftest import NewRack


def test_an_opened_handle_leads_to_blue_and_a_closed_one_takes_it_back(new_rack: NewRack) -> None:
    rack = new_rack(kind=WatchedRack)
    assert isinstance(rack, WatchedRack)
    rack.run(8)  # the Pis are up
    rack.tell("handle 2 open")
    rack.run_until(lambda: rack.slot(2).facts.released is True)
    assert not rack.rig.world.bay(2).rail_is_commanded
    try:
        services.request_command(CommandRequest(rack.chassis.pk, 2, CommandOp.POWER_ON), rack.now)
    except NotPossible as refusal:
        rack.did(str(refusal))
    else:
        rack.wrong("a released slot was asked to power on")
    rack.tell("handle 2 close")
    rack.run_until(lambda: rack.slot(2).facts.released is False)
    rack.tell("handle 2 open")
    rack.run_until(lambda: rack.slot(2).facts.released is True)
    assert rack.wrongs == []
