"""Turns verdicts into rows of bays: made, cleared first, then set. Pure.

NetBox works a list off in its own order and refuses a device that still stands elsewhere, so whoever moves is
taken out of its old bay in the list before. A bay whose old device goes to the shelf is overwritten in one step.
"""

from collections.abc import Iterator

from backplane.inventory.fields import changed_fields, new_fields
from backplane.inventory.plan.draft import Evidence
from backplane.inventory.plan.scene import Scene, device_ref
from backplane.inventory.plan.seats import Seat, Seating
from backplane.inventory.plan.verdicts import Verdict, Verdicts
from backplane.inventory.records import (
    Action,
    Group,
    Kind,
    NbBay,
    NbDevice,
    Phase,
    PlanRow,
    Ref,
)


def plan_bays(scene: Scene, seating: Seating, verdicts: Verdicts) -> None:
    """Add the rows of all known bays, and the conflicts that keep bays as they are."""
    _make_missing(scene, seating)
    for key, seat in seating.seats.items():
        verdict = verdicts.by_bay[key]
        if verdict is Verdict.BLOCKED:
            problem = verdicts.problems[key]
            scene.draft.conflict(problem.conflict, seat.subject, problem.why, seat.evidence)
        elif verdict is Verdict.CLEAR and seat.bay is not None:
            _clear(scene, seat.bay, _why_cleared(seating, seat, verdicts), seat.evidence, verdicts)
        elif verdict is Verdict.SET:
            _set(scene, seating, seat, verdicts)


def _make_missing(scene: Scene, seating: Seating) -> None:
    """Add the bays that a chassis neither has nor gets from its type."""
    for station in seating.stations.values():
        if not station.seen.is_known or not scene.index.is_whole:
            continue
        for number in range(1, station.seen.slot_count + 1):
            name = scene.mapping.names.bay_of(number)
            has_it = (
                scene.index.bay(station.device.id, name) is not None
                if station.device
                else name.casefold() in station.parts
            )
            if not has_it:
                _make(scene, station.ref, number, station.seen.uid)


def _make(scene: Scene, chassis: Ref, number: int, uid: str) -> None:
    name = scene.mapping.names.bay_of(number)
    label = scene.mapping.names.label_of(number)
    scene.draft.add(
        PlanRow(
            key=f"bay:{uid}/{name}",
            kind=Kind.BAY,
            phase=Phase.BAY_CREATE,
            group=Group.CHASSIS,
            label=f"bay {name} of {chassis}",
            action=Action.CREATE,
            changes=new_fields((("device", chassis), ("name", name), ("label", label))),
            why="The chassis has this slot, and NetBox no bay for it.",
            subject=uid,
        )
    )


def _why_cleared(seating: Seating, seat: Seat, verdicts: Verdicts) -> str:
    inside = seat.installed
    home = seating.homes.get(verdicts.uids.get(inside.id, "")) if inside else None
    if inside is not None and home is not None:
        return f"{inside.name} is seen in {seating.seats[home].label}."
    return "It is seen empty."


def _clear(scene: Scene, bay: NbBay, why: str, evidence: Evidence, verdicts: Verdicts) -> None:
    device = scene.index.devices.get(bay.installed_device_id or 0)
    if device is None:
        return
    scene.draft.add(
        PlanRow(
            key=clear_key(bay),
            kind=Kind.BAY,
            phase=Phase.BAY_CLEAR,
            group=Group.SWAP,
            label=f"bay {bay_label(scene, bay)}",
            action=Action.CLEAR,
            changes=changed_fields(
                (("installed_device", device_ref(device, verdicts.uids.get(device.id, "")), None),)
            ),
            why=why,
            evidence=evidence.text,
            evidence_at=evidence.at,
            object_id=bay.id,
            guard=bay.last_updated,
            subject=verdicts.uids.get(device.id, ""),
        )
    )


def clear_key(bay: NbBay) -> str:
    return f"bay:#{bay.id}:clear"


def set_key(seat: Seat) -> str:
    return f"{seat.ref.key}:set"


def bay_label(scene: Scene, bay: NbBay) -> str:
    parent = scene.index.devices.get(bay.device_id)
    return f"{bay.name} of {parent.name if parent else f'device {bay.device_id}'}"


def _set(scene: Scene, seating: Seating, seat: Seat, verdicts: Verdicts) -> None:
    member = seat.member
    if member is None:
        return
    for bay, why in _to_clear(scene, seating, seat, verdicts):
        _clear(scene, bay, why, seat.evidence, verdicts)
    inside = seat.installed
    before = device_ref(inside, verdicts.uids.get(inside.id, "")) if inside else None
    bay_id = seat.bay.id if seat.bay else None
    scene.draft.add(
        PlanRow(
            key=set_key(seat),
            kind=Kind.BAY,
            phase=Phase.BAY_SET,
            group=Group.SWAP,
            label=f"bay {seat.label}",
            action=Action.CHANGE,
            changes=changed_fields((("installed_device", before, member.ref),)),
            why=f"{member.ref} is seen in it.",
            evidence=seat.evidence.text,
            evidence_at=seat.evidence.at,
            depends_on=tuple(_needs(scene, seat, member.device)),
            object_id=bay_id,
            found_by=() if bay_id else (("device", seat.station.ref), ("name", seat.name)),
            guard=seat.bay.last_updated if seat.bay else None,
            subject=member.module.uid,
        )
    )


def _to_clear(
    scene: Scene, seating: Seating, seat: Seat, verdicts: Verdicts
) -> Iterator[tuple[NbBay, str]]:
    """Yield the bays that must be empty first: the old bay of who comes, and this one if who goes is seen elsewhere."""
    device = seat.member.device if seat.member else None
    old_bay = scene.index.holder_of(device) if device else None
    if device is not None and old_bay is not None:
        yield old_bay, f"{device.name} is seen in {seat.label}."
    inside = seat.installed
    if seat.bay is not None and inside and verdicts.uids.get(inside.id) in seating.homes:
        yield seat.bay, _why_cleared(seating, seat, verdicts)


def _needs(scene: Scene, seat: Seat, device: NbDevice | None) -> Iterator[str]:
    old_bay = scene.index.holder_of(device) if device else None
    yield from (clear_key(bay) for bay in (old_bay, seat.bay) if bay is not None)
    yield seat.ref.key
