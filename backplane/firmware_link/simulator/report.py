"""How a simulated rack tells its state: plain dicts for one JSON line.

Tells what physically is, which the firmware may see differently (a back-fed rail, a loose contact).
"""

from typing import Any

from backplane.firmware_link.simulator.bay import Bay, Carrier
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
        "supplies": [
            {"supply": int(each["number"]), "good": _is_good(machine, int(each["number"]))}
            for each in machine.rig.spec.supplies
        ],
        "bench": [_carrier_report(carrier) for carrier in world.bench.values()],
        "slots": [slot_report(bay, world.now_ms) for bay in world.bays],
    }


def _is_good(machine: Machine, supply: int) -> bool:
    world = machine.rig.world
    return world.is_powered and supply not in world.dead_supplies


def _carrier_report(carrier: Carrier) -> dict[str, str]:
    """Describe a carrier that lies on the bench; its Pi's label can be read there."""
    pi = carrier.pi
    return {"carrier": carrier.uid, "pi_serial": pi.serial, "pi_mac": pi.mac}


def slot_report(bay: Bay, now_ms: int) -> dict[str, Any]:
    """Describe one slot; millivolts, milliamperes and hundredths of a degree, None where empty."""
    carrier = bay.carrier
    return {
        "slot": bay.number,
        "carrier": carrier.uid if carrier else None,
        "present": bay.reads_present(now_ms),
        "handle": "closed" if bay.handle_is_closed else "open",
        "rail_on": bay.rail_is_commanded,
        "power_good": bay.power_is_good(now_ms),
        "tripped": bay.is_tripped,
        "halted_edge": bay.has_halted_edge,
        "shutdown_line": bay.shutdown_is_asserted,
        "backfeed": bay.is_backfed,
        "loose": bay.contact_is_loose,
        "short": bay.is_shorted,
        "device": "silent" if bay.device_is_lost else "answers",
        "identity": _identity(carrier),
        "pi": carrier.pi.phase.value if carrier else None,
        "pi_serial": carrier.pi.serial if carrier else None,
        "pi_mac": carrier.pi.mac if carrier else None,
        "mv": bay.rail_mv(now_ms),
        "ma": bay.rail_ma(now_ms),
        "cdeg": carrier.pi.temperature_cdeg(now_ms) if carrier else None,
        "lights": bay.lights,
        "lights_seen": bay.lights_seen(),
        "dead_lamps": list(bay.dead_lamps),
    }


def _identity(carrier: Carrier | None) -> str | None:
    if carrier is None:
        return None
    return "unreadable" if carrier.is_unreadable else "readable"
