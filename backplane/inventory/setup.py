"""The mode and the mapping in use: read by every sync, changed on the settings page, checked before they are stored."""

from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

from backplane.inventory.mapping import Mapping, MappingError, mapping_from_rows, mapping_from_toml
from backplane.inventory.models import Mode, SyncState

TABLES: Final = ("place", "roles", "types", "names", "statuses")
_BARE: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


def state() -> SyncState:
    """Return the row; an unsaved one with the defaults where nobody has chosen yet."""
    return SyncState.objects.order_by("pk").first() or SyncState()


def current_mode() -> Mode:
    """Return what happens by itself."""
    return Mode(state().mode)


def current_mapping() -> Mapping:
    """Return the mapping in use: the file of NETBOX_MAPPING if one is set, else the page's. Raises MappingError."""
    if comes_from_file():
        return mapping_from_toml(_read(Path(settings.NETBOX_MAPPING)))
    return mapping_from_rows(state().mapping.items())


def comes_from_file() -> bool:
    """Tell whether NETBOX_MAPPING decides, so that the page can only show."""
    return bool(settings.NETBOX_MAPPING)


def store_mapping(mapping: Mapping) -> None:
    """Store a mapping for every sync from now on."""
    SyncState.objects.update_or_create(pk=1, defaults={"mapping": rows_of(mapping)})


def store_mode(mode: Mode) -> None:
    """Store what happens by itself from now on."""
    SyncState.objects.update_or_create(pk=1, defaults={"mode": mode})


def rows_of(mapping: Mapping) -> dict[str, str]:
    """Return what differs from the defaults as dotted keys with text; mapping_from_rows reads it back."""
    rows = {} if mapping.tag == Mapping().tag else {"tag": mapping.tag}
    for table in TABLES:
        rows |= _rows(table, getattr(mapping, table), getattr(Mapping(), table))
    for slug, own in mapping.chassis:
        rows |= _rows(f"chassis.{slug}", own, type(own)())
    return rows


def mapping_to_toml(mapping: Mapping) -> str:
    """Return a mapping as a file: what differs from the defaults; it reads back as the same mapping."""
    lines: list[str] = []
    if mapping.tag != Mapping().tag:
        lines.append(f"tag = {_quoted(mapping.tag)}")
    for table in TABLES:
        lines += _table(table, getattr(mapping, table), getattr(Mapping(), table))
    for slug, own in mapping.chassis:
        lines += _table(f"chassis.{_key(slug)}", own, type(own)())
    return "\n".join(lines) + "\n" if lines else ""


def _rows(name: str, record: object, default: object) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in fields(record) if is_dataclass(record) else ():
        value = getattr(record, one.name)
        if isinstance(value, tuple):
            found |= {f"{name}.{one.name}.{key}": text for key, text in value}
        elif value is not None and value != getattr(default, one.name):
            found[f"{name}.{one.name}"] = str(value)
    return found


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
