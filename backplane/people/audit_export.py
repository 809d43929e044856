"""The audit trail as CSV and JSON, streamed. A spreadsheet must never run what somebody typed as a name."""

import csv
import io
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Final

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

from backplane.people.models import AuditEntry

Steps = Iterator[list[AuditEntry]]

COLUMNS: Final = (
    "id", "at", "who", "role", "channel", "address", "action", "subject", "chassis", "slot",
    "saw", "reason", "outcome", "settled_at", "command_id", "swap_id", "detail",
)  # fmt: skip
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(request: HttpRequest, steps: Steps) -> StreamingHttpResponse:
    """Answer a CSV file, as RFC 4180, in UTF-8."""
    return stream(request, _csv_parts(steps), "text/csv; charset=utf-8", "audit.csv")


def as_json(request: HttpRequest, steps: Steps) -> StreamingHttpResponse:
    """Answer one JSON array, an entry a line."""
    return stream(request, json_parts(_rows(steps)), "application/json", "audit.json")


def row_of(entry: AuditEntry) -> dict[str, object]:
    """Return an entry as plain data: times in ISO 8601, UTC."""
    row = {name: getattr(entry, name) for name in COLUMNS}
    return {
        name: iso_utc(value) if isinstance(value, datetime) else value
        for name, value in row.items()
    }


def safe_cell(value: object) -> str:
    """Return a value as a cell's text; one that a spreadsheet would run is led by an apostrophe (OWASP)."""
    if isinstance(value, dict):
        value = json.dumps(value) if value else ""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _csv_parts(steps: Steps) -> Iterator[bytes]:
    yield csv_lines([COLUMNS])
    for entries in steps:
        yield csv_lines([tuple(map(safe_cell, row_of(entry).values())) for entry in entries])


def _rows(steps: Steps) -> Iterator[list[dict[str, object]]]:
    for entries in steps:
        yield [row_of(entry) for entry in entries]


def csv_lines(rows: list[tuple[str, ...]]) -> bytes:
    """Return rows of cells as lines of a CSV file."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def json_parts(steps: Iterator[list[dict[str, object]]]) -> Iterator[bytes]:
    """Yield one JSON array of all rows, a row a line."""
    before = "[\n"
    for rows in steps:
        if rows:
            yield (before + ",\n".join(map(json.dumps, rows))).encode()
            before = ",\n"
    yield b"[]\n" if before == "[\n" else b"\n]\n"


def stream(
    request: HttpRequest, parts: Iterator[bytes], content_type: str, name: str
) -> StreamingHttpResponse:
    """Answer a file whose parts are made while they are sent."""
    # Under ASGI Django would first collect a plain iterator as a whole.
    content = _without_blocking(parts) if isinstance(request, ASGIRequest) else parts
    answer = StreamingHttpResponse(content, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


async def _without_blocking(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    step = sync_to_async(lambda: next(parts, None))
    while (part := await step()) is not None:
        yield part


def iso_utc(moment: datetime) -> str:
    """Return a moment in ISO 8601, UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
