"""Turns a stored row into the JSON NetBox answers: nested short forms, choices with labels, counts. Reads only."""

from tests.support.netbox.catalogue import BY_CONTENT_TYPE, DEVICE_TYPE, KINDS
from tests.support.netbox.kinds import Field, FieldType, Json, Kind, Value
from tests.support.netbox.store import Store


class Shapes:
    """Shows rows of one store under one base address."""

    def __init__(self, store: Store, base_url: str) -> None:
        self._store = store
        self._base_url = base_url

    def full(self, kind: Kind, row: Json) -> Json:
        """Return all that a GET of this object shows."""
        shown = self._head(kind, row)
        shown |= {name: self._value(field, row[name]) for name, field in kind.fields.items()}
        shown |= dict.fromkeys(kind.counts, 0) | dict(kind.absent)
        shown |= self._own(kind, row)
        if kind.has_tags:
            shown["tags"] = [self._tag(tag_id) for tag_id in row["tags"]]
            shown["custom_fields"] = dict(row["custom_fields"])
        return shown | {"created": row["created"], "last_updated": row["last_updated"]}

    def brief(self, path: str, row_id: int) -> Json:
        """Return the short form by which another object mentions this one."""
        kind, row = KINDS[path], self._store.must(path, row_id)
        shown = self._head(kind, row)
        shown.pop("display_url", None)
        for name in kind.brief:
            field = kind.fields.get(name)
            counted = 0 if name in kind.counts else kind.absent.get(name)
            shown[name] = counted if field is None else self._value(field, row[name])
        return shown

    def display(self, kind: Kind, row: Json) -> str:
        """Return how NetBox names the object in words."""
        if kind is DEVICE_TYPE:
            return str(row["model"])
        named = row.get("name") or row.get("mac_address")
        if named:
            tag = row.get("asset_tag")
            return f"{named} ({tag})" if kind.path == "dcim/devices" and tag else str(named)
        if kind.path == "dcim/devices":
            made = self._store.must("dcim/device-types", row["device_type"])
            maker = self._store.must("dcim/manufacturers", made["manufacturer"])
            return f"{maker['name']} {made['model']} ({row['id']})"
        return f"{row['created']} ({row.get('kind', '')})"

    def snapshot(self, row: Json) -> Json:
        """Return what the change log keeps of a row."""
        return {name: value for name, value in row.items() if name not in {"id", "last_updated"}}

    def _head(self, kind: Kind, row: Json) -> Json:
        head = {
            "id": row["id"],
            "url": f"{self._base_url}/api/{kind.path}/{row['id']}/",
            "display": self.display(kind, row),
        }
        if kind.has_display_url:
            head["display_url"] = f"{self._base_url}/{kind.path}/{row['id']}/"
        return head

    def _value(self, field: Field, value: Value) -> Value:
        if field.type is FieldType.CHOICE:
            return None if value is None else {"value": value, "label": _label(value)}
        if field.type is FieldType.REFERENCE:
            return None if value is None else self.brief(field.target, value)
        return value

    def _tag(self, tag_id: int) -> Json:
        tag = self._store.must("extras/tags", tag_id)
        head = self._head(KINDS["extras/tags"], tag)
        return head | {name: tag[name] for name in ("name", "slug", "color")}

    def _own(self, kind: Kind, row: Json) -> Json:
        """Return what is worked out for this kind alone."""
        if kind.path == "dcim/devices":
            return {"parent_device": self._parent(row["id"]), **self._counts(row["id"])}
        if kind.path == "dcim/device-bays":
            return {"_occupied": not row["enabled"] or row["installed_device"] is not None}
        if kind.path == "dcim/interfaces":
            return self._addresses(row)
        if kind.path in {"dcim/mac-addresses", "extras/journal-entries"}:
            target = BY_CONTENT_TYPE.get(row["assigned_object_type"])
            found = target and self._store.row(target.path, row["assigned_object_id"])
            return {"assigned_object": target and found and self.brief(target.path, found["id"])}
        return {}

    def _counts(self, device_id: int) -> Json:
        return {
            "device_bay_count": len(self._store.rows("dcim/device-bays", device=device_id)),
            "interface_count": len(self._store.rows("dcim/interfaces", device=device_id)),
        }

    def _parent(self, device_id: int) -> Json | None:
        bays = self._store.rows("dcim/device-bays", installed_device=device_id)
        if not bays:
            return None
        parent = self._store.must("dcim/devices", bays[0]["device"])
        shown = self._head(KINDS["dcim/devices"], parent) | {"name": parent["name"]}
        return shown | {"device_bay": self.brief("dcim/device-bays", bays[0]["id"])}

    def _addresses(self, row: Json) -> Json:
        primary = row["primary_mac_address"]
        rows = self._store.rows(
            "dcim/mac-addresses",
            assigned_object_type="dcim.interface",
            assigned_object_id=row["id"],
        )
        value = primary and self._store.must("dcim/mac-addresses", primary)["mac_address"]
        return {
            "mac_address": value,
            "mac_addresses": [self.brief("dcim/mac-addresses", mac["id"]) for mac in rows],
        }


def _label(value: str) -> str:
    return value.replace("-", " ").capitalize()
