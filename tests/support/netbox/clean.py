"""Reads one object of a request body into stored values; refuses what the real one refuses, ignores what it ignores.

A field it does not know, or may not write, is dropped without a word.
"""

from collections.abc import Mapping
from typing import Any

from tests.support.netbox.catalogue import KINDS
from tests.support.netbox.kinds import Field, FieldType, Json, Kind, Value
from tests.support.netbox.refusals import RefusalError
from tests.support.netbox.store import Store

_REQUIRED = "This field is required."
_NULL = "This field may not be null."
_NO_DICT = "Invalid data format. Custom field data must be passed as a dictionary mapping field names to their values."
_BLANK = "This field may not be blank."


class UnfitError(Exception):
    """One field's value does not do; the message is the one for its name."""


def read(store: Store, kind: Kind, body: Json, row: Json | None) -> Json:
    """Return the fields `body` sets, ready to store. `row` is what stands there, None when it is created.

    Raises RefusalError (400) with every unfit field named.
    """
    errors: dict[str, Any] = {}
    values: Json = {}
    for name, field in kind.fields.items():
        try:
            if name in body:
                values[name] = _value(store, field, body[name])
            elif row is None:
                values[name] = _default(field)
        except UnfitError as unfit:
            errors[name] = [str(unfit)]
    if kind.has_tags:
        values |= _read_own(store, kind, body, row, errors)
    if errors:
        raise RefusalError(400, errors)
    return values


def _read_own(
    store: Store, kind: Kind, body: Json, row: Json | None, errors: dict[str, Value]
) -> Json:
    """Return tags and custom fields: tags replace, custom fields merge; unfit ones land in `errors`."""
    values: Json = {}
    try:
        values["tags"] = _tags(store, body, row["tags"] if row else [])
    except UnfitError as unfit:
        errors["tags"] = [str(unfit)]
    known = _custom_fields(store, kind)
    sent = body.get("custom_fields") or {}
    if not isinstance(sent, dict):
        errors["custom_fields"] = [_NO_DICT]
        return values
    unknown = sorted(set(sent) - set(known))
    if unknown:
        errors["custom_fields"] = {
            name: f"Custom field '{name}' does not exist for this object type." for name in unknown
        }
    standing = row["custom_fields"] if row else {}
    values["custom_fields"] = dict.fromkeys(known) | known_only(standing, known) | dict(sent)
    return values


def known_only(values: Mapping[str, Any], known: Mapping[str, Json]) -> Json:
    return {name: value for name, value in values.items() if name in known}


def _custom_fields(store: Store, kind: Kind) -> dict[str, Json]:
    return {
        row["name"]: row
        for row in store.rows("extras/custom-fields")
        if kind.content_type in row["object_types"]
    }


def _default(field: Field) -> Value:
    if field.is_required:
        raise UnfitError(_REQUIRED)
    return field.default


def _value(store: Store, field: Field, sent: Value) -> Value:
    if sent is None:
        if field.is_nullable:
            return None
        raise UnfitError(_BLANK if field.type is FieldType.CHOICE else _NULL)
    match field.type:
        case FieldType.TEXT:
            return _text(field, sent)
        case FieldType.CHOICE:
            return _choice(field, sent)
        case FieldType.REFERENCE:
            return find(store, field.target, sent)["id"]
        case FieldType.NUMBER:
            return _number(sent)
        case FieldType.FLAG | FieldType.JSON:
            return sent


def _text(field: Field, sent: Value) -> str | None:
    if isinstance(sent, dict | list | bool):
        raise UnfitError("Not a valid string.")
    said = str(sent).strip()
    if not said and field.is_nullable:
        return None if field.is_unique else said
    if not said and field.is_required:
        raise UnfitError(_BLANK)
    if field.max_length is not None and len(said) > field.max_length:
        raise UnfitError(f"Ensure this field has no more than {field.max_length} characters.")
    return said


def _choice(field: Field, sent: Value) -> str | None:
    if sent == "" and field.is_nullable:
        return None
    if sent not in field.choices:
        raise UnfitError(f"{sent} is not a valid choice.")
    return str(sent)


def _number(sent: Value) -> float:
    try:
        value = float(sent)
    except (TypeError, ValueError):
        raise UnfitError("A valid number is required.") from None
    return int(value) if value.is_integer() else value


def find(store: Store, path: str, sent: Value) -> Json:
    """Return the one row that a number or a set of attributes names; UnfitError for none or many."""
    if isinstance(sent, dict):
        found = [row for row in store.rows(path) if _has(store, path, row, sent)]
        if len(found) > 1:
            raise UnfitError(f"Multiple objects match the provided attributes: {sent}")
        if not found:
            raise UnfitError(f"Related object not found using the provided attributes: {sent}")
        return found[0]
    try:
        row = store.row(path, int(sent))
    except (TypeError, ValueError):
        raise UnfitError(
            "Related objects must be referenced by numeric ID or by dictionary of attributes. "
            f"Received an unrecognized value: {sent}"
        ) from None
    if row is None:
        raise UnfitError(f"Related object not found using the provided numeric ID: {sent}")
    return row


def _has(store: Store, path: str, row: Json, attributes: Mapping[str, Any]) -> bool:
    for name, value in attributes.items():
        field = KINDS[path].fields.get(name)
        if isinstance(value, dict) and field is not None:
            target = store.row(field.target, row[name]) if row[name] is not None else None
            if target is None or not _has(store, field.target, target, value):
                return False
        elif (
            str(row.get(name)).lower() != str(value).lower()
            if name == "mac_address"
            else row.get(name) != value
        ):
            return False
    return True


def _tags(store: Store, body: Json, standing: list[int]) -> list[int]:
    """Return the tag ids after the write, by name as NetBox orders them."""
    if body.get("tags") and (body.get("add_tags") or body.get("remove_tags")):
        raise UnfitError('Cannot specify "tags" together with "add_tags" or "remove_tags".')
    ids = set(_tag_ids(store, body["tags"])) if "tags" in body else set(standing)
    ids |= set(_tag_ids(store, body.get("add_tags", [])))
    ids -= set(_tag_ids(store, body.get("remove_tags", [])))
    return sorted(ids, key=lambda tag_id: store.must("extras/tags", tag_id)["name"])


def _tag_ids(store: Store, sent: list[Any]) -> list[int]:
    return [find(store, "extras/tags", tag)["id"] for tag in sent]
