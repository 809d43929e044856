"""Fixed walks over a watched rack: each leads past one promise that must not be broken on the way.

A walk asserts nothing. The rack and its record note what is wrong; so a walk also proves that they can see it.
"""

from contextlib import suppress

from backplane.slots import services
from backplane.slots.errors import SlotError
from backplane.slots.ops import CommandOp
from backplane.slots.records import CommandRequest
from tests.support.watched_rack import WatchedRack

RUNNING, OTHER, OFF = 2, 3, 8  # slots of the reference board as the simulator fills it
_TIGHT_MW = 45_000  # what runs is admitted, and no more


def ask(rack: WatchedRack, op: CommandOp, number: int) -> None:
    """Ask as somebody at a desk who may, whatever the answer."""
    rack.did(f"{op} {number}")
    with suppress(SlotError):
        services.request_command(CommandRequest(rack.chassis.pk, number, op), rack.now)


def power_for_a_released_slot(rack: WatchedRack) -> None:
    ask(rack, CommandOp.RELEASE, OFF)
    rack.run(1)
    ask(rack, CommandOp.POWER_ON, OFF)
    rack.run(2)


def a_wish_over_a_lost_link(rack: WatchedRack) -> None:
    ask(rack, CommandOp.POWER_ON, OFF)
    rack.did("the cable is pulled for half a second")
    rack.pull_cable()
    rack.run(0.5)
    rack.plug_cable()
    rack.run_until(rack.is_seen)
    rack.run(2)


def a_wish_over_a_new_host(rack: WatchedRack) -> None:
    ask(rack, CommandOp.POWER_ON, OFF)
    rack.did("the host dies and another starts")
    rack.run(0.05)  # an eye was on it
    rack.kill_host()
    rack.start_host()
    rack.run_until(rack.is_seen)
    rack.run(2)


def a_wish_for_what_is_not_known(rack: WatchedRack) -> None:
    rack.tell(f"device {RUNNING} off")
    rack.run_until(lambda: rack.slot(RUNNING).state == "M7")
    ask(rack, CommandOp.POWER_OFF, RUNNING)
    rack.run(2)
    rack.tell(f"device {RUNNING} on")
    rack.run(3)


def a_loss_of_power(rack: WatchedRack) -> None:
    rack.tell("power-loss")
    rack.run(15)


def a_reset(rack: WatchedRack) -> None:
    rack.tell("reboot")
    rack.run(5)


def a_tight_budget(rack: WatchedRack) -> None:
    services.set_budget(rack.chassis.pk, _TIGHT_MW, rack.now)
    ask(rack, CommandOp.POWER_ON, OFF)
    rack.run(3)
    services.set_budget(rack.chassis.pk, None, rack.now)


def a_release_fed_from_outside(rack: WatchedRack) -> None:
    rack.tell(f"backfeed {OFF} on")
    rack.run(1)
    ask(rack, CommandOp.RELEASE, OFF)
    rack.run(4)
    rack.tell(f"backfeed {OFF} off")
    rack.run(2)


def out_and_in(rack: WatchedRack) -> None:
    rack.tell(f"pull {OTHER}")
    rack.run(2)
    rack.tell(f"insert {OTHER}")
    rack.run(4)


def out_and_in_with_no_host(rack: WatchedRack) -> None:
    rack.did("the host dies")
    rack.kill_host()
    out_and_in(rack)
    rack.did("the host starts")
    rack.start_host()
    rack.run_until(rack.is_seen)


def everybody_at_once(rack: WatchedRack) -> None:
    for number in (RUNNING, OTHER):
        ask(rack, CommandOp.POWER_OFF, number)
    rack.run(4)
    for number in (RUNNING, OTHER, OFF):
        ask(rack, CommandOp.POWER_ON, number)
    rack.run(5)


WALKS = (
    power_for_a_released_slot,
    a_wish_over_a_lost_link,
    a_wish_over_a_new_host,
    a_wish_for_what_is_not_known,
    a_loss_of_power,
    a_reset,
    a_tight_budget,
    a_release_fed_from_outside,
    out_and_in,
    out_and_in_with_no_host,
    everybody_at_once,
)
