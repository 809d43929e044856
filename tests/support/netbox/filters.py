"""Which rows a query asks for. A filter nobody knows is ignored, so it returns everything, as the real one does."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.support.netbox.catalogue import BY_CONTENT_TYPE, KINDS
from tests.support.netbox.kinds import FieldType, Json, Kind, Value
from tests.support.netbox.refusals import invalid
from tests.support.netbox.store import Store

Query = Mapping[str, list[str]]
PAGING = frozenset(
    {"limit", "offset", "start", "ordering", "brief", "fields", "omit", "exclude", "format"}
)
_FOLDED = {
    ("dcim/devices", "serial"),
    ("dcim/devices", "name"),
    ("dcim/mac-addresses", "mac_address"),
}


def matching(store: Store, kind: Kind, query: Query) -> list[Json]:
    """Return the rows for which every known filter holds; several values of one filter are alternatives."""
    rows = store.rows(kind.path)
    for name, values in query.items():
        if name in PAGING or not any(values):
            continue
        holds = _filter(store, kind, name, values)
        if holds is not None:
            rows = [row for row in rows if holds(row)]
    return rows


def _filter(
    store: Store, kind: Kind, name: str, values: list[str]
) -> Callable[[Json], bool] | None:
    """Return what the filter asks of a row; None when it is unknown. Raises RefusalError for an unknown choice."""
    if kind.has_tags and name == "tag":
        return _tagged(store, values)
    if name.startswith("cf_"):
        return _custom(store, name.removeprefix("cf_"), values)
    if name == "q":
        words = values[0].lower()
        return lambda row: words in " ".join(str(value) for value in row.values()).lower()
    return (
        _by_reference(store, kind, name, values)
        or _by_address(store, kind, name, values)
        or _by_value(kind, name, values)
    )


def _tagged(store: Store, values: list[str]) -> Callable[[Json], bool]:
    """Every tag named must be on the row."""
    wanted = set()
    for slug in values:
        found = store.rows("extras/tags", slug=slug)
        if not found:
            raise _no_choice("tag", slug)
        wanted.add(found[0]["id"])
    return lambda row: wanted <= set(row["tags"])


def _custom(store: Store, name: str, values: list[str]) -> Callable[[Json], bool] | None:
    """A custom field's filter is loose unless the field says exact: part of the value is enough."""
    found = store.rows("extras/custom-fields", name=name)
    if not found or found[0]["filter_logic"] == "disabled":
        return None
    test = LOOKUPS["ic" if found[0]["filter_logic"] == "loose" else ""]
    return lambda row: test(str(row["custom_fields"].get(name) or ""), values)


def _by_reference(
    store: Store, kind: Kind, name: str, values: list[str]
) -> Callable[[Json], bool] | None:
    """`site` asks by slug or name, `site_id` by number; what does not exist is a 400."""
    bare = name.removesuffix("_id")
    field = kind.fields.get(bare)
    if field is None or field.type is not FieldType.REFERENCE:
        return None
    target = KINDS[field.target]
    by = "id" if name.endswith("_id") else "slug" if "slug" in target.fields else "name"
    if target.path == "dcim/racks" and by == "name":
        return None  # a rack is asked for by its id alone
    wanted: set[int | None] = set()
    for value in values:
        if value == "null":
            wanted.add(None)
            continue
        found = [row for row in store.rows(target.path) if str(row[by]) == value]
        if not found:
            raise _no_choice(name, value)
        wanted |= {row["id"] for row in found}
    return lambda row: row[bare] in wanted


def _no_choice(name: str, value: str) -> Exception:
    return invalid(**{name: f"Select a valid choice. {value} is not one of the available choices."})


def _by_address(
    store: Store, kind: Kind, name: str, values: list[str]
) -> Callable[[Json], bool] | None:
    """MAC objects by their interface or device; interfaces and devices by the MACs they carry."""
    if kind.path == "dcim/mac-addresses" and name in {"device_id", "interface_id"}:
        return lambda row: _owner(store, row, name) in values
    if kind.path in {"dcim/interfaces", "dcim/devices"} and name == "mac_address":
        wanted = {value.upper() for value in values}
        path_key = "interface_id" if kind.path == "dcim/interfaces" else "device_id"
        holders = {
            _owner(store, mac, path_key)
            for mac in store.rows("dcim/mac-addresses")
            if mac["mac_address"] in wanted
        }
        return lambda row: str(row["id"]) in holders
    return None


def _owner(store: Store, mac: Json, name: str) -> str:
    """Return the id, as text, of the interface or the device a MAC is assigned to; empty for none."""
    target = BY_CONTENT_TYPE.get(mac["assigned_object_type"])
    held = store.row(target.path, mac["assigned_object_id"]) if target else None
    if held is None:
        return ""
    return str(held["device"] if name == "device_id" else held["id"])


def _by_value(kind: Kind, name: str, values: list[str]) -> Callable[[Json], bool] | None:
    bare, _, lookup = name.partition("__")
    if bare not in {"id", "created", "last_updated", *kind.fields} or bare in _references(kind):
        return None
    test = LOOKUPS.get(lookup)
    if test is None:
        return None
    _check_choice(kind, name, values)
    is_folded = (kind.path, bare) in _FOLDED
    return lambda row: test(
        _plain(row[bare], folded=is_folded), [_fold(v, is_folded) for v in values]
    )


def _references(kind: Kind) -> set[str]:
    return {name for name, one in kind.fields.items() if one.type is FieldType.REFERENCE}


def _check_choice(kind: Kind, name: str, values: list[str]) -> None:
    """Refuse a number that is none and a choice that does not exist."""
    choices = kind.fields[name].choices if name in kind.fields else ()
    for value in values:
        if name == "id" and not value.isdigit():
            raise invalid(id="Enter a whole number.")
        if choices and value not in choices:
            raise _no_choice(name, value)


def _fold(value: str, folded: bool) -> str:
    return value.lower() if folded else value


def _plain(value: Value, *, folded: bool) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return _fold("" if value is None else str(value), folded)


def _number(value: str) -> float | str:
    try:
        return float(value)
    except ValueError:
        return value


def _compares(compare: Callable[[Any, Any], bool]) -> Callable[[str, list[str]], bool]:
    return lambda value, wanted: bool(value) and compare(_number(value), _number(wanted[0]))


LOOKUPS: dict[str, Callable[[str, list[str]], bool]] = {
    "": lambda value, wanted: value in wanted,
    "n": lambda value, wanted: value not in wanted,
    "ie": lambda value, wanted: value.lower() in {one.lower() for one in wanted},
    "ic": lambda value, wanted: any(one.lower() in value.lower() for one in wanted),
    "isw": lambda value, wanted: any(value.lower().startswith(one.lower()) for one in wanted),
    "empty": lambda value, wanted: (not value) is (wanted[0].lower() in {"true", "1"}),
    "gt": _compares(lambda value, wanted: value > wanted),
    "gte": _compares(lambda value, wanted: value >= wanted),
    "lt": _compares(lambda value, wanted: value < wanted),
    "lte": _compares(lambda value, wanted: value <= wanted),
}
