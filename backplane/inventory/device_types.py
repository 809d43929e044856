"""Our chassis boards and the Pi models in the format of NetBox's device-type library: one YAML text per type. Pure.

Chassis are parents with a bay per slot; a Pi is a child of height 0, since NetBox wants children so.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from backplane.slots.boards import BoardProfile

_NOT_SLUG: Final = re.compile(r"[^a-z0-9]+")
PI_MODELS: Final = (
    "Raspberry Pi 5",
    "Raspberry Pi 4 Model B",
    "Raspberry Pi 3 Model B+",
    "Raspberry Pi Compute Module 5",
    "Raspberry Pi Compute Module 4",
    "Raspberry Pi Zero 2 W",
)
_WIRELESS_ONLY: Final = frozenset({"Raspberry Pi Zero 2 W"})


@dataclass(frozen=True, slots=True)
class TypeNames:
    """What the mapping calls things: manufacturers, the chassis type ({slots}), a bay ({number}), the interface."""

    chassis_manufacturer: str = "Backplane"
    chassis: str = "Backplane {slots}"
    pi_manufacturer: str = "Raspberry Pi"
    bay: str = "slot{number:02}"
    bay_label: str = "{number}"
    interface: str = "eth0"


@dataclass(frozen=True, slots=True)
class TypeFile:
    """One file of the library: `path` as it is laid out there, Manufacturer/model.yaml."""

    path: str
    text: str


def type_files(
    boards: Iterable[BoardProfile], models: Iterable[str], names: TypeNames
) -> list[TypeFile]:
    """Return a file for each kind of board and each model, in the order of their paths; one per slug."""
    found = {
        file.path: file
        for file in (
            *(_chassis(board, names) for board in boards),
            *(_pi(model, names) for model in models),
        )
    }
    return [found[path] for path in sorted(found)]


def _chassis(board: BoardProfile, names: TypeNames) -> TypeFile:
    model = names.chassis.format(slots=board.slot_count)
    bays = [
        {"name": names.bay.format(number=n), "label": names.bay_label.format(number=n)}
        for n in range(1, board.slot_count + 1)
    ]
    ports = [
        {"name": supply.name, "type": "dc-terminal", "maximum_draw": _watts(supply.rating_mw)}
        for supply in board.supplies
    ]
    said: dict[str, Any] = {
        **_head(names.chassis_manufacturer, model),
        "u_height": board.geometry.u,
        "is_full_depth": False,
        "subdevice_role": "parent",
        "comments": f"{board.title}. Bays are counted from the left, seen from the front.",
        "power-ports": ports,
        "device-bays": bays,
    }
    return _file(names.chassis_manufacturer, model, said)


def _pi(model: str, names: TypeNames) -> TypeFile:
    interfaces = [
        {"name": names.interface, "type": "1000base-t"},
        {"name": "wlan0", "type": "ieee802.11ac"},
    ]
    said: dict[str, Any] = {
        **_head(names.pi_manufacturer, model),
        "u_height": 0,
        "is_full_depth": False,
        "subdevice_role": "child",
        "interfaces": interfaces[1:] if model in _WIRELESS_ONLY else interfaces,
        "console-ports": [{"name": "uart0", "type": "other"}],
    }
    return _file(names.pi_manufacturer, model, said)


def _head(manufacturer: str, model: str) -> dict[str, Any]:
    return {
        "manufacturer": manufacturer,
        "model": model,
        "slug": slug_of(manufacturer, model),
    }


def slug_of(manufacturer: str, model: str) -> str:
    """Return the slug the library wants: the manufacturer first, once."""
    words = _slug(model)
    maker = _slug(manufacturer)
    return words if words.startswith(maker) else f"{maker}-{words}"


def _slug(text: str) -> str:
    return _NOT_SLUG.sub("-", text.lower().replace("+", "-plus")).strip("-")


def _watts(rating_mw: int) -> int:
    return -(-rating_mw // 1000)


def _file(manufacturer: str, model: str, said: Mapping[str, Any]) -> TypeFile:
    filled = {key: value for key, value in said.items() if value not in ([], "")}
    text = yaml.safe_dump(filled, sort_keys=False, explicit_start=True, allow_unicode=True)
    slug = slug_of(manufacturer, model)
    return TypeFile(f"{manufacturer}/{slug}.yaml", text)
