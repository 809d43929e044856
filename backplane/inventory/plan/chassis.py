"""Finds each chassis in NetBox, or plans it, and says where it stands. Pure.

Where an existing chassis stands is NetBox's word; its row is changed only to carry our marks, because saving it
saves all its children.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from backplane.inventory.fields import BP_UID, changed_fields, new_fields
from backplane.inventory.identity import keys_of, serial_of, shared_keys
from backplane.inventory.mapping import ChassisMapping
from backplane.inventory.plan.catalog import Missing
from backplane.inventory.plan.draft import Evidence, Subject
from backplane.inventory.plan.scene import Scene, device_ref
from backplane.inventory.records import (
    Action,
    Conflict,
    Group,
    Kind,
    NbDevice,
    Phase,
    PlanRow,
    Ref,
    SeenChassis,
    Value,
)


@dataclass(frozen=True, slots=True)
class Place:
    site: Ref
    location: Ref | None
    rack: Ref | None

    def pairs(self, device: NbDevice, scene: Scene) -> tuple[tuple[str, Value, Value], ...]:
        """Return where a device is in NetBox beside where it should be."""
        return (
            ("site", scene.site_ref(device.site_id), self.site),
            ("location", scene.location_ref(device.location_id), self.location),
            ("rack", scene.rack_ref(device.rack_id), self.rack),
        )


@dataclass(frozen=True, slots=True)
class Station:
    """A chassis that can be planned for. `device` None: it is to be made. `parts`: bays it comes with then."""

    seen: SeenChassis
    ref: Ref
    place: Place
    device: NbDevice | None = None
    parts: frozenset[str] = frozenset()


def stations(scene: Scene) -> dict[str, Station]:
    """Return the chassis to plan for, by uid; of the others tell why not."""
    found: dict[str, Station] = {}
    doubles = shared_keys(_once(scene.seen.chassis))
    for chassis in sorted(scene.seen.chassis, key=lambda one: (one.uid, one.id)):
        if station := _station(scene, chassis, doubles):
            found[chassis.uid] = station
    return found


def _once(chassis: Iterable[SeenChassis]) -> list[SeenChassis]:
    return list({(one.id, one.uid): one for one in chassis}.values())


def _station(scene: Scene, chassis: SeenChassis, doubles: dict[str, str]) -> Station | None:
    subject = subject_of(chassis)
    if chassis.is_simulated and not scene.options.allows_simulated:
        why = "It is simulated, and simulated chassis are kept out of NetBox."
        scene.draft.conflict(Conflict.SIMULATED, subject, why)
        return None
    if chassis.uid in doubles:
        why = f"Two chassis here have the same {doubles[chassis.uid]}."
        scene.draft.conflict(Conflict.DUPLICATE, subject, why)
        return None
    found = _find(scene, chassis)
    if isinstance(found, Missing):
        scene.draft.conflict(found.conflict, subject, found.why)
        return None
    if found is not None:
        return _existing(scene, chassis, found)
    return _new(scene, chassis) if chassis.is_known else None


def subject_of(chassis: SeenChassis) -> Subject:
    label = f"chassis {chassis.name or chassis.slug}"
    return Subject(Kind.DEVICE, f"device:{chassis.uid}", label, chassis.uid)


def _find(scene: Scene, chassis: SeenChassis) -> NbDevice | Missing | None:
    """Return the device this chassis is: by the mapping's id, else by its keys."""
    wanted = scene.mapping.of(chassis.slug).netbox_id
    if wanted is not None:
        device = scene.index.devices.get(wanted)
        if device is None or (device.bp_uid and device.bp_uid != chassis.uid):
            why = f"The mapping says it is NetBox's device {wanted}, which is not there or another one."
            return Missing(Conflict.NOT_READ, why)
    else:
        match = scene.index.identities.find(chassis)
        if match.rivals:
            return Missing(Conflict.DUPLICATE, rivals_text(match.rivals))
        device = match.device
    return _usable(scene, device) if device else None


def rivals_text(rivals: tuple[NbDevice, ...]) -> str:
    names = ", ".join(f"{one.name or 'no name'} (id {one.id})" for one in rivals)
    return f"It could be any of these in NetBox, or one with another's uid: {names}."


def _usable(scene: Scene, device: NbDevice) -> NbDevice | Missing:
    if not scene.owns(device):
        why = f"{device.name or device.id} has no tag {scene.mapping.tag!r}. Give it the tag to let it be kept."
        return Missing(Conflict.NOT_TAGGED, why)
    kind = scene.index.types.get(device.device_type_id)
    if kind is not None and kind.subdevice_role != "parent":
        why = f"Its device type {kind.model!r} is no parent: it has no bays."
        return Missing(Conflict.NOT_A_PARENT, why)
    return device


def _existing(scene: Scene, chassis: SeenChassis, device: NbDevice) -> Station:
    place = Place(
        scene.site_ref(device.site_id),
        scene.location_ref(device.location_id),
        scene.rack_ref(device.rack_id),
    )
    if chassis.is_known:
        _mark(scene, chassis, device)
        _compare_place(scene, chassis, device, place)
    return Station(chassis, device_ref(device, chassis.uid), place, device)


def _mark(scene: Scene, chassis: SeenChassis, device: NbDevice) -> None:
    serial = chassis.serial if serial_of(chassis.serial) else device.serial
    is_same = serial_of(serial) == serial_of(device.serial)
    changes = changed_fields(
        (
            ("serial", device.serial, device.serial if is_same else serial),
            ("asset_tag", device.asset_tag, chassis.asset_tag),
            (BP_UID, device.bp_uid, chassis.uid),
        )
    )
    if changes:
        scene.catalog.marks()
        subject = subject_of(chassis)
        scene.draft.add(
            PlanRow(
                key=subject.key,
                kind=Kind.DEVICE,
                phase=Phase.CHASSIS_CHANGE,
                group=Group.CHASSIS,
                label=subject.label,
                action=Action.CHANGE,
                changes=changes,
                why="Its board says so.",
                evidence=f"board of {chassis.name or chassis.slug}",
                evidence_at=chassis.seen_at,
                object_id=device.id,
                guard=device.last_updated,
                subject=chassis.uid,
            )
        )


def _compare_place(scene: Scene, chassis: SeenChassis, device: NbDevice, place: Place) -> None:
    """Tell where the mapping and NetBox place a chassis otherwise; NetBox's place is what holds."""
    own = scene.mapping.of(chassis.slug)
    position = None if device.position is None else f"{device.position:g}"
    pairs = (
        ("site", own.site, place.site.label),
        ("rack", own.rack, place.rack.label if place.rack else ""),
        ("position", "" if own.position is None else str(own.position), position or ""),
    )
    wrong = [
        f"{field} {here!r} here, {there!r} in NetBox"
        for field, here, there in pairs
        if here and not scene.is_same_name(here, there)
    ]
    if wrong and scene.index.is_whole:
        why = f"The mapping and NetBox place it differently: {'; '.join(wrong)}. NetBox's place holds."
        scene.draft.conflict(Conflict.PLACE_DIFFERS, subject_of(chassis), why)


def _new(scene: Scene, chassis: SeenChassis) -> Station | None:
    own = scene.mapping.of(chassis.slug)
    place = _new_place(scene, own)
    kind = scene.types.chassis(own.type, chassis.slot_count)
    name = chassis_name(scene, chassis)
    problem = next((one for one in (place, kind) if isinstance(one, Missing)), None)
    if problem is None and isinstance(place, Place) and place.site.id is not None:
        taken = scene.index.named(place.site.id, None, name)
        problem = Missing(Conflict.NAME_TAKEN, name_taken(taken)) if taken else None
    if isinstance(place, Missing) or isinstance(kind, Missing) or problem:
        if problem:
            scene.draft.conflict(problem.conflict, subject_of(chassis), problem.why)
        return None
    ref = Ref(Kind.DEVICE, f"device:{chassis.uid}", None, name)
    _create(scene, chassis, place, (("name", name), ("device_type", kind.ref)))
    return Station(chassis, ref, place, None, kind.parts)


def name_taken(device: NbDevice) -> str:
    return (
        f"Device {device.id} of that site is called {device.name!r} already, and neither uid, asset tag nor"
        " serial say that it is the same."
    )


def chassis_name(scene: Scene, chassis: SeenChassis) -> str:
    words = {"name": chassis.name, "slug": chassis.slug, "serial": chassis.serial}
    return scene.mapping.names.chassis.format(**words).strip() or chassis.slug


def _new_place(scene: Scene, own: ChassisMapping) -> Place | Missing:
    site = scene.catalog.site(own.site)
    if isinstance(site, Missing):
        return site
    location = scene.catalog.location(site, own.location)
    if isinstance(location, Missing):
        return location
    rack = scene.catalog.rack(site, location, own.rack)
    if isinstance(rack, Missing):
        return rack
    # NetBox gives a device the location of its rack, whatever is asked for.
    return Place(site, scene.rack_location(rack) or location, rack)


def _create(
    scene: Scene, chassis: SeenChassis, place: Place, what: tuple[tuple[str, Value], ...]
) -> None:
    own = scene.mapping.of(chassis.slug)
    subject = subject_of(chassis)
    values: tuple[tuple[str, Value], ...] = (
        *what,
        ("role", scene.catalog.role(own.role)),
        ("site", place.site),
        ("location", place.location),
        ("rack", place.rack),
        ("position", own.position if place.rack else None),
        ("face", own.face if place.rack and own.position else None),
        ("status", scene.mapping.statuses.running),
        ("serial", chassis.serial if serial_of(chassis.serial) else None),
        ("asset_tag", chassis.asset_tag),
        ("tags", scene.catalog.marks()),
        (BP_UID, chassis.uid),
    )
    evidence = Evidence(f"board of {chassis.name or chassis.slug} answers", chassis.seen_at)
    # The shelf is made with the first chassis, so that no swap has to wait for it.
    shelf = scene.catalog.location(place.site, scene.mapping.place.spares)
    keys = ", ".join(name for name, _ in keys_of(chassis))
    scene.draft.add(
        PlanRow(
            key=subject.key,
            kind=Kind.DEVICE,
            phase=Phase.DEVICE_CREATE,
            group=Group.CHASSIS,
            label=subject.label,
            action=Action.CREATE,
            changes=new_fields(values),
            why=f"NetBox has no device with its {keys}.",
            evidence=evidence.text,
            evidence_at=evidence.at,
            depends_on=(shelf.key,) if isinstance(shelf, Ref) else (),
            subject=chassis.uid,
        )
    )
