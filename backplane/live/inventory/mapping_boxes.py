"""The mapping as boxes of a form: one per key, with its default as a hint, grouped as in the file. Reads only."""

from collections.abc import Mapping as Words
from dataclasses import dataclass, fields
from typing import Final

from backplane.inventory.mapping import ChassisMapping, Mapping
from backplane.inventory.setup import TABLES
from backplane.slots.models import Chassis

_HEADINGS: Final = {
    "place": "Where chassis stand",
    "roles": "Roles",
    "types": "Device types",
    "names": "Names",
    "statuses": "Statuses",
}
_LABELS: Final = {
    "spares": "Location of spares",
    "chassis_manufacturer": "Manufacturer of chassis",
    "chassis_height_u": "Height of chassis in U",
    "manufacturer": "Manufacturer of modules",
    "default": "Type where the model is not known",
    "netbox_id": "Number of the device in NetBox",
}


@dataclass(frozen=True, slots=True)
class Box:
    """`hint` is what holds while the box is empty."""

    name: str
    label: str
    value: str
    hint: str

    @property
    def html_id(self) -> str:
        return f"box-{self.name.replace('.', '-')}"


@dataclass(frozen=True, slots=True)
class BoxGroup:
    heading: str
    boxes: tuple[Box, ...]
    is_open: bool = False


def boxes_of(mapping: Mapping, sent: Words[str, str]) -> list[BoxGroup]:
    """Return the boxes, filled with what was sent, else with what differs from the defaults."""
    default = Mapping()
    groups = [
        BoxGroup(
            _HEADINGS[table],
            _boxes(table, getattr(mapping, table), getattr(default, table), sent),
            is_open=table == "place",
        )
        for table in TABLES
    ]
    own = dict(mapping.chassis)
    for row in Chassis.objects.all():
        chassis = own.get(row.slug, ChassisMapping())
        boxes = _boxes(f"chassis.{row.slug}", chassis, ChassisMapping(), sent)
        groups.append(BoxGroup(str(row), boxes))
    return groups


def _boxes(table: str, record: object, default: object, sent: Words[str, str]) -> tuple[Box, ...]:
    made = []
    for one in fields(record):  # type: ignore[arg-type]  # every table is a dataclass
        value, usual = getattr(record, one.name), getattr(default, one.name)
        if isinstance(usual, tuple):  # types.modules: in the file alone
            continue
        name = f"{table}.{one.name}"
        stored = "" if value in (usual, None) else str(value)
        label = _LABELS.get(one.name, one.name.replace("_", " ").capitalize())
        hint = "" if usual is None else str(usual)
        made.append(Box(name, label, sent.get(name, stored), hint))
    return tuple(made)
