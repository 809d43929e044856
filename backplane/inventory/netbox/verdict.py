"""Turns a bad answer of NetBox into the right error. Pure: an answer is status, text and headers."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from backplane.inventory.netbox.errors import (
    NetBoxDuplicate,
    NetBoxError,
    NetBoxForbidden,
    NetBoxNonsense,
    NetBoxRejected,
    NetBoxStale,
    NetBoxUnavailable,
)

_LONGEST: Final = 300
_VERBS: Final = {"GET": "view", "POST": "add", "PATCH": "change", "DELETE": "delete"}
_MODELS: Final = {
    "object-changes": "core.view_objectchange",
    "device-types": "dcim.{verb}_devicetype",
    "device-roles": "dcim.{verb}_devicerole",
    "device-bays": "dcim.{verb}_devicebay",
    "device-bay-templates": "dcim.{verb}_devicebaytemplate",
    "interface-templates": "dcim.{verb}_interfacetemplate",
    "mac-addresses": "dcim.{verb}_macaddress",
    "custom-fields": "extras.{verb}_customfield",
    "journal-entries": "extras.{verb}_journalentry",
}
_SAYS_DUPLICATE: Final = re.compile(
    r"duplicate key|already exists|must be unique|must make a unique set|unique constraint",
    re.IGNORECASE,
)
_SAYS_TOKEN: Final = re.compile(r"token|credentials|authenticat", re.IGNORECASE)
_PERHAPS_LATER: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Said:
    """An answer that is no success."""

    method: str
    path: str
    status: int
    text: str
    headers: Mapping[str, str]


def permission_of(method: str, path: str) -> str:
    """Return the permission a request needs, in NetBox's words: dcim.change_devicebay."""
    app, _, rest = path.strip("/").partition("/")
    name, verb = rest.partition("/")[0], _VERBS.get(method, "view")
    pattern = _MODELS.get(name, f"{app}.{{verb}}_{name.removesuffix('s').replace('-', '')}")
    return pattern.format(verb=verb)


def error_of(said: Said) -> NetBoxError:
    """Return the error an answer stands for."""
    if said.status == 412:
        return NetBoxStale(_short(said.text))
    if said.status in {400, 409, 500} and _SAYS_DUPLICATE.search(said.text):
        return NetBoxDuplicate(sentence_of(said.text))
    if said.status in {401, 403}:
        return _forbidden(said)
    if said.status in _PERHAPS_LATER:
        return NetBoxUnavailable(f"it says {said.status}", _pause_of(said.headers))
    return _refusal(said)


def sentence_of(text: str) -> str:
    """Return what a body of NetBox says to a person: its fields and messages, cut short."""
    body = _json(text)
    return _short(text if body is None else "; ".join(_lines(body)))


def _refusal(said: Said) -> NetBoxError:
    if said.status < 400:
        where = said.headers.get("Location", "elsewhere")
        return NetBoxNonsense(f"it sends us to {_short(where)}; set NETBOX_URL to that address")
    if _json(said.text) is None:
        return NetBoxNonsense(f"{said.method} {said.path} gave {said.status} and no JSON")
    return NetBoxRejected(sentence_of(said.text), said.status)


def _forbidden(said: Said) -> NetBoxForbidden:
    detail = sentence_of(said.text)
    is_token = said.status == 401 or bool(_SAYS_TOKEN.search(detail))
    permission = "" if is_token else permission_of(said.method, said.path)
    return NetBoxForbidden(detail.rstrip("."), permission)


def _pause_of(headers: Mapping[str, str]) -> float | None:
    raw = headers.get("Retry-After", "")
    return float(raw) if raw.isdigit() else None


def _json(text: str) -> Any:  # noqa: ANN401  (whatever JSON holds)
    try:
        return json.loads(text)
    except ValueError:
        return None


def _lines(body: Any) -> list[str]:  # noqa: ANN401  (whatever JSON holds)
    if isinstance(body, dict):
        named = ((name, line) for name, value in body.items() for line in _lines(value))
        plain = {"detail", "error", "__all__", "non_field_errors"}
        return [line if name in plain else f"{name}: {line}" for name, line in named]
    if isinstance(body, list):
        return [line for one in body for line in _lines(one)]
    return [str(body)]


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONGEST else f"{flat[:_LONGEST]} ..."
