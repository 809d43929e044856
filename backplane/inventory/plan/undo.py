"""Turns the rows that were done into the rows of the way back. Pure.

What a plan made stays, and all that is about it alone. Bays are cleared before any is set, as on the way there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from backplane.inventory.records import Action, FieldChange, Phase, PlanRow, Ref


@dataclass(frozen=True, slots=True)
class DoneRow:
    """A row that was written; `stamp` is the object's last_updated after it."""

    row: PlanRow
    stamp: str


def way_back(done: Iterable[DoneRow]) -> tuple[PlanRow, ...]:
    """Return rows that put back what stood in the fields the done ones changed, in the order they are to be done."""
    changed = [one for one in done if one.row.writes_netbox and one.row.object_id is not None]
    changed = [one for one in changed if one.row.action is not Action.CREATE]
    bays = [one for one in changed if one.row.phase in {Phase.BAY_CLEAR, Phase.BAY_SET}]
    others = [_reversed(one) for one in changed if one not in bays]
    return tuple(sorted([*_bays_back(bays), *others], key=lambda row: (row.phase, row.key)))


def _bays_back(done: list[DoneRow]) -> Iterator[PlanRow]:
    """Yield rows of bays. Who was taken out of a bay on the way there is taken out of where it came to first."""
    cleared = {one.row.object_id for one in done if one.row.phase == Phase.BAY_CLEAR}
    moved = {_before(one.row) for one in done if one.row.phase == Phase.BAY_CLEAR} - {None}
    for one in done:
        back = _reversed(one)
        was_empty = all(change.before is None for change in one.row.changes)
        if one.row.phase == Phase.BAY_CLEAR:
            yield _set_back(back)
        elif one.row.object_id in cleared or was_empty:
            yield _cleared(back)
        elif _after(one.row) in moved:
            yield _cleared(back)
            yield _set_back(replace(back, changes=_from_nothing(back)))
        else:
            yield _set_back(back)


def _before(row: PlanRow) -> int | None:
    return next((one.before.id for one in row.changes if isinstance(one.before, Ref)), None)


def _after(row: PlanRow) -> int | None:
    return next((one.after.id for one in row.changes if isinstance(one.after, Ref)), None)


def _from_nothing(row: PlanRow) -> tuple[FieldChange, ...]:
    return tuple(replace(one, before=None) for one in row.changes)


def _set_back(row: PlanRow) -> PlanRow:
    return replace(row, key=f"bay:#{row.object_id}:back", phase=Phase.BAY_SET, action=Action.CHANGE)


def _cleared(row: PlanRow) -> PlanRow:
    changes = tuple(replace(one, after=None) for one in row.changes)
    key = f"bay:#{row.object_id}:out"
    return replace(row, key=key, phase=Phase.BAY_CLEAR, action=Action.CLEAR, changes=changes)


def _reversed(done: DoneRow) -> PlanRow:
    changes = tuple(
        replace(one, before=one.after, after=one.before, rule="undone") for one in done.row.changes
    )
    clears = all(one.after is None for one in changes)
    return replace(
        done.row,
        changes=changes,
        action=Action.CLEAR if clears else Action.CHANGE,
        guard=done.stamp,
        why="A person undoes it.",
        evidence="",
        evidence_at=None,
        depends_on=(),
    )
