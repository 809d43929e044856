"""Rows of addresses: the MAC object of a module's wired interface, and that it is the primary one. Pure.

The same address may exist any number of times in NetBox; one that somebody else has is a conflict, never taken.
"""

from dataclasses import replace

from backplane.inventory.fields import changed_fields, new_fields
from backplane.inventory.identity import same_mac
from backplane.inventory.plan.draft import Subject
from backplane.inventory.plan.members import label_of
from backplane.inventory.plan.outcome import Sitter
from backplane.inventory.plan.scene import Scene, device_ref
from backplane.inventory.plan.types import INTERFACE_TYPE, TypeRef
from backplane.inventory.records import (
    Action,
    Conflict,
    Group,
    Kind,
    NbInterface,
    NbMac,
    Phase,
    PlanRow,
    Ref,
)

_OBJECT_TYPE = "dcim.interface"


def plan_macs(scene: Scene, sitters: list[Sitter]) -> None:
    """Add the rows of the first address of each module that sits in a bay."""
    owners: dict[str, list[str]] = {}
    for sitter in sitters:
        for mac in sitter.module.macs[:1]:
            owners.setdefault(same_mac(mac), []).append(sitter.module.uid)
    for sitter in sitters:
        mac = same_mac(sitter.module.macs[0]) if sitter.module.macs else ""
        if len(owners.get(mac, ())) > 1:
            _tell(scene, sitter, mac, "Two modules here have this address.")
        elif mac:
            _plan(scene, sitter, mac)


def _plan(scene: Scene, sitter: Sitter, mac: str) -> None:
    interface = _interface(scene, sitter)
    found = scene.index.macs(mac)
    ours = [one for one in found if interface and one.interface_id == interface.id]
    if ours:
        if len(ours) > 1:
            ids = ", ".join(str(one.id) for one in ours)
            why = f"NetBox has it {len(ours)} times at this interface (addresses {ids}). Delete all but one there."
            _tell(scene, sitter, mac, why, Conflict.DUPLICATE)
        _make_primary(scene, sitter, interface, _mac_ref(sitter, mac, ours[0]))
        return
    if any(_is_on_device(scene, sitter, one) for one in found):
        return  # on another interface of the same module: it is recorded
    taken = next((one for one in found if not _is_free(scene, one)), None)
    if taken is not None:
        where = scene.index.interfaces.get(taken.interface_id or 0)
        device = scene.index.devices.get(where.device_id) if where else None
        who = f"{device.name or device.id} has it" if device else "somebody else has it"
        _tell(scene, sitter, mac, f"In NetBox {who} (address {taken.id}).")
        return
    target = _interface_ref(scene, sitter, interface)
    if found:
        _assign(scene, sitter, found[0], target)
    else:
        _create(scene, sitter, mac, target)
    _make_primary(scene, sitter, interface, _mac_ref(sitter, mac, found[0] if found else None))


def _interface(scene: Scene, sitter: Sitter) -> NbInterface | None:
    if sitter.device is None:
        return None
    return scene.index.interface(sitter.device.id, scene.mapping.names.interface)


def _is_on_device(scene: Scene, sitter: Sitter, mac: NbMac) -> bool:
    interface = scene.index.interfaces.get(mac.interface_id or 0)
    return bool(interface and sitter.device and interface.device_id == sitter.device.id)


def _is_free(scene: Scene, mac: NbMac) -> bool:
    return not mac.is_assigned and mac.interface_id is None and scene.mapping.tag in mac.tags


def _device(sitter: Sitter) -> Ref:
    uid = sitter.module.uid
    if sitter.device is not None:
        return device_ref(sitter.device, uid)
    return Ref(Kind.DEVICE, f"device:{uid}", None, label_of(sitter.module))


def _mac_ref(sitter: Sitter, mac: str, found: NbMac | None) -> Ref:
    key = f"mac:{sitter.module.uid}/{mac}"
    return Ref(Kind.MAC, key, found.id if found else None, mac.upper())


def _interface_ref(scene: Scene, sitter: Sitter, interface: NbInterface | None) -> Ref:
    """Return the interface; see that there will be one."""
    name = scene.mapping.names.interface
    device = _device(sitter)
    key = f"interface:{sitter.module.uid}/{name}"
    if interface is not None:
        return Ref(Kind.INTERFACE, key, interface.id, name)
    ref = Ref(Kind.INTERFACE, key, None, name, parent=device, name=name)
    if _lacks_interface(scene, sitter):
        fields = new_fields((("device", device), ("name", name), ("type", INTERFACE_TYPE)))
        row = _row(sitter, ref, Phase.INTERFACE_CREATE)
        scene.draft.add(replace(row, action=Action.CREATE, changes=fields))
    return ref


def _lacks_interface(scene: Scene, sitter: Sitter) -> bool:
    """Tell whether the interface has to be made; what was not read in full is taken to have it."""
    if not scene.index.is_whole:
        return False
    if sitter.device is not None:
        return True
    kind = scene.types.module(sitter.module.model)
    return isinstance(kind, TypeRef) and scene.mapping.names.interface.casefold() not in kind.parts


def _create(scene: Scene, sitter: Sitter, mac: str, target: Ref) -> None:
    fields = new_fields(
        (
            ("mac_address", mac.upper()),
            ("assigned_object_type", _OBJECT_TYPE),
            ("assigned_object_id", target),
            ("tags", scene.catalog.marks()),
        )
    )
    row = _row(sitter, _mac_ref(sitter, mac, None), Phase.MAC_CREATE)
    scene.draft.add(replace(row, action=Action.CREATE, changes=fields))


def _assign(scene: Scene, sitter: Sitter, found: NbMac, target: Ref) -> None:
    fields = changed_fields(
        (("assigned_object_type", None, _OBJECT_TYPE), ("assigned_object_id", None, target))
    )
    row = _row(sitter, _mac_ref(sitter, same_mac(found.mac), found), Phase.MAC_CHANGE)
    scene.draft.add(replace(row, changes=fields, guard=found.last_updated))


def _make_primary(scene: Scene, sitter: Sitter, interface: NbInterface | None, mac: Ref) -> None:
    now = interface.primary_mac_id if interface else None
    if now is not None and now == mac.id:
        return
    before = next((one for one in scene.index.snapshot.macs if one.id == now), None)
    target = _interface_ref(scene, sitter, interface)
    shown = Ref(Kind.MAC, f"mac:#{now}", now, before.mac if before else f"#{now}") if now else None
    row = _row(sitter, target, Phase.INTERFACE_CHANGE)
    scene.draft.add(
        replace(
            row,
            key=f"{row.key}:primary",
            changes=changed_fields((("primary_mac_address", shown, mac),)),
            found_by=() if interface else (("device", _device(sitter)), ("name", target.label)),
            guard=interface.last_updated if interface else None,
            depends_on=(target.key,),
        )
    )


def _row(sitter: Sitter, ref: Ref, phase: Phase) -> PlanRow:
    """Return a row of this object, its changes still to come."""
    name = _device(sitter)
    words = {Kind.MAC: "address", Kind.INTERFACE: "interface"}
    return PlanRow(
        key=ref.key,
        kind=ref.kind,
        phase=phase,
        group=Group.SWAP if sitter.comes else Group.MODULE,
        label=f"{words[ref.kind]} {ref} of {name}",
        action=Action.CHANGE,
        why="The module's own address.",
        evidence=sitter.seat.evidence.text,
        evidence_at=sitter.seat.evidence.at,
        object_id=ref.id,
        subject=sitter.module.uid,
    )


def _tell(
    scene: Scene, sitter: Sitter, mac: str, why: str, conflict: Conflict = Conflict.MAC_ELSEWHERE
) -> None:
    ref = _mac_ref(sitter, mac, None)
    subject = Subject(Kind.MAC, ref.key, f"address {ref} of {_device(sitter)}", sitter.module.uid)
    scene.draft.conflict(conflict, subject, why, sitter.seat.evidence)
