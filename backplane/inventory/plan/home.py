"""Rows from NetBox to our own database: names, roles, tenants, and what is planned for a bay. Pure."""

from backplane.inventory.fields import home_fields
from backplane.inventory.identity import device_keys, keys_of
from backplane.inventory.plan.catalog import Missing
from backplane.inventory.plan.chassis import Station
from backplane.inventory.plan.draft import Subject
from backplane.inventory.plan.members import Member, known_modules, label_of
from backplane.inventory.plan.newcomers import name_of
from backplane.inventory.plan.outcome import Sitter
from backplane.inventory.plan.scene import Scene
from backplane.inventory.plan.seats import Seating
from backplane.inventory.records import (
    Action,
    Conflict,
    FieldChange,
    Group,
    Kind,
    NbDevice,
    Phase,
    PlanRow,
    Ref,
    SeenBay,
    SeenModule,
)


def plan_home(scene: Scene, seating: Seating, sitters: list[Sitter]) -> None:
    """Add what NetBox says and we do not know yet."""
    for member in seating.members.values():
        if member.device is not None and member.problem is None:
            _words(scene, member.module, member.device)
    for sitter in sitters:
        if sitter.device is None:
            _new_words(scene, sitter.module)
    devices = {
        member.device.id: member for member in seating.members.values() if member.device is not None
    }
    for station in seating.stations.values():
        for bay in sorted(set(station.seen.bays), key=lambda one: (one.number, one.planned_uid)):
            _planned(scene, station, bay, devices)


def _words(scene: Scene, module: SeenModule, device: NbDevice) -> None:
    role = module.role if module.role is None or not device.role else device.role
    tenant = None if module.tenant is None else device.tenant
    pairs = (
        ("name", module.name, device.name or module.name),
        ("role", module.role, role),
        ("tenant", module.tenant, tenant),
    )
    _add_module(scene, module, home_fields(pairs))


def _new_words(scene: Scene, module: SeenModule) -> None:
    """Add what a device will be called and be once it is made, so that the next plan finds nothing left."""
    role = scene.catalog.role(scene.mapping.roles.module).label
    pairs = (
        ("name", module.name, name_of(scene, module)),
        ("role", module.role, None if module.role is None else role),
        ("tenant", module.tenant, None),
    )
    _add_module(scene, module, home_fields(pairs), (f"device:{module.uid}",))


def _add_module(
    scene: Scene, module: SeenModule, changes: tuple[FieldChange, ...], needs: tuple[str, ...] = ()
) -> None:
    if changes:
        scene.draft.add(
            PlanRow(
                key=f"module:{module.uid}",
                kind=Kind.LOCAL_MODULE,
                phase=Phase.LOCAL,
                group=Group.HOME,
                label=f"module {label_of(module)} here",
                action=Action.CHANGE,
                changes=changes,
                why="NetBox says so.",
                depends_on=needs,
                object_id=module.id,
                subject=module.uid,
            )
        )


def _planned(scene: Scene, station: Station, bay: SeenBay, members: dict[int, Member]) -> None:
    if station.device is None:
        return
    name = scene.mapping.names.bay_of(bay.number)
    nb_bay = scene.index.bay(station.device.id, name)
    if nb_bay is None:
        return
    inside = scene.index.devices.get(nb_bay.installed_device_id or 0)
    if nb_bay.installed_device_id is not None and inside is None:
        return  # it was not read
    planned = inside if inside and inside.status == scene.mapping.statuses.planned else None
    before = Ref(Kind.LOCAL_MODULE, f"module:{bay.planned_uid}") if bay.planned_uid else None
    label = f"slot {bay.number} of {station.seen.name or station.seen.slug} here"
    after = None
    if planned is not None and not _is_here(planned, bay, members):
        subject = Subject(Kind.LOCAL_SLOT, f"slot:{station.seen.uid}/{bay.number}", label)
        after = _planned_module(scene, planned, members, subject)
        if after is None:
            return
    if after is None and not bay.plan_is_netboxs:
        return  # a person planned it here
    changes = home_fields((("planned_module", before, after),))
    if changes:
        scene.draft.add(
            PlanRow(
                key=f"slot:{station.seen.uid}/{bay.number}",
                kind=Kind.LOCAL_SLOT,
                phase=Phase.LOCAL_SLOT,
                group=Group.HOME,
                label=label,
                action=Action.CHANGE if after else Action.CLEAR,
                changes=changes,
                why=f"NetBox plans {after} for it." if after else "NetBox plans nothing for it.",
                object_id=station.seen.id,
                found_by=(("number", bay.number),),
                subject=station.seen.uid,
            )
        )


def _is_here(planned: NbDevice, bay: SeenBay, members: dict[int, Member]) -> bool:
    member = members.get(planned.id)
    return bool(member and bay.occupant and bay.occupant.uid == member.module.uid)


def _planned_module(
    scene: Scene, planned: NbDevice, members: dict[int, Member], subject: Subject
) -> Ref | None:
    """Return the module NetBox plans for a bay; one that we do not know is made here. None: it could not be told again."""
    member = members.get(planned.id)
    if member is not None:
        module = member.module
        return Ref(Kind.LOCAL_MODULE, f"module:{module.uid}", module.id, label_of(module))
    key = f"module:#{planned.id}"
    problem = _refuse_planned(scene, planned)
    if problem is not None:
        scene.draft.conflict(problem.conflict, subject, problem.why)
        return None
    scene.draft.add(
        PlanRow(
            key=key,
            kind=Kind.LOCAL_MODULE,
            phase=Phase.LOCAL,
            group=Group.HOME,
            label=f"module {planned.name or planned.serial} here",
            action=Action.CREATE,
            changes=home_fields(
                (
                    ("name", None, planned.name),
                    ("serial", None, planned.serial),
                    ("asset_tag", None, planned.asset_tag),
                    ("uid", None, planned.bp_uid),
                )
            ),
            why="NetBox plans it for a bay.",
        )
    )
    return Ref(Kind.LOCAL_MODULE, key, None, planned.name or planned.serial)


def _refuse_planned(scene: Scene, planned: NbDevice) -> Missing | None:
    """Return why no module is made here for a device: it could not be told again, or is one of ours already."""
    name = planned.name or f"device {planned.id}"
    keys = set(device_keys(planned))
    if not keys:
        why = f"NetBox plans {name}, which has neither asset tag nor serial."
        return Missing(Conflict.NO_IDENTITY, why)
    twin = next((one for one in known_modules(scene) if keys.intersection(keys_of(one))), None)
    if twin is not None:
        why = (
            f"NetBox plans {name}, which has a key of {label_of(twin)} but cannot be told to be it."
        )
        return Missing(Conflict.DUPLICATE, why)
    return None
