"""How our rack is said in NetBox's words: places, roles, types, names, statuses. Pure; read from a file or from rows."""

from backplane.inventory.mapping.parse import MappingError, mapping_from_rows, mapping_from_toml
from backplane.inventory.mapping.records import (
    ChassisMapping,
    Mapping,
    Names,
    Place,
    Roles,
    Statuses,
    Types,
    slug_of,
)

__all__ = [
    "ChassisMapping",
    "Mapping",
    "MappingError",
    "Names",
    "Place",
    "Roles",
    "Statuses",
    "Types",
    "mapping_from_rows",
    "mapping_from_toml",
    "slug_of",
]
