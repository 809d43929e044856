"""The plans kept as text in tests/inventory/plans. `python -m tests.support.plan_cases` writes them anew.

Each starts from a rack of four modules that NetBox agrees with, and changes one side.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from backplane.inventory.plan import render_plan
from backplane.inventory.records import (
    Health,
    NbBay,
    NbDevice,
    NbMac,
    NbSnapshot,
    Plan,
    Power,
    Seen,
    SeenChassis,
    SeenModule,
)
from tests.support.rack_and_record import applied, bay, full_rack, pi, plan_of, rack, reseat

HERE: Final = Path(__file__).parent.parent / "inventory" / "plans"
RACK: Final = full_rack(count=4)


@cache
def agreed() -> tuple[Seen, NbSnapshot]:
    """Return a rack and a NetBox that agree."""
    return applied(Seen((RACK,)))


def the_rack() -> SeenChassis:
    return agreed()[0].chassis[0]


def module(number: int) -> SeenModule:
    """Return the module of a bay as it is once NetBox has told its words."""
    found = the_rack().bays[number - 1].module
    assert found is not None
    return found


def devices(**by_name: dict[str, Any]) -> NbSnapshot:
    """Return the agreed NetBox with some devices changed: pi_001={"status": "planned"}."""
    snapshot = agreed()[1]
    changed = (
        replace(one, **by_name.get(one.name.replace("-", "_"), {})) for one in snapshot.devices
    )
    return replace(snapshot, devices=tuple(changed))


def bays(**by_name: dict[str, Any]) -> NbSnapshot:
    snapshot = agreed()[1]
    return replace(
        snapshot, bays=tuple(replace(one, **by_name.get(one.name, {})) for one in snapshot.bays)
    )


def bay_named(name: str) -> NbBay:
    return next(one for one in agreed()[1].bays if one.name == name)


def device_named(name: str) -> NbDevice:
    return next(one for one in agreed()[1].devices if one.name == name)


def stranger(values: dict[str, Any]) -> NbDevice:
    """Return a child device of somebody else's."""
    own = device_named("pi-001")
    known: dict[str, Any] = {
        "id": 7001,
        "name": "theirs",
        "serial": "",
        "asset_tag": "",
        "tags": frozenset(),
        "bp_uid": "",
        "bp_slot": "",
        **values,
    }
    return replace(own, **known)


def with_stranger(in_bay: str = "", **values: object) -> NbSnapshot:
    """Return the agreed NetBox with a stranger, in a bay if one is named."""
    snapshot = bays(**{in_bay: {"installed_device_id": 7001}}) if in_bay else agreed()[1]
    return replace(snapshot, devices=(*snapshot.devices, stranger(values)))


def _plan(
    chassis: SeenChassis | None = None, snapshot: NbSnapshot | None = None, **shelf: SeenModule
) -> Plan:
    seen = Seen((chassis or the_rack(),), tuple(shelf.values()))
    return plan_of(seen, snapshot or agreed()[1])


def _two_racks() -> Plan:
    both = applied(Seen((full_rack(count=2), full_rack("b01", first=11, count=1))))
    a12, b01 = both[0].chassis
    mover = a12.bays[1].module
    return plan_of(Seen((reseat(a12, bay(2)), reseat(b01, bay(5, mover)))), both[1])


def _mac_elsewhere() -> Plan:
    snapshot = agreed()[1]
    other = NbMac(8001, "", pi(9).macs[0].upper(), 999, is_assigned=True)
    return _plan(reseat(the_rack(), bay(5, pi(9))), replace(snapshot, macs=(*snapshot.macs, other)))


def _disabled() -> Plan:
    return _plan(reseat(the_rack(), bay(5, pi(9))), bays(slot05={"is_enabled": False}))


def _not_a_child() -> Plan:
    parent = device_named("A12").device_type_id
    return _plan(None, devices(pi_001={"device_type_id": parent}))


CASES: Final[dict[str, Callable[[], Plan]]] = {
    "nothing-to-do": _plan,
    "first-sync": lambda: plan_of(Seen((full_rack(count=2),))),
    "swap": lambda: _plan(reseat(the_rack(), bay(3, pi(9))), old=module(3)),
    "swap-with-a-known-spare": lambda: _plan(
        reseat(the_rack(), bay(3, module(4)), bay(4)), old=module(3)
    ),
    "pull": lambda: _plan(reseat(the_rack(), bay(3)), old=module(3)),
    "move-to-another-chassis": _two_racks,
    "exchange-of-three": lambda: _plan(
        reseat(the_rack(), bay(1, module(2)), bay(2, module(3)), bay(3, module(1)))
    ),
    "fault-and-power": lambda: _plan(
        reseat(
            the_rack(),
            bay(1, module(1), power=Power.OFF),
            bay(2, module(2), health=Health.FAULT),
            bay(3, module(3), is_booting=True),
        )
    ),
    "renamed-in-netbox": lambda: _plan(None, devices(pi_001={"name": "web-1", "role": "Web"})),
    "planned-in-netbox": lambda: _plan(
        None,
        with_stranger("slot07", status="planned", serial="10000000cafe0001", name="db-1"),
    ),
    "a-twin-is-planned": lambda: _plan(
        None, with_stranger("slot07", status="planned", serial=pi(1).serial)
    ),
    "stranger-in-a-bay": lambda: _plan(reseat(the_rack(), bay(5, pi(9))), with_stranger("slot05")),
    "another-is-planned": lambda: _plan(
        reseat(the_rack(), bay(4, pi(9))),
        devices(pi_004={"status": "planned"}),
        planned=module(4),
    ),
    "not-tagged": lambda: _plan(
        reseat(the_rack(), bay(5, pi(9))), with_stranger(serial=pi(9).serial)
    ),
    "duplicate-serial-in-netbox": lambda: _plan(
        None, with_stranger(serial=pi(1).serial, tags=frozenset({"backplane-sync"}))
    ),
    "duplicate-serial-here": lambda: _plan(
        reseat(
            the_rack(),
            bay(5, pi(8, serial="10000000abcd1234")),
            bay(6, pi(9, serial="10000000ABCD1234 ")),
        )
    ),
    "one-module-in-two-bays": lambda: _plan(reseat(the_rack(), bay(5, module(1)))),
    "two-modules-in-a-bay": lambda: _plan(
        replace(the_rack(), bays=(*the_rack().bays, bay(1, pi(9))))
    ),
    "name-taken": lambda: _plan(
        reseat(the_rack(), bay(5, pi(9))), with_stranger(name="PI-009", serial="")
    ),
    "not-a-child": _not_a_child,
    "disabled-bay": _disabled,
    "mac-elsewhere": _mac_elsewhere,
    "simulated": lambda: plan_of(Seen((full_rack(count=1), rack("s01", is_simulated=True)))),
    "unknown-chassis": lambda: _plan(replace(the_rack(), is_known=False)),
    "waits-for-a-stranger": lambda: _plan(
        reseat(the_rack(), bay(1, pi(9)), bay(5, module(1))), with_stranger("slot05")
    ),
}


def main() -> None:
    for name, make in CASES.items():
        (HERE / f"{name}.txt").write_text(render_plan(make()), encoding="utf-8")


if __name__ == "__main__":
    main()
