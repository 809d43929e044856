"""The mode and the mapping in use: read by every sync, changed on the settings page, checked before they are stored."""

from collections.abc import Mapping as Words
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings

from backplane.inventory.mapping import Mapping, MappingError, mapping_from_rows, mapping_from_toml
from backplane.inventory.models import Mode, NetBoxSetup

_BARE: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


def current() -> NetBoxSetup:
    """Return the row; an unsaved one with the defaults where nobody has chosen yet."""
    return NetBoxSetup.objects.order_by("pk").first() or NetBoxSetup()


def current_mode() -> Mode:
    """Return what happens by itself."""
    return Mode(current().mode)


def current_mapping() -> Mapping:
    """Return the mapping in use. Raises MappingError, for a file that somebody edited wrongly."""
    return mapping_from_toml(current_text())


def current_text() -> str:
    """Return the mapping as TOML: the file of NETBOX_MAPPING if one is set, else what the page stored."""
    if settings.NETBOX_MAPPING:
        return _read(Path(settings.NETBOX_MAPPING))
    return current().mapping


def comes_from_file() -> bool:
    """Tell whether NETBOX_MAPPING decides, so that the page can only show."""
    return bool(settings.NETBOX_MAPPING)


def store(text: str | None, mode: Mode, who: str, now: datetime) -> None:
    """Store mode and mapping; text None keeps the mapping. Raises MappingError."""
    row = current()
    if text is not None:
        mapping_from_toml(text)
        row.mapping = text
    row.mode, row.changed_by, row.changed_at = mode, who, now
    row.save()


def mapping_to_toml(mapping: Mapping) -> str:
    """Return a mapping as a file: what differs from the defaults; it reads back as the same mapping."""
    lines: list[str] = []
    if mapping.tag != Mapping().tag:
        lines.append(f"tag = {_quoted(mapping.tag)}")
    for table in ("place", "roles", "types", "names", "statuses"):
        lines += _table(table, getattr(mapping, table), getattr(Mapping(), table))
    for slug, own in mapping.chassis:
        lines += _table(f"chassis.{_key(slug)}", own, type(own)())
    return "\n".join(lines) + "\n" if lines else ""


def rows_to_toml(rows: Words[str, str]) -> str:
    """Return the file that boxes of a form mean. Raises MappingError."""
    return mapping_to_toml(mapping_from_rows(rows.items()))


def _table(name: str, record: object, default: object) -> list[str]:
    if not is_dataclass(record):
        return []
    lines, inner = [], []
    for one in fields(record):
        value = getattr(record, one.name)
        if value == getattr(default, one.name):
            continue
        if isinstance(value, tuple):
            pairs = [f"{_quoted(key)} = {_quoted(text)}" for key, text in value]
            inner += ["", f"[{name}.{one.name}]", *pairs]
        elif value is not None:
            lines.append(f"{one.name} = {value if isinstance(value, int) else _quoted(str(value))}")
    return ["", f"[{name}]", *lines, *inner] if lines else inner


def _key(text: str) -> str:
    return text if text and set(text) <= _BARE else _quoted(text)


def _quoted(text: str) -> str:
    escaped = "".join(
        f"\\u{ord(letter):04x}" if ord(letter) < 32 or ord(letter) == 127 else letter
        for letter in text.replace("\\", "\\\\").replace('"', '\\"')
    )
    return f'"{escaped}"'


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path} cannot be read: {error}."
        raise MappingError((message,)) from error
