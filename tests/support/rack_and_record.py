"""A seen rack and its plan, made in a line: chassis, bays, modules, and our own side of an applied plan."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from backplane.inventory.mapping import ChassisMapping, Mapping, Place
from backplane.inventory.plan import make_plan
from backplane.inventory.records import (
    Action,
    Kind,
    NbSnapshot,
    Plan,
    PlanOptions,
    PlanRow,
    Power,
    Ref,
    Seen,
    SeenBay,
    SeenChassis,
    SeenModule,
)
from tests.support.netbox_model import NetboxModel

NOW = datetime(2026, 11, 21, 14, 2, 8, tzinfo=UTC)
READ = datetime(2026, 11, 21, 14, 2, 7, tzinfo=UTC)
SIGHT = datetime(2026, 11, 21, 14, 2, 4, tzinfo=UTC)
DEFAULTS = PlanOptions()
EMPTY = NbSnapshot(READ, "4.6.8")
MAPPING = Mapping(
    place=Place(site="Home"),
    chassis=(("a12", ChassisMapping(rack="R1", position=12)), ("b01", ChassisMapping(rack="R2"))),
)


def pi(number: int, **other: object) -> SeenModule:
    """Return module `number`, complete."""
    known: dict[str, Any] = {
        "uid": f"u{number:03}",
        "name": f"pi-{number:03}",
        "serial": f"10000000beef{number:04x}",
        "macs": (f"dc:a6:32:00:{number // 256:02x}:{number % 256:02x}",),
        "model": "Raspberry Pi 5",
        "role": "",
    }
    return SeenModule(**{"id": number, **known, **other})


def bay(number: int, module: SeenModule | None = None, **other: object) -> SeenBay:
    """Return a known bay: running with a module, else empty."""
    filled: dict[str, Any] = {
        "present": module is not None,
        "module": module,
        "state": "M4" if module else "M0",
    }
    power = Power.ON if module else Power.OFF
    known: dict[str, Any] = {"is_known": True, "seen_at": SIGHT, "power": power, **filled, **other}
    return SeenBay(number, **known)


def rack(slug: str = "a12", bays: tuple[SeenBay, ...] = (), **other: object) -> SeenChassis:
    known: dict[str, Any] = {"name": slug.upper(), "seen_at": SIGHT, "slot_count": 10, **other}
    number = int(slug[1:])
    return SeenChassis(number, slug, f"board-{slug}", bays=bays, **known)


def full_rack(slug: str = "a12", first: int = 1, count: int = 10) -> SeenChassis:
    """Return a chassis with modules first.. in its first bays."""
    filled = tuple(bay(at + 1, pi(first + at)) for at in range(count))
    return rack(slug, (*filled, *(bay(at + 1) for at in range(count, 10))))


def reseat(chassis: SeenChassis, *changes: SeenBay) -> SeenChassis:
    """Return the chassis with these bays in place of those of the same number."""
    new = {one.number: one for one in changes}
    return replace(chassis, bays=tuple(new.get(one.number, one) for one in chassis.bays))


def plan_of(
    seen: Seen,
    snapshot: NbSnapshot = EMPTY,
    mapping: Mapping = MAPPING,
    options: PlanOptions = DEFAULTS,
) -> Plan:
    return make_plan(seen, snapshot, mapping, options, NOW)


def applied(
    seen: Seen,
    snapshot: NbSnapshot = EMPTY,
    mapping: Mapping = MAPPING,
    options: PlanOptions = DEFAULTS,
) -> tuple[Seen, NbSnapshot]:
    """Return both sides after a plan is made and applied."""
    plan = plan_of(seen, snapshot, mapping, options)
    model = NetboxModel.of(snapshot)
    model.apply(plan)
    return at_home(seen, plan), model.snapshot(snapshot)


def at_home(seen: Seen, plan: Plan) -> Seen:
    """Return our own side after the rows that write here."""
    rows = [row for row in plan.rows if row.writes_here]
    modules = {row.key: row for row in rows if row.kind is Kind.LOCAL_MODULE}
    slots = {row.key: row for row in rows if row.kind is Kind.LOCAL_SLOT}
    made = tuple(_made(row) for row in modules.values() if row.action is Action.CREATE)
    chassis = tuple(
        replace(one, bays=tuple(_bay(one, each, modules, slots) for each in one.bays))
        for one in seen.chassis
    )
    return Seen(chassis, (*(_module(one, modules) for one in seen.shelf), *made))


def _made(row: PlanRow) -> SeenModule:
    values: dict[str, Any] = {change.field: str(change.after) for change in row.changes}
    return SeenModule(900, **{"uid": f"new-{row.key}", **values})


def _module(module: SeenModule, rows: dict[str, PlanRow]) -> SeenModule:
    row = rows.get(f"module:{module.uid}")
    values: dict[str, Any] = {one.field: one.after or "" for one in row.changes} if row else {}
    return replace(module, **values)


def _bay(
    chassis: SeenChassis, seen: SeenBay, modules: dict[str, PlanRow], slots: dict[str, PlanRow]
) -> SeenBay:
    module = _module(seen.module, modules) if seen.module else None
    row = slots.get(f"slot:{chassis.uid}/{seen.number}")
    if row is None:
        return replace(seen, module=module)
    after = row.changes[0].after
    key = after.key if isinstance(after, Ref) else ""
    is_made = key in modules and modules[key].action is Action.CREATE
    planned = _made(modules[key]).uid if is_made else key.removeprefix("module:")
    return replace(seen, module=module, planned_uid=planned)
