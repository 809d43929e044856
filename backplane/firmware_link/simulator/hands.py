"""What people and mishaps do to the simulated rack: pull, insert, trip, halt and the rest.

Each function does one thing to one slot at once or raises NotPossible, which says what to do.
It never talks to the firmware: that must notice by itself.
"""

from backplane.firmware_link.simulator.bay import Bay, Carrier
from backplane.firmware_link.simulator.demo import make_carrier, seed_of
from backplane.firmware_link.simulator.pi import PiPhase
from backplane.firmware_link.simulator.rig import Rig


class NotPossible(Exception):  # noqa: N818  (reads as the sentence it is)
    """The rack does not allow this now; the text says what to do."""


def filled(rig: Rig, slot: int) -> Bay:
    """Return the bay of a slot that holds a carrier, else raise NotPossible."""
    bay = rig.world.bay(slot)
    if bay.carrier is None:
        raise NotPossible(f"Slot {slot} is empty. Use: insert {slot}")
    return bay


def pull(rig: Rig, slot: int) -> None:
    """Pull the carrier out of a slot, whatever it is doing."""
    bay = rig.world.bay(slot)
    carrier = bay.pull(rig.world.now_ms)
    if carrier is None:
        raise NotPossible(f"Slot {slot} is empty already. Use: insert {slot}")
    rig.world.lay_on_bench(carrier, slot)
    rig.changed()


def insert(rig: Rig, slot: int, uid: str | None = None) -> str:
    """Seat a carrier: the one named, else the one pulled here last, else a new one. Return its uid."""
    bay = rig.world.bay(slot)
    if bay.carrier is not None:
        raise NotPossible(f"Slot {slot} holds {bay.carrier.uid}. Pull it first: pull {slot}")
    carrier = _carrier_for(rig, slot, uid)
    rig.world.bench.pop(carrier.uid, None)
    bay.insert(carrier, rig.world.now_ms)
    rig.changed()
    return carrier.uid


def move_handle(rig: Rig, slot: int, *, closed: bool) -> None:
    """Open or close the handle of the carrier in a slot."""
    bay = filled(rig, slot)
    bay.handle_is_closed = closed
    bay.handle_closes_ms = None
    rig.changed()


def trip(rig: Rig, slot: int) -> None:
    """Draw so much that the hardware cuts the rail."""
    _live(rig, slot).trip(rig.world.now_ms)
    rig.changed()


def halt(rig: Rig, slot: int) -> None:
    """Shut the Pi's operating system down from inside."""
    bay = filled(rig, slot)
    if bay.carrier is None or not bay.carrier.pi.halt(rig.world.now_ms):
        raise NotPossible(
            f"The Pi in slot {slot} is {_phase(bay)}, so it cannot halt by itself now."
        )
    rig.changed()


def hang(rig: Rig, slot: int) -> None:
    """Freeze the Pi: it ignores the shutdown line until its power has been off."""
    bay = filled(rig, slot)
    if bay.carrier is None or not bay.carrier.pi.hang(rig.world.now_ms):
        raise NotPossible(f"The Pi in slot {slot} is {_phase(bay)}; only a working one can hang.")
    rig.changed()


def brown_out(rig: Rig, slot: int) -> None:
    """Let the rail of a slot sag for a moment; its Pi resets."""
    _live(rig, slot).brown_out(rig.world.now_ms)
    rig.changed()


def feed_back(rig: Rig, slot: int, *, on: bool) -> None:
    """Plug in, or out, something that feeds the rail from the far side."""
    filled(rig, slot).is_backfed = on
    rig.changed()


def loosen_contact(rig: Rig, slot: int, *, on: bool) -> None:
    """Break, or mend, the sensed presence contact while the carrier stays seated."""
    filled(rig, slot).contact_is_loose = on
    rig.changed()


def _live(rig: Rig, slot: int) -> Bay:
    bay = filled(rig, slot)
    if not bay.is_live:
        raise NotPossible(f"The rail of slot {slot} is off. Switch the slot on first.")
    return bay


def _phase(bay: Bay) -> PiPhase:
    return PiPhase.OFF if bay.carrier is None else bay.carrier.pi.phase


def _carrier_for(rig: Rig, slot: int, uid: str | None) -> Carrier:
    world = rig.world
    if uid is None:
        last = world.last_uid.get(slot)
        if last in world.bench:
            return world.bench[last]
        uid = _new_uid(rig, slot)
    for bay in world.bays:
        if bay.carrier is not None and bay.carrier.uid == uid:
            raise NotPossible(f"Carrier {uid} sits in slot {bay.number}. Use: pull {bay.number}")
    return world.bench.get(uid) or make_carrier(uid)


def _new_uid(rig: Rig, slot: int) -> str:
    """Return the uid of a carrier that this rack has not seen in that slot."""
    taken = {bay.carrier.uid for bay in rig.world.bays if bay.carrier} | set(rig.world.bench)
    prefix = f"BPC-{seed_of(rig.name) & 0xFFFF:04X}"
    number = slot
    while f"{prefix}-{number:02d}" in taken:
        number += rig.slot_count
    return f"{prefix}-{number:02d}"
