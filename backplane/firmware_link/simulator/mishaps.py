"""What breaks in the simulated rack: supplies, sensors, identity chips, lamps, contacts, and what a Pi draws.

Each function changes one physical thing at once or raises NotPossible, as `hands` does. It never talks
to the firmware: that must notice by itself.
"""

from dataclasses import replace

from backplane.firmware_link.simulator.bay import LAMPS, Bay
from backplane.firmware_link.simulator.hands import NotPossible, filled
from backplane.firmware_link.simulator.pi import Pi
from backplane.firmware_link.simulator.rig import Rig

MOST_LOAD_MA = 20_000


def switch_supply(rig: Rig, number: int, *, on: bool) -> None:
    """Take one supply away, or give it back; the controller itself runs on standby power."""
    numbers = [int(supply["number"]) for supply in rig.spec.supplies]
    if number not in numbers:
        known = ", ".join(str(each) for each in numbers) or "none"
        raise NotPossible(f"There is no supply {number} on this board. Supplies: {known}")
    dead = set(rig.world.dead_supplies) - {number}
    rig.world.dead_supplies = sorted(dead if on else dead | {number})
    rig.changed()


def switch_device(rig: Rig, word: str, *, on: bool) -> list[int]:
    """Let the sensors of a slot (7), or of every slot on a bus address (0x21), fall silent or answer again."""
    bays = _bays_of_device(rig, word)
    for bay in bays:
        bay.device_is_lost = not on
    rig.changed()
    return [bay.number for bay in bays]


def switch_identity(rig: Rig, slot: int, *, on: bool) -> None:
    """Break, or mend, the identity chip of the carrier in a slot; it stays so wherever the carrier goes."""
    bay = filled(rig, slot)
    if bay.carrier is not None:
        bay.carrier.is_unreadable = not on
    rig.changed()


def switch_lamp(rig: Rig, slot: int, lamp: str, *, on: bool) -> None:
    """Break, or mend, one lamp: a dead one stays dark, whatever is commanded."""
    if lamp not in LAMPS:
        raise NotPossible(f"The lamps of a slot are {', '.join(LAMPS)}.")
    bay = rig.world.bay(slot)
    dead = set(bay.dead_lamps) - {lamp}
    bay.dead_lamps = sorted(dead if on else dead | {lamp})
    rig.changed()


def bounce(rig: Rig, slot: int) -> None:
    """Let the contacts of a slot chatter for a moment without settling anywhere."""
    rig.world.bay(slot).bounce_since_ms = rig.world.now_ms
    rig.changed()


def short(rig: Rig, slot: int, *, on: bool) -> None:
    """Hold the rail of a slot down, so that power never becomes good; or let it go."""
    rig.world.bay(slot).is_shorted = on
    rig.changed()


def load(rig: Rig, slot: int, ma: int) -> None:
    """Let the Pi in a slot draw so much on average while it runs."""
    bay = filled(rig, slot)
    if bay.carrier is None or ma > MOST_LOAD_MA:
        raise NotPossible(f"A load is 0 to {MOST_LOAD_MA} mA.")
    pi = bay.carrier.pi
    pi.start_cdeg = pi.temperature_cdeg(rig.world.now_ms)
    pi.traits = replace(pi.traits, load_w=round(ma * bay.nominal_mv / 1_000_000, 3))
    rig.changed()


def renew_pi(rig: Rig, slot: int) -> str:
    """Put another Pi onto the carrier last pulled from a slot, which lies on the bench. Return its serial."""
    carrier = rig.world.bench.get(rig.world.last_uid.get(slot, ""))
    if carrier is None:
        raise NotPossible(f"No carrier of slot {slot} lies on the bench. Use: pull {slot}")
    carrier.pis += 1
    carrier.pi = Pi(carrier.pi.traits, start_cdeg=carrier.pi.traits.ambient_cdeg)
    carrier.number_pi()
    rig.changed()
    return carrier.pi.serial


def _bays_of_device(rig: Rig, word: str) -> list[Bay]:
    if not word.lower().startswith("0x"):
        return [rig.world.bay(int(word))]
    slots = range(1, rig.slot_count + 1)
    address = int(word, 16)
    bays = [rig.world.bay(slot) for slot in slots if address in rig.spec.addresses(slot)]
    if not bays:
        known = sorted({each for slot in slots for each in rig.spec.addresses(slot)})
        raise NotPossible(f"No slot has a device at {word}. Addresses: {_listed(known)}")
    return bays


def _listed(addresses: list[int]) -> str:
    return ", ".join(f"0x{each:02x}" for each in addresses) or "none"
