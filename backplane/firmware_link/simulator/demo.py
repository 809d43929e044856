"""The racks that a simulation begins with, and how carriers and Pis get their looks.

Everything follows from names, so that the same rack looks the same each time it is made.
"""

import hashlib
from dataclasses import replace

from backplane.firmware_link.simulator.bay import Bay, Carrier
from backplane.firmware_link.simulator.pi import Pi, PiPhase, PiTraits
from backplane.firmware_link.simulator.world import World

MODEL = "Raspberry Pi 5 carrier"
EMPTY_SLOTS = frozenset({5})
OFF_SLOTS = frozenset({8})
WARM_SLOTS = frozenset({6})
LOADS_W = (5.2, 3.1, 6.4, 4.6, 4.0, 7.9, 4.3, 3.8, 5.7)
# A slot in a dead corner of the air flow: 7.9 W end near 72 degrees, close below the warning limit.
WARM_CDEG_PER_W = 595


def seed_of(text: str) -> int:
    """Return 31 bits that depend on the text alone."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "little") & 0x7FFFFFFF


def board_id_of(name: str) -> bytes:
    """Return the 8-byte id of the simulated board: a locally administered MAC, zero-padded."""
    mac = bytearray(hashlib.sha256(f"backplane simulator {name}".encode()).digest()[:6])
    mac[0] = (mac[0] & 0xFC) | 0x02
    return bytes(mac) + b"\x00\x00"


def make_carrier(uid: str, base: PiTraits | None = None) -> Carrier:
    """Make the carrier with that uid; its serial and its Pi's habits follow from the uid."""
    seed = seed_of(uid)
    traits = base or PiTraits()
    traits = replace(traits, seed=seed, load_w=round(3.0 + (seed % 450) / 100, 2))
    serial = f"BP5-{seed:08X}"
    return Carrier(
        uid=uid, serial=serial, model=MODEL, pi=Pi(traits, start_cdeg=traits.ambient_cdeg)
    )


def empty_world(slot_count: int) -> World:
    """Make a rack without a carrier."""
    return World(bays=[Bay(number) for number in range(1, slot_count + 1)])


def demo_world(name: str, slot_count: int, base: PiTraits | None = None) -> World:
    """Make a rack at work: most slots run, one is warm, one is off, slot 5 and the last are empty."""
    world = empty_world(slot_count)
    for bay in world.bays[: max(1, slot_count - 1)]:
        if bay.number not in EMPTY_SLOTS:
            _fill(bay, name, base)
    return world


def _fill(bay: Bay, name: str, base: PiTraits | None) -> None:
    carrier = make_carrier(f"BPC-{seed_of(name) & 0xFFFF:04X}-{bay.number:02d}", base)
    warm = {"cdeg_per_w": WARM_CDEG_PER_W} if bay.number in WARM_SLOTS else {}
    load_w = LOADS_W[(bay.number - 1) % len(LOADS_W)]
    traits = replace(carrier.pi.traits, load_w=load_w, **warm)
    bay.carrier = carrier
    bay.handle_is_closed = True
    carrier.pi = Pi(traits, start_cdeg=traits.ambient_cdeg)
    carrier.number_pi()
    if bay.number not in OFF_SLOTS:
        bay.rail_is_commanded = bay.is_live = True
        carrier.pi.phase = PiPhase.RUNNING
        carrier.pi.start_cdeg = carrier.pi.settled_cdeg()
