"""Says whose word each field of NetBox is, and turns what is and what should be into changes. Pure.

A field that is not listed here is a person's: nothing in the plan can write it to an object that exists.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from backplane.inventory.records import FieldChange, Owner, Ref, Value

BP_UID: Final = "custom_fields.bp_uid"
BP_SLOT: Final = "custom_fields.bp_slot"


@dataclass(frozen=True, slots=True)
class FieldRule:
    owner: Owner
    rule: str


SAID_ONCE: Final = "said once, when the object is made"
_FIRST_ONLY: Final = FieldRule(Owner.FIRST, SAID_ONCE)
_RULES: Final = {
    "status": FieldRule(Owner.OURS, "status follows the slot"),
    "site": FieldRule(Owner.OURS, "the place follows the bay"),
    "location": FieldRule(Owner.OURS, "the place follows the bay"),
    "rack": FieldRule(Owner.OURS, "the place follows the bay"),
    "serial": FieldRule(Owner.OURS, "the serial is read from the board"),
    "asset_tag": FieldRule(Owner.FIRST, "filled in where NetBox has none"),
    BP_UID: FieldRule(Owner.FIRST, "our mark, filled in where NetBox has none"),
    BP_SLOT: FieldRule(Owner.OURS, "our mark of the slot"),
    "installed_device": FieldRule(Owner.OURS, "a bay holds what is seen in it"),
    "primary_mac_address": FieldRule(Owner.OURS, "the address is read from the board"),
    "assigned_object_type": FieldRule(Owner.OURS, "the address is read from the board"),
    "assigned_object_id": FieldRule(Owner.OURS, "the address is read from the board"),
}
_HOME: Final = {
    "name": FieldRule(Owner.NETBOX, "names are given in NetBox"),
    "role": FieldRule(Owner.NETBOX, "roles are given in NetBox"),
    "tenant": FieldRule(Owner.NETBOX, "tenants are given in NetBox"),
    "serial": FieldRule(Owner.NETBOX, "planned in NetBox"),
    "asset_tag": FieldRule(Owner.NETBOX, "planned in NetBox"),
    "uid": FieldRule(Owner.NETBOX, "planned in NetBox"),
    "planned_module": FieldRule(Owner.NETBOX, "what is planned for a bay is said in NetBox"),
}

Pair = tuple[str, Value, Value]  # field, before, after


def new_fields(values: Iterable[tuple[str, Value]]) -> tuple[FieldChange, ...]:
    """Return the fields of an object to be made, without those that are empty."""
    return _new(values, _RULES)


def note_fields(values: Iterable[tuple[str, Value]]) -> tuple[FieldChange, ...]:
    """Return the fields of a journal entry: it is said once, and nobody changes it."""
    return _new(values, {})


def _new(
    values: Iterable[tuple[str, Value]], rules: Mapping[str, FieldRule]
) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(field, None, value, rule.owner, rule.rule)
        for field, value in values
        if value not in {None, ""}
        for rule in [rules.get(field, _FIRST_ONLY)]
    )


def changed_fields(pairs: Iterable[Pair]) -> tuple[FieldChange, ...]:
    """Return what differs and is ours to say. Raises KeyError for a field that is a person's."""
    return _changed(pairs, _RULES)


def home_fields(pairs: Iterable[Pair]) -> tuple[FieldChange, ...]:
    """Return what NetBox says otherwise than our own database, of what is NetBox's to say."""
    return _changed(pairs, _HOME)


def _changed(pairs: Iterable[Pair], rules: dict[str, FieldRule]) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(field, before, after, rule.owner, rule.rule)
        for field, before, after in pairs
        for rule in [rules[field]]
        if _differs(before, after) and not (rule.owner is Owner.FIRST and before)
    )


def _differs(before: Value, after: Value) -> bool:
    if isinstance(before, Ref) and isinstance(after, Ref):
        return before.id != after.id if before.id and after.id else before.key != after.key
    return (before or None) != (after or None)
