"""CSV files as people bring them: what their columns mean, and cells that no spreadsheet may run. Pure.

Reads our own export, lists with a header in other words, and the bare `name,address,mac` of small clusters.
"""

import csv
import io
from dataclasses import dataclass
from typing import Final

from backplane.slots.macs import known_macs

MOST_BYTES: Final = 512 * 1024
MOST_ROWS: Final = 5_000
COLUMNS: Final = (
    *("uid", "asset_tag", "name", "serial", "model", "macs", "address"),
    *("owner", "purchased_on", "status", "note"),
)
_TELLING: Final = frozenset({"uid", "asset_tag", "name", "serial", "macs"})
_OTHER_NAMES: Final = {
    "mac": "macs",
    "mac_address": "macs",
    "hostname": "name",
    "host": "name",
    "ip": "address",
    "ip_address": "address",
    "serial_number": "serial",
    "purchased": "purchased_on",
    "notes": "note",
    "comments": "note",
}
_PLAIN: Final = ("name", "address", "macs")
_RUNS: Final = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for a formula


class UnreadableFileError(Exception):
    """The file as a whole cannot be read; says why, in words."""


@dataclass(frozen=True, slots=True)
class Table:
    """`lines`: number of each row in the file. `unread`: columns that mean nothing here."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    unread: tuple[str, ...] = ()


def read_table(data: bytes) -> Table:
    """Return the rows of a file. Raises UnreadableFileError."""
    reader = csv.reader(io.StringIO(_text_of(data)), delimiter=_delimiter_of(data))
    try:
        cells = [(reader.line_num, row) for row in reader if _says_something(row)]
    except csv.Error as error:
        message = f"Line {reader.line_num} is no CSV: {error}."
        raise UnreadableFileError(message) from error
    if not cells:
        raise UnreadableFileError("The file has no rows.")
    if len(cells) > MOST_ROWS:
        message = f"The file has more than {MOST_ROWS} rows. Split it."
        raise UnreadableFileError(message)
    if any(known_macs(cell) for cell in cells[0][1]):
        return _table(_PLAIN, (), cells)
    header = [_column_of(cell) for cell in cells[0][1]]
    _check(header)
    unread = tuple(cell.strip() for cell, name in zip(cells[0][1], header, strict=True) if not name)
    return _table(tuple(header), unread, cells[1:])


def escaped(cell: str) -> str:
    """Return a cell that no spreadsheet runs: one that looks like a formula gets an apostrophe."""
    return f"'{cell}" if cell.startswith(_RUNS) else cell


def plain(cell: str) -> str:
    """Return a cell without the apostrophe of `escaped`, and without blanks around it."""
    text = cell.strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(_RUNS) else text


def write_csv(columns: list[str], rows: list[list[str]]) -> str:
    """Return rows as CSV, each cell escaped."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([escaped(cell) for cell in row] for row in rows)
    return out.getvalue()


def _text_of(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        message = f"The file is larger than {MOST_BYTES // 1024} kB. Split it."
        raise UnreadableFileError(message)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFileError("The file is no UTF-8 text. Save it as CSV UTF-8.") from error
    if "\0" in text:
        raise UnreadableFileError("The file is no text.")
    return text


def _delimiter_of(data: bytes) -> str:
    first = data.split(b"\n", 1)[0]
    return max((",", ";", "\t"), key=lambda mark: first.count(mark.encode()))


def _says_something(row: list[str]) -> bool:
    return any(cell.strip() for cell in row) and not row[0].lstrip().startswith("#")


def _column_of(cell: str) -> str:
    name = "_".join(cell.strip().lower().replace("-", " ").replace("_", " ").split())
    name = _OTHER_NAMES.get(name, name)
    return name if name in COLUMNS else ""


def _check(header: list[str]) -> None:
    known = [name for name in header if name]
    if not _TELLING & set(known):
        raise UnreadableFileError(
            "No column tells the modules apart. Name one uid, asset_tag, serial, macs or name."
        )
    twice = sorted({name for name in known if known.count(name) > 1})
    if twice:
        message = f"The column {twice[0]} is there twice."
        raise UnreadableFileError(message)


def _table(
    columns: tuple[str, ...], unread: tuple[str, ...], cells: list[tuple[int, list[str]]]
) -> Table:
    wanted = [at for at, name in enumerate(columns) if name]
    rows = tuple(
        tuple(plain(row[at]) if at < len(row) else "" for at in wanted) for _, row in cells
    )
    return Table(
        tuple(columns[at] for at in wanted), rows, tuple(line for line, _ in cells), unread
    )
