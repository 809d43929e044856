"""The connection test: is it there, does it take the token, is it new enough, which permission is missing.

The only thing that asks NetBox inside a web request: each request has its time-out. Writes nothing: what
the token may write is told by requests that no NetBox can carry out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from backplane.inventory.netbox.client import Ask, NetBox
from backplane.inventory.netbox.errors import (
    NetBoxError,
    NetBoxForbidden,
    NetBoxRejected,
    NetBoxTooOld,
)
from backplane.inventory.netbox.snapshot import LISTS
from backplane.inventory.netbox.verdict import permission_of
from backplane.inventory.records import Kind

_CHANGED: Final = (Kind.DEVICE, Kind.BAY, Kind.INTERFACE, Kind.MAC)
_CHANGES: Final = "core/object-changes"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the test. `passed` None: it could not be tried."""

    name: str
    passed: bool | None
    text: str


def permissions() -> tuple[str, ...]:
    """Return all permissions a token needs, in NetBox's words."""
    views = [permission_of("GET", path) for path in (*LISTS.values(), _CHANGES)]
    adds = [permission_of("POST", path) for path in (*LISTS.values(), Kind.JOURNAL)]
    changes = [permission_of("PATCH", path) for path in _CHANGED]
    return (*views, *adds, *changes)


def check_connection(netbox: NetBox) -> tuple[Finding, ...]:
    """Return what was found, in the order it was tried; stops where going on says nothing."""
    return tuple(_findings(netbox))


def _findings(netbox: NetBox) -> Iterator[Finding]:
    try:
        netbox.status()
    except NetBoxError as error:
        yield Finding("Connection", False, str(error))
        return
    yield Finding("Connection", True, f"NetBox {netbox.version} answers.")
    too_old = not netbox.takes_guards
    text = str(NetBoxTooOld(netbox.version)) if too_old else "It guards changes (If-Match)."
    yield Finding("Version", not too_old, text)
    missing = []
    try:
        for kind in (*LISTS.values(), _CHANGES):
            missing += _missing_to_read(netbox, str(kind))
        for kind in (*LISTS.values(), Kind.JOURNAL):
            missing += _missing_to_write(netbox, kind)
    except NetBoxError as error:
        yield Finding("Permissions", None, str(error))
        return
    if missing:
        yield Finding("Permissions", False, _lacks(missing))
        return
    yield Finding("Permissions", True, "The token may read and write all that is needed.")


def _lacks(missing: list[str]) -> str:
    """Say what is missing. NetBox refuses a token that may only read in the words for a missing permission."""
    lacks = f"lacks: {', '.join(missing)}. Add them in NetBox."
    writes = {one for one in permissions() if ".view_" not in one}
    if not writes <= set(missing):
        return f"The token's user {lacks}"
    return f"The token may write nothing: see in NetBox whether it is write enabled. If it is, its user {lacks}"


def _missing_to_read(netbox: NetBox, path: str) -> list[str]:
    try:
        netbox.call(Ask("GET", path, (("limit", 1),)))
    except NetBoxForbidden as error:
        if not error.permission:
            raise
        return [error.permission]
    return []


def _missing_to_write(netbox: NetBox, kind: Kind) -> list[str]:
    """Try what cannot succeed: NetBox looks at permissions before it looks at the body.

    Nothing can be made of an empty object, and an empty list changes nothing.
    """
    missing = []
    methods = ("POST", "PATCH") if kind in _CHANGED else ("POST",)
    for method in methods:
        body: Any = {} if method == "POST" else []
        try:
            netbox.call(Ask(method, kind.value, (), body))
        except NetBoxForbidden as error:
            if not error.permission:
                raise
            missing.append(error.permission)
        except NetBoxRejected:
            pass
    return missing
