"""Collects the rows of a plan while it is made, and puts them in order with their dependencies. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from backplane.inventory.records import Action, Conflict, Group, Kind, Phase, PlanRow, Ref


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen, and when."""

    text: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """The thing a row is about; `key` is unique among the rows, `uid` names the module or chassis."""

    kind: Kind
    key: str
    label: str
    uid: str = ""


@dataclass(slots=True)
class Draft:
    _rows: dict[str, PlanRow] = field(default_factory=dict)

    def add(self, row: PlanRow) -> None:
        """Take a row; one with the same key is the same row, said again."""
        self._rows.setdefault(row.key, row)

    def conflict(
        self, conflict: Conflict, subject: Subject, why: str, evidence: Evidence | None = None
    ) -> None:
        """Tell a person what they have to decide."""
        self._tell(Action.CONFLICT, subject, why, evidence or Evidence(), conflict)

    def note(self, subject: Subject, why: str, evidence: Evidence) -> None:
        """Tell why nothing is done."""
        self._tell(Action.NONE, subject, why, evidence, None)

    def _tell(
        self,
        action: Action,
        subject: Subject,
        why: str,
        evidence: Evidence,
        conflict: Conflict | None,
    ) -> None:
        self.add(
            PlanRow(
                key=f"{conflict or action}:{subject.key}",
                kind=subject.kind,
                phase=Phase.TOLD,
                group=Group.SWAP,
                label=subject.label,
                action=action,
                why=why,
                evidence=evidence.text,
                evidence_at=evidence.at,
                conflict=conflict,
                subject=subject.uid,
            )
        )

    def ordered(self) -> tuple[PlanRow, ...]:
        """Return the rows in the order they are to be done, each with the rows it needs; unused bootstrap is left out."""
        rows = [replace(row, depends_on=self._needs(row)) for row in self._rows.values()]
        used = _used(rows)
        kept = (row for row in rows if row.group is not Group.BOOTSTRAP or row.key in used)
        return tuple(sorted(kept, key=lambda row: (row.phase, row.key)))

    def _needs(self, row: PlanRow) -> tuple[str, ...]:
        keys = {*row.depends_on, *_marks(row)}
        keys.update(key for ref in _refs(row) for key in _keys(ref))
        earlier = (key for key in keys if key in self._rows)
        return tuple(sorted(key for key in earlier if self._rows[key].phase < row.phase))


def _used(rows: list[PlanRow]) -> set[str]:
    """Return the keys of bootstrap rows that some other row needs, and of the templates of used types."""
    by_key = {row.key: row for row in rows}
    used: set[str] = set()
    ahead = [row for row in rows if row.group is not Group.BOOTSTRAP]
    while ahead:
        for key in ahead.pop().depends_on:
            if key not in used:
                used.add(key)
                ahead.append(by_key[key])
    templates = {Phase.BAY_TEMPLATE, Phase.INTERFACE_TEMPLATE}
    return used | {
        row.key for row in rows if row.phase in templates and used.issuperset(row.depends_on)
    }


def _marks(row: PlanRow) -> Iterator[str]:
    """Yield the keys of the tag and the fields a row writes."""
    for change in row.changes:
        if change.field == "tags" and isinstance(change.after, tuple):
            yield from (f"tag:{tag}" for tag in change.after)
        if change.field.startswith("custom_fields."):
            yield f"field:{change.field.removeprefix('custom_fields.')}"


def _refs(row: PlanRow) -> Iterator[Ref]:
    values = [change.after for change in row.changes] + [value for _, value in row.found_by]
    return (value for value in values if isinstance(value, Ref))


def _keys(ref: Ref | None) -> Iterator[str]:
    while ref is not None and ref.id is None:
        yield ref.key
        ref = ref.parent
