"""The change log as `core/object-changes/` shows it: newest first, filtered by id, request, object, action."""

import re
from collections.abc import Mapping

from tests.support.netbox.filters import LOOKUPS
from tests.support.netbox.kinds import Json
from tests.support.netbox.refusals import invalid

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LABELS = {"create": "Created", "update": "Updated", "delete": "Deleted"}
_FIELDS = {
    "id",
    "request_id",
    "action",
    "changed_object_type",
    "changed_object_id",
    "user_name",
    "time",
}


def matching_changes(changes: list[Json], query: Mapping[str, list[str]]) -> list[Json]:
    """Return the rows every known filter lets through, by -time unless another order is asked."""
    rows = list(changes)
    for value in query.get("request_id", ()):
        if not _UUID.fullmatch(value):
            raise invalid(request_id="Enter a valid UUID.")
    for name, values in query.items():
        bare, _, lookup = name.partition("__")
        test = LOOKUPS.get(lookup)
        if bare in _FIELDS and test is not None:
            rows = [row for row in rows if test(str(row[bare]), values)]
    ordering = query.get("ordering", ["-time"])[0]
    rows.sort(key=lambda row: int(row["id"]), reverse=ordering.startswith("-"))
    return rows


def shown_change(row: Json, base_url: str) -> Json:
    """Return one row as the API shows it."""
    action = row["action"]
    return row | {
        "url": f"{base_url}/api/core/object-changes/{row['id']}/",
        "display_url": f"{base_url}/core/changelog/{row['id']}/",
        "display": f"{row['changed_object_type']} {row['object_repr']} {action}d by {row['user_name']}",
        "user": {
            "id": 1,
            "url": f"{base_url}/api/users/users/1/",
            "display": row["user_name"],
            "username": row["user_name"],
        },
        "action": {"value": action, "label": _LABELS[action]},
        "changed_object": None,
    }
