"""Rows of journal entries: a device's own changelog never says where it was, its journal does. Pure.

Only for what moves: a module that is new in a bay nobody left has its creation to tell of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from backplane.inventory.fields import note_fields
from backplane.inventory.plan.bays import bay_label, clear_key, set_key
from backplane.inventory.plan.draft import Evidence
from backplane.inventory.plan.members import label_of
from backplane.inventory.plan.outcome import Leaver, Sitter
from backplane.inventory.plan.scene import Scene, device_ref
from backplane.inventory.records import Action, Group, Kind, Phase, PlanRow, Ref


@dataclass(frozen=True, slots=True)
class _Note:
    device: Ref
    text: str
    evidence: Evidence
    row: str
    uid: str


def plan_journal(scene: Scene, comes: Sequence[Sitter], goes: Sequence[Leaver]) -> None:
    """Add an entry for each device that leaves a bay, and for each that takes another's or comes from elsewhere."""
    if not scene.options.journal:
        return
    for leaver in goes:
        if leaver.bay is not None:
            _add(scene, _of_leaver(scene, leaver))
    for sitter in comes:
        took_over = sitter.seat.installed is not None
        if sitter.comes and (sitter.device is not None or took_over):
            _add(scene, _of_sitter(scene, sitter))


def _of_leaver(scene: Scene, leaver: Leaver) -> _Note:
    where = bay_label(scene, leaver.bay) if leaver.bay else "its bay"
    uid = leaver.module.uid if leaver.module else ""
    text = f"Pulled from {where}."
    return _Note(device_ref(leaver.device, uid), text, leaver.evidence, leaver.row, uid)


def _of_sitter(scene: Scene, sitter: Sitter) -> _Note:
    seat, uid = sitter.seat, sitter.module.uid
    came = f" from {bay_label(scene, sitter.old_bay)}" if sitter.old_bay else ""
    took = f", in place of {seat.installed.name}" if seat.installed else ""
    device = (
        device_ref(sitter.device, uid)
        if sitter.device
        else Ref(Kind.DEVICE, f"device:{uid}", None, label_of(sitter.module))
    )
    text = f"{'Moved' if came else 'Inserted'}{came} into {seat.label}{took}."
    row = set_key(seat) if seat.bay is None or sitter.comes else clear_key(seat.bay)
    return _Note(device, text, seat.evidence, row, uid)


def _add(scene: Scene, note: _Note) -> None:
    seen = f" Seen {note.evidence.at:%Y-%m-%d %H:%M:%S}Z." if note.evidence.at else ""
    fields = (
        ("assigned_object_type", "dcim.device"),
        ("assigned_object_id", note.device),
        ("kind", "info"),
        ("comments", note.text + seen),
    )
    scene.draft.add(
        PlanRow(
            key=f"journal:{note.device.key.partition(':')[2]}",
            kind=Kind.JOURNAL,
            phase=Phase.JOURNAL,
            group=Group.SWAP,
            label=f"journal of {note.device}",
            action=Action.CREATE,
            changes=note_fields(fields),
            why="So that the module's own page says where it was.",
            evidence=note.evidence.text,
            evidence_at=note.evidence.at,
            depends_on=(note.row,),
            subject=note.uid,
        )
    )
