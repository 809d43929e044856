"""Finds what devices need of NetBox (tag, fields, places, roles, types), and plans what is missing. Pure.

Only what somebody asks for is planned. What exists is taken as it is: nothing here changes an object. From a
snapshot that is not whole nothing is planned; the reference goes by natural key.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from backplane.inventory.fields import new_fields
from backplane.inventory.mapping import Mapping, slug_of
from backplane.inventory.plan.draft import Draft, Subject
from backplane.inventory.plan.index import Index
from backplane.inventory.records import (
    Action,
    Conflict,
    Group,
    Kind,
    Phase,
    PlanOptions,
    PlanRow,
    Ref,
    Value,
)
from backplane.inventory.records.netbox import NbNamed

CUSTOM_FIELDS = ("bp_slot", "bp_uid")
DEVICE_TYPE_OF_FIELD = "dcim.device"
_PHASES = {
    Kind.TAG: Phase.TAG,
    Kind.CUSTOM_FIELD: Phase.CUSTOM_FIELD,
    Kind.SITE: Phase.SITE,
    Kind.LOCATION: Phase.LOCATION,
    Kind.RACK: Phase.RACK,
    Kind.MANUFACTURER: Phase.MANUFACTURER,
    Kind.ROLE: Phase.ROLE,
    Kind.DEVICE_TYPE: Phase.DEVICE_TYPE,
    Kind.BAY_TEMPLATE: Phase.BAY_TEMPLATE,
    Kind.INTERFACE_TEMPLATE: Phase.INTERFACE_TEMPLATE,
}
_WORDS = {
    Kind.TAG: "tag",
    Kind.SITE: "site",
    Kind.LOCATION: "location",
    Kind.RACK: "rack",
    Kind.MANUFACTURER: "manufacturer",
    Kind.ROLE: "role",
    Kind.DEVICE_TYPE: "device type",
}


_Values = tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """Says why something cannot be referred to."""

    conflict: Conflict
    why: str


class Catalog:
    """References to what exists or is planned to."""

    def __init__(self, index: Index, mapping: Mapping, options: PlanOptions, draft: Draft) -> None:
        self._index = index
        self._mapping = mapping
        self._options = options
        self._draft = draft

    def marks(self) -> tuple[str, ...]:
        """Return our tag as a value of `tags`; see that it and our fields will be there."""
        tag = self._mapping.tag
        at = _named(self._index.snapshot.tags, tag)
        if at is None:
            self._make(Kind.TAG, f"tag:{tag}", tag, (("name", tag), ("slug", tag)))
        have = {field.name for field in self._index.snapshot.custom_fields}
        for name in CUSTOM_FIELDS:
            if name not in have:
                self._make_field(name)
        return (tag,)

    def wrong_fields(self) -> bool:
        """Tell of fields with our names that a person made otherwise; nothing can be written then."""
        wrong = [
            field
            for field in self._index.snapshot.custom_fields
            if field.name in CUSTOM_FIELDS
            and (field.type != "text" or DEVICE_TYPE_OF_FIELD not in field.object_types)
        ]
        for field in wrong:
            subject = Subject(
                Kind.CUSTOM_FIELD, f"field:{field.name}", f"custom field {field.name}"
            )
            self._draft.conflict(
                Conflict.WRONG_FIELD,
                subject,
                f"It is of type {field.type} for {', '.join(field.object_types) or 'nothing'};"
                " it must be text for devices. Nothing is written until it is.",
            )
        return bool(wrong)

    def site(self, name: str) -> Ref | Missing:
        if not name:
            return Missing(Conflict.NO_SITE, "The mapping does not say in which site it stands.")
        found = _named(self._index.snapshot.sites, name)
        if found:
            return Ref(Kind.SITE, f"site:{found.slug}", found.id, found.name)
        slug = slug_of(name)
        values: _Values = (("name", name), ("slug", slug), ("status", "active"))
        return self._place(Kind.SITE, f"site:{slug}", name, values)

    def location(self, site: Ref, name: str) -> Ref | Missing | None:
        """Return a location of a site; None for no name."""
        if not name:
            return None
        inside = (one for one in self._index.snapshot.locations if one.site_id == site.id)
        found = _named(inside, name)
        slug = slug_of(name)
        key = f"location:{_tail(site)}/{slug}"
        if found:
            return Ref(Kind.LOCATION, key, found.id, found.name)
        values: _Values = (("name", name), ("slug", slug), ("site", site), ("status", "active"))
        return self._place(Kind.LOCATION, key, name, values)

    def rack(self, site: Ref, location: Ref | None, name: str) -> Ref | Missing | None:
        """Return a rack of a site; None for no name. A new one stands in `location`."""
        if not name:
            return None
        key = f"rack:{_tail(site)}/{slug_of(name)}"
        for rack in sorted(self._index.snapshot.racks, key=lambda one: one.id):
            if rack.site_id == site.id and rack.name.casefold() == name.casefold():
                return Ref(Kind.RACK, key, rack.id, rack.name)
        values: _Values = (
            ("name", name),
            ("site", site),
            ("location", location),
            ("status", "active"),
        )
        return self._place(Kind.RACK, key, name, values)

    def role(self, name: str) -> Ref:
        found = _named(self._index.snapshot.roles, name)
        slug = slug_of(name)
        if found:
            return Ref(Kind.ROLE, f"role:{found.slug}", found.id, found.name)
        values: _Values = (("name", name), ("slug", slug), ("color", "607d8b"))
        return self._make(Kind.ROLE, f"role:{slug}", name, values)

    def manufacturer(self, name: str) -> Ref:
        found = _named(self._index.snapshot.manufacturers, name)
        slug = slug_of(name)
        if found:
            return Ref(Kind.MANUFACTURER, f"manufacturer:{found.slug}", found.id, found.name)
        values: _Values = (("name", name), ("slug", slug))
        return self._make(Kind.MANUFACTURER, f"manufacturer:{slug}", name, values)

    def new_type(self, maker: Ref, model: str, values: _Values) -> Ref:
        """Return a device type that is planned; `values` are its fields beside model and maker."""
        slug = slug_of(f"{maker.label} {model}")
        fields: _Values = (("manufacturer", maker), ("model", model), ("slug", slug), *values)
        return self._make(Kind.DEVICE_TYPE, f"type:{slug}", model, fields)

    def template(self, kind: Kind, device_type: Ref, name: str, extra: tuple[str, str]) -> None:
        """Plan a component that each new device of a planned type gets."""
        label = f"{name} of device type {device_type.label}"
        fields = (("device_type", device_type), ("name", name), extra)
        self._add(kind, f"template:{device_type.key}/{name}", label, fields)

    def _place(self, kind: Kind, key: str, name: str, values: _Values) -> Ref | Missing:
        if self._index.is_whole and not self._options.creates_places:
            return Missing(Conflict.NO_PLACE, f"NetBox has no {_WORDS[kind]} {name!r}.")
        return self._make(kind, key, name, values)

    def _make(self, kind: Kind, key: str, name: str, values: _Values) -> Ref:
        """Return a reference to what is missing: to its row, or by natural key where it may only be unread."""
        if self._index.is_whole:
            self._add(kind, key, f"{_WORDS[kind]} {name}", values)
            return Ref(kind, key, None, name)
        slug = tuple((field, str(value)) for field, value in values if field == "slug")
        return Ref(kind, key, None, name, slug or (("name", name),))

    def _make_field(self, name: str) -> None:
        if self._index.is_whole:
            fields: _Values = (
                ("name", name),
                ("label", "Backplane slot" if name == "bp_slot" else "Backplane uid"),
                ("type", "text"),
                ("object_types", (DEVICE_TYPE_OF_FIELD,)),
                ("unique", name == "bp_uid"),
                ("filter_logic", "exact"),
            )
            self._add(Kind.CUSTOM_FIELD, f"field:{name}", f"custom field {name}", fields)

    def _add(self, kind: Kind, key: str, label: str, values: Iterable[tuple[str, Value]]) -> None:
        self._draft.add(
            PlanRow(
                key=key,
                kind=kind,
                phase=_PHASES[kind],
                group=Group.BOOTSTRAP,
                label=label,
                action=Action.CREATE,
                changes=new_fields(values),
                why="NetBox does not have it, and devices of this plan need it.",
            )
        )


def _named(objects: Iterable[NbNamed], name: str) -> NbNamed | None:
    """Return the object with this slug or name, the oldest of several."""
    wanted = {name.casefold(), slug_of(name)}
    for one in sorted(objects, key=lambda one: one.id):
        if one.slug in wanted or one.name.casefold() in wanted:
            return one
    return None


def _tail(ref: Ref) -> str:
    return ref.key.partition(":")[2]
