"""How a simulated rack tells its state: plain dicts for one JSON line.

Tells what physically is, which the firmware may see differently (a back-fed rail, a loose contact).
"""

from typing import Any

from backplane.firmware_link.simulator.bay import Bay
from backplane.firmware_link.simulator.machine import Machine


def rack_report(machine: Machine) -> dict[str, Any]:
    """Describe the rack, its cable and its slots 1..N at this moment."""
    world = machine.rig.world
    return {
        "name": machine.name,
        "board": str(machine.rig.spec.name),
        "board_id": machine.rig.board_id.hex(),
        "uptime_ms": machine.uptime_ms(),
        "boots": machine.boots,
        "powered": world.is_powered,
        "silence": machine.cable.is_silent,
        "noise": machine.cable.noise_rate,
        "slots": [slot_report(bay, world.now_ms) for bay in world.bays],
    }


def slot_report(bay: Bay, now_ms: int) -> dict[str, Any]:
    """Describe one slot; millivolts, milliamperes and hundredths of a degree, None where empty."""
    carrier = bay.carrier
    return {
        "slot": bay.number,
        "carrier": carrier.uid if carrier else None,
        "present": bay.reads_present(),
        "handle": "closed" if bay.handle_is_closed else "open",
        "rail_on": bay.rail_is_commanded,
        "power_good": bay.power_is_good(now_ms),
        "tripped": bay.is_tripped,
        "halted_edge": bay.has_halted_edge,
        "shutdown_line": bay.shutdown_is_asserted,
        "backfeed": bay.is_backfed,
        "loose": bay.contact_is_loose,
        "pi": carrier.pi.phase.value if carrier else None,
        "mv": bay.rail_mv(now_ms),
        "ma": bay.rail_ma(now_ms),
        "cdeg": carrier.pi.temperature_cdeg(now_ms) if carrier else None,
        "lights": bay.lights,
    }
