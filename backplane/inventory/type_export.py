"""The device types of this installation as files: every board we have data of or have heard, every model we have seen."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

from backplane.inventory.device_types import PI_MODELS, TypeFile, TypeNames, type_files
from backplane.inventory.mapping import Mapping
from backplane.slots.boards import BOARDS_DIR, BoardProfile, parse_profile
from backplane.slots.models import Chassis, Module


def all_type_files(mapping: Mapping) -> list[TypeFile]:
    """Return the files; types are called as the mapping calls them."""
    seen = Module.objects.exclude(model="").values_list("model", flat=True).distinct()
    models = {mapping.types.model_of(model) for model in [*PI_MODELS, *seen]}
    return type_files(_boards(), sorted(models), names_of(mapping))


def names_of(mapping: Mapping) -> TypeNames:
    """Return what the mapping calls the types and their parts."""
    return TypeNames(
        chassis_manufacturer=mapping.types.chassis_manufacturer,
        chassis=mapping.types.chassis,
        pi_manufacturer=mapping.types.manufacturer,
        bay=mapping.names.bay,
        bay_label=mapping.names.label,
        interface=mapping.names.interface,
    )


def write_type_files(files: list[TypeFile], directory: Path) -> list[Path]:
    """Write the files below a directory, as the library lays them out; return their paths."""
    written = []
    for file in files:
        path = directory / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")
        written.append(path)
    return written


def _boards() -> Iterator[BoardProfile]:
    for row in Chassis.objects.all():
        yield row.profile
    for path in sorted(BOARDS_DIR.glob("*.toml")):
        yield parse_profile(tomllib.loads(path.read_text(encoding="utf-8")))
