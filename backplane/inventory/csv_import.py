"""What a CSV file would do to the modules, row by row, and doing it. Nothing is written before the second step.

The second step does what the first one showed or nothing: a mark over all fates travels with the answer.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from tablib import Dataset

from backplane.inventory.csv_resource import ModuleResource
from backplane.inventory.csv_text import COLUMNS, Table, read_table, write_csv
from backplane.slots.assets import repaint, words_of
from backplane.slots.durable import plain_transaction
from backplane.slots.models import Module, Slot


class Fate(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGE = "change"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RowFate:
    """`changes`: (column, before, after). `why`: the reason of a refusal."""

    line: int
    fate: Fate
    label: str
    changes: tuple[tuple[str, str, str], ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """All fates of a file; `mark` is the same exactly when every fate is."""

    fates: tuple[RowFate, ...]
    unread: tuple[str, ...]

    @property
    def mark(self) -> str:
        return hashlib.sha256(repr(self.fates).encode()).hexdigest()

    @property
    def counts(self) -> dict[str, int]:
        counted = Counter(row.fate.value for row in self.fates)
        return {fate.value: counted[fate.value] for fate in Fate}

    @property
    def writes(self) -> int:
        """Number of modules that confirming would write."""
        return self.counts[Fate.NEW] + self.counts[Fate.CHANGE]


class ChangedSincePreviewError(Exception):
    """The modules are no longer those that the preview compared with."""


def preview(data: bytes) -> Preview:
    """Return what the file would do. Raises UnreadableFileError."""
    table = read_table(data)
    return Preview(_fates(table, _run(table, is_rehearsal=True)), table.unread)


def apply(data: bytes, mark: str, now: datetime) -> Preview:
    """Write what the preview with this mark showed, all of it or nothing.

    Raises UnreadableFileError, ChangedSincePreviewError, StorageFull.
    """
    with plain_transaction():
        seen = preview(data)
        if seen.mark != mark:
            raise ChangedSincePreviewError
        result = _run(read_table(data), is_rehearsal=False)
        refused = sum(row.is_error() or row.is_invalid() for row in result)
        if refused != seen.counts[Fate.REFUSED]:  # somebody wrote meanwhile; all is taken back
            raise ChangedSincePreviewError
    repaint([row.instance.pk for row in result if row.is_update()], now)
    return seen


def export_modules() -> str:
    """Return every module as CSV, with where it stands in two more columns."""
    places = _places()
    table = ModuleResource().export()
    modules = Module.objects.order_by("name", "pk").values_list("pk", flat=True)
    rows = [
        [*(str(cell) for cell in row), *places.get(pk, ("", ""))]
        for pk, row in zip(modules, table, strict=True)
    ]
    return write_csv([*COLUMNS, "chassis", "slot"], rows)


def _places() -> dict[int, tuple[str, str]]:
    slots = Slot.objects.filter(is_occupant_unsure=False)  # a place that is not known is left out
    slots = slots.select_related("chassis", "carrier").order_by("pk")
    found = {}
    for slot in slots:
        module = slot.module_id or (slot.carrier.module_id if slot.carrier else None)
        if module:
            found[module] = (slot.chassis.slug, str(slot.number))
    return found


def _run(table: Table, *, is_rehearsal: bool) -> Sequence[Any]:
    dataset = Dataset(headers=[*table.columns, "line"])
    for line, row in zip(table.lines, table.rows, strict=True):
        dataset.append([*row, str(line)])
    result = ModuleResource().import_data(dataset, dry_run=is_rehearsal, use_transactions=False)
    rows: Sequence[Any] = result.rows
    return rows


def _fates(table: Table, rows: Sequence[Any]) -> tuple[RowFate, ...]:
    return tuple(
        _fate(line, dict(zip(table.columns, cells, strict=True)), row)
        for line, cells, row in zip(table.lines, table.rows, rows, strict=True)
    )


def _fate(line: int, cells: dict[str, str], row: Any) -> RowFate:  # noqa: ANN401  (the library has no types)
    said = cells.get("name") or cells.get("serial") or cells.get("asset_tag") or cells.get("macs")
    label = said or cells.get("uid") or "a row without a name"
    if row.is_invalid():
        return RowFate(line, Fate.REFUSED, label, why=_reasons(row.validation_error))
    if row.is_error():
        return RowFate(line, Fate.REFUSED, label, why=str(row.errors[0].error))
    changes = tuple(
        (name, before, after)
        for name in _filled(cells)
        if (before := words_of(getattr(row.original, name, "")))
        != (after := words_of(getattr(row.instance, name)))
    )
    if row.is_new():
        return RowFate(line, Fate.NEW, label, changes)
    if row.is_skip():
        return RowFate(line, Fate.SAME, str(row.instance))
    return RowFate(line, Fate.CHANGE, str(row.original), changes)


def _filled(cells: dict[str, str]) -> list[str]:
    return [name for name in COLUMNS if cells.get(name)]


def _reasons(error: Any) -> str:  # noqa: ANN401  (the library has no types)
    by_field = getattr(error, "message_dict", None) or {"": error.messages}
    return " ".join(
        f"{field}: {text}" if field and field != "__all__" else text
        for field, texts in by_field.items()
        for text in texts
    )
