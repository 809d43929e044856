"""The bench itself: what hands, commands, dead hosts and pulled cables do is seen on both sides."""

from backplane.slots import services
from backplane.slots.models import HardwareEvent
from backplane.slots.ops import CommandOp
from backplane.slots.records import CommandRequest
from tests.whole.conftest import NewRack


def test_a_command_and_a_hand_reach_rack_and_record(new_rack: NewRack) -> None:
    rack = new_rack()
    rack.tell("pull 3")
    services.request_command(CommandRequest(rack.chassis.pk, 2, CommandOp.SHUTDOWN), rack.now)
    rack.run_until(lambda: rack.slot(2).state == "M1")
    assert rack.slot(3).state == "M0"
    assert not rack.rig.world.bay(2).rail_is_commanded


def test_what_happens_while_no_host_lives_is_recorded_afterwards(new_rack: NewRack) -> None:
    rack = new_rack()
    rack.kill_host()
    rack.tell("pull 4")
    rack.run(3)
    assert rack.slot(4).state == "M4"  # nobody was there to see it
    rack.start_host()
    rack.wait_until_seen()
    assert rack.slot(4).state == "M0"
    numbers = HardwareEvent.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, len(numbers) + 1))


def test_a_pulled_cable_makes_slots_unknown_until_it_is_back(new_rack: NewRack) -> None:
    rack = new_rack()
    rack.pull_cable()
    rack.run(1)
    assert rack.slot(1).state == "M7"
    rack.plug_cable()
    rack.wait_until_seen()
    assert rack.slot(1).state == "M4"
