"""What kinds of object the NetBox double keeps: path, fields, order and short form of each. Holds no state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import Any, TypeAlias

Value: TypeAlias = Any  # whatever JSON can hold
Json: TypeAlias = dict[str, Value]

STATUSES = ("offline", "active", "planned", "staged", "failed", "inventory", "decommissioning")


class FieldType(StrEnum):
    """How a field is stored and shown."""

    TEXT = auto()
    NUMBER = auto()
    FLAG = auto()
    CHOICE = auto()
    REFERENCE = auto()
    JSON = auto()


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `default` stands where nothing was sent; a REFERENCE names the path it points to."""

    type: FieldType
    default: Value = None
    is_required: bool = False
    is_unique: bool = False
    is_nullable: bool = False
    max_length: int | None = None
    choices: tuple[str, ...] = ()
    target: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One list endpoint. `order` are field names, `brief` what a nested mention shows, `counts` always read 0."""

    path: str
    content_type: str
    fields: Mapping[str, Field]
    order: tuple[str, ...] = ("name",)
    brief: tuple[str, ...] = ("name", "slug", "description")
    counts: tuple[str, ...] = ()
    absent: Mapping[str, Any] = field(default_factory=dict)
    has_tags: bool = True
    has_display_url: bool = True


def text(length: int = 200, **more: Value) -> Field:
    return Field(FieldType.TEXT, more.pop("default", ""), max_length=length, **more)


def number(default: float | None = None, **more: Value) -> Field:
    return Field(FieldType.NUMBER, default, is_nullable=default is None, **more)


def flag(default: bool = False) -> Field:
    return Field(FieldType.FLAG, default)


def choice(default: str | None, *choices: str, **more: Value) -> Field:
    return Field(FieldType.CHOICE, default, choices=choices, **more)


def reference(target: str, *, is_required: bool = False) -> Field:
    return Field(
        FieldType.REFERENCE, is_required=is_required, is_nullable=not is_required, target=target
    )


def named(**more: Field) -> dict[str, Field]:
    """Return the fields of a thing with a unique name and slug."""
    return {
        "name": text(100, is_required=True, is_unique=True),
        "slug": text(100, is_required=True, is_unique=True),
        "description": text(),
        "comments": text(100_000),
        **more,
    }
