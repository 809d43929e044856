"""Says what the verdicts mean for devices: who sits where afterwards, and who has left. Pure."""

from dataclasses import dataclass

from backplane.inventory.plan.bays import clear_key, set_key
from backplane.inventory.plan.draft import Evidence
from backplane.inventory.plan.scene import Scene
from backplane.inventory.plan.seats import Seat, Seating
from backplane.inventory.plan.verdicts import Verdict, Verdicts
from backplane.inventory.records import NbBay, NbDevice, SeenModule


@dataclass(frozen=True, slots=True)
class Sitter:
    """A module in its seat. `comes`: NetBox does not have it there yet. `old_bay`: where NetBox has it now."""

    seat: Seat
    module: SeenModule
    device: NbDevice | None
    comes: bool
    old_bay: NbBay | None = None


@dataclass(frozen=True, slots=True)
class Leaver:
    """A device that belongs on the shelf. `bay` None: NetBox has it in none already. `row`: what takes it out."""

    device: NbDevice
    module: SeenModule | None
    bay: NbBay | None
    evidence: Evidence
    row: str = ""


def sitters(scene: Scene, seating: Seating, verdicts: Verdicts) -> list[Sitter]:
    """Return who sits where when the bays are done, in the order of the bays."""
    found = []
    for key, seat in seating.seats.items():
        verdict = verdicts.by_bay[key]
        member = seat.member
        if member is None or verdict not in {Verdict.STAYS, Verdict.SET}:
            continue
        old_bay = scene.index.holder_of(member.device) if member.device else None
        comes = verdict is Verdict.SET
        found.append(Sitter(seat, member.module, member.device, comes, old_bay))
    return found


def leavers(scene: Scene, seating: Seating, verdicts: Verdicts) -> list[Leaver]:
    """Return who has left: out of a bay that is cleared or taken, or on the shelf though NetBox thinks it seated."""
    found = []
    for key, seat in seating.seats.items():
        device = seat.installed
        goes = verdicts.by_bay[key] in {Verdict.CLEAR, Verdict.SET}
        if not goes or device is None or verdicts.uids.get(device.id) in seating.homes:
            continue
        member = seating.members.get(verdicts.uids.get(device.id, ""))
        is_set = verdicts.by_bay[key] is Verdict.SET
        row = set_key(seat) if is_set or seat.bay is None else clear_key(seat.bay)
        module = member.module if member else None
        found.append(Leaver(device, module, seat.bay, seat.evidence, row))
    return found + _stranded(scene, seating)


def _stranded(scene: Scene, seating: Seating) -> list[Leaver]:
    """Return modules of the shelf that NetBox has in no bay, yet still with the status or the place of one."""
    found = []
    for module in sorted(set(scene.seen.shelf), key=lambda one: (one.uid, one.id)):
        member = seating.members[module.uid]
        device = member.device
        if device is None or member.problem or module.uid in {*seating.homes, *seating.away}:
            continue
        is_out = device.bay_id is None and scene.index.holder_of(device) is None
        if is_out and _looks_seated(scene, device, module):
            found.append(Leaver(device, module, None, Evidence("it stands in no slot")))
    return found


def _looks_seated(scene: Scene, device: NbDevice, module: SeenModule) -> bool:
    statuses = scene.mapping.statuses
    if device.status == statuses.planned:
        return False
    # A rack alone says nothing: a person may keep a spare in one.
    return bool(device.bp_slot) or device.status in statuses.seated - {
        shelf_status(scene, device, module)
    }


def shelf_status(scene: Scene, device: NbDevice, module: SeenModule | None) -> str:
    """Return the status of a device that has left its bay; one that a person gave stays."""
    statuses = scene.mapping.statuses
    if device.status not in statuses.all:
        return device.status
    return statuses.fault if module and module.status == "failed" else statuses.pulled
