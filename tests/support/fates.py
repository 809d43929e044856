"""What befalls a swap from outside: dead hosts, lost links, reboots, lost power, dead phones, time-outs."""

from collections.abc import Callable
from datetime import timedelta

from backplane.slots.telemetry import store
from backplane.swaps.rules.deadlines import time_out_of
from backplane.swaps.selectors import facts_of
from backplane.swaps.services import advance
from tests.support.swap_witness import Witness
from tests.support.technician import Technician, person
from tests.support.whole_rack import WholeRack

Fate = Callable[[Technician, Witness], Technician]


def restart(who: Technician, _witness: Witness) -> Technician:
    """The app is killed and started again two seconds later, with nothing in its memory."""
    rack = who.rack
    rack.kill_host()
    store.forget(rack.chassis.pk)
    rack.run(2)
    rack.start_host()
    rack.wait_until_seen()
    return who


def link_1s(who: Technician, _witness: Witness) -> Technician:
    return _unplug(who, 1)


def link_10s(who: Technician, _witness: Witness) -> Technician:
    return _unplug(who, 10)


def _unplug(who: Technician, seconds: float) -> Technician:
    who.rack.pull_cable()
    who.rack.run(seconds)
    who.rack.plug_cable()
    who.rack.wait_until_seen()
    return who


def reboot(who: Technician, _witness: Witness) -> Technician:
    who.rack.tell("reboot")
    who.rack.run(0.3)
    who.rack.wait_until_seen()
    return who


def power_loss(who: Technician, witness: Witness) -> Technician:
    """The chassis goes dark for 1.5 s; the slots that ran come back by their restore policy."""
    witness.may_restore = True
    who.rack.tell("power-loss")
    who.rack.run(12)
    who.rack.wait_until_seen()
    witness.may_restore = False
    return who


def second_host(who: Technician, _witness: Witness) -> Technician:
    """Another process goes round too, twice as often and with a clock that is a little behind."""
    late = timedelta(milliseconds=150)

    def other(chassis_id: int, now: object) -> None:
        advance(chassis_id, who.rack.now - late)
        advance(chassis_id, who.rack.now)

    who.rack.rounds = (*who.rack.rounds, other)
    return who


def dead_phone(who: Technician, _witness: Witness) -> Technician:
    """The phone of the holder is dead for five minutes; somebody else takes over."""
    who.rack.wait(300)
    return Technician(
        who.rack, who.swap_id, person("ben"), who.puts, who.choices, who.trail, who.lies
    )


def time_out(who: Technician, _witness: Witness) -> Technician:
    """Nobody does anything until the step's time is over."""
    at = time_out_of(facts_of(who.swap, who.rack.now))
    if at is not None:
        who.rack.wait((at - who.rack.now).total_seconds() + 1)
    return who


FATES: dict[str, Fate] = {
    each.__name__: each
    for each in (
        restart,
        link_1s,
        link_10s,
        reboot,
        power_loss,
        second_host,
        dead_phone,
        time_out,
    )
}


def forget_readings(rack: WholeRack) -> None:
    """Let the next test begin without this one's telemetry."""
    store.forget(rack.chassis.pk)
