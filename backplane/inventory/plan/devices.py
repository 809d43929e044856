"""Rows of the modules' devices: made, brought up to date where they sit, sent to the shelf. Pure."""

from dataclasses import replace

from backplane.inventory.fields import BP_SLOT, BP_UID, Pair, changed_fields, new_fields
from backplane.inventory.identity import keys_of, serial_of
from backplane.inventory.plan.bays import clear_key, set_key
from backplane.inventory.plan.catalog import Missing
from backplane.inventory.plan.draft import Subject
from backplane.inventory.plan.newcomers import name_of
from backplane.inventory.plan.outcome import Leaver, Sitter, shelf_status
from backplane.inventory.plan.scene import Scene, device_ref
from backplane.inventory.records import (
    Action,
    Group,
    Health,
    Kind,
    NbDevice,
    Phase,
    PlanRow,
    Power,
    Ref,
    SeenBay,
    SeenModule,
    Value,
)


def plan_sitter(scene: Scene, sitter: Sitter) -> None:
    """Add the row of a module that sits in a bay, if NetBox has it otherwise or not at all."""
    if sitter.device is None:
        _create(scene, sitter)
        return
    seat = sitter.seat
    marks = (
        ("status", sitter.device.status, seated_status(scene, seat.seen, sitter.device.status)),
        (BP_SLOT, sitter.device.bp_slot, scene.slot_mark(seat.station.seen, seat.seen.number)),
    )
    pairs = (*seat.station.place.pairs(sitter.device, scene), *marks)
    row = _change(scene, sitter.device, sitter.module, pairs)
    if row is None:
        return
    old_rows = (clear_key(sitter.old_bay),) if sitter.old_bay else ()
    scene.draft.add(
        replace(
            row,
            group=Group.SWAP if sitter.comes else Group.MODULE,
            why=f"It is seen in {seat.label}.",
            evidence=seat.evidence.text,
            evidence_at=seat.evidence.at,
            depends_on=(set_key(seat), *old_rows),
        )
    )


def plan_leaver(scene: Scene, leaver: Leaver) -> None:
    """Add the row of a device that has left its bay: to the shelf of its site, out of the rack."""
    device = leaver.device
    pairs: list[Pair] = [
        ("status", device.status, shelf_status(scene, device, leaver.module)),
        ("rack", scene.rack_ref(device.rack_id), None),
        (BP_SLOT, device.bp_slot, None),
    ]
    location = scene.catalog.location(scene.site_ref(device.site_id), scene.mapping.place.spares)
    if isinstance(location, Missing):
        label = f"module {device.name or device.id}"
        subject = Subject(Kind.DEVICE, device_ref(device).key, label)
        scene.draft.conflict(location.conflict, subject, location.why, leaver.evidence)
    else:
        pairs.append(("location", scene.location_ref(device.location_id), location))
    row = _change(scene, device, leaver.module, tuple(pairs))
    if row is not None:
        scene.draft.add(
            replace(
                row,
                why="It is no longer in a bay.",
                evidence=leaver.evidence.text,
                evidence_at=leaver.evidence.at,
                depends_on=(leaver.row,),
            )
        )


def seated_status(scene: Scene, bay: SeenBay, current: str = "") -> str:
    """Return the status of a module in a bay. What a person gave stays; what is not known changes nothing."""
    statuses = scene.mapping.statuses
    if current and current not in statuses.all:
        return current
    if bay.health is Health.FAULT:
        return statuses.fault
    if bay.is_booting:
        return statuses.booting
    known = {Power.ON: statuses.running, Power.OFF: statuses.off}
    return known.get(bay.power) or (current if current in statuses.seated else statuses.booting)


def _change(
    scene: Scene, device: NbDevice, module: SeenModule | None, pairs: tuple[Pair, ...]
) -> PlanRow | None:
    uid = module.uid if module else ""
    changes = changed_fields((*pairs, *(_identity(device, module) if module else ())))
    if not changes:
        return None
    scene.catalog.marks()
    ref = device_ref(device, uid)
    return PlanRow(
        key=ref.key,
        kind=Kind.DEVICE,
        phase=Phase.DEVICE_CHANGE,
        group=Group.SWAP,
        label=f"module {ref}",
        action=Action.CHANGE,
        changes=changes,
        object_id=device.id,
        guard=device.last_updated,
        subject=uid,
    )


def _identity(device: NbDevice, module: SeenModule) -> tuple[Pair, ...]:
    is_same = serial_of(module.serial) in {"", serial_of(device.serial)}
    return (
        ("serial", device.serial, device.serial if is_same else module.serial),
        ("asset_tag", device.asset_tag, module.asset_tag),
        (BP_UID, device.bp_uid, module.uid),
    )


def _create(scene: Scene, sitter: Sitter) -> None:
    seat, module = sitter.seat, sitter.module
    kind = scene.types.module(module.model)
    if isinstance(kind, Missing):
        return
    place = seat.station.place
    name = name_of(scene, module)
    values: tuple[tuple[str, Value], ...] = (
        ("name", name),
        ("device_type", kind.ref),
        ("role", scene.catalog.role(scene.mapping.roles.module)),
        ("site", place.site),
        ("location", place.location),
        ("rack", place.rack),
        ("status", seated_status(scene, seat.seen)),
        ("serial", module.serial if serial_of(module.serial) else None),
        ("asset_tag", module.asset_tag),
        ("tags", scene.catalog.marks()),
        (BP_UID, module.uid),
        (BP_SLOT, scene.slot_mark(seat.station.seen, seat.seen.number)),
    )
    ref = Ref(Kind.DEVICE, f"device:{module.uid}", None, name)
    keys = ", ".join(key for key, _ in keys_of(module))
    scene.draft.add(
        PlanRow(
            key=ref.key,
            kind=Kind.DEVICE,
            phase=Phase.DEVICE_CREATE,
            group=Group.SWAP,
            label=f"module {name}",
            action=Action.CREATE,
            changes=new_fields(values),
            why=f"It is seen in {seat.label}, and NetBox has no device with its {keys}.",
            evidence=seat.evidence.text,
            evidence_at=seat.evidence.at,
            subject=module.uid,
        )
    )
