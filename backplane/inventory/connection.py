"""Tries a NetBox without writing: does it answer, is it new enough, and which permission does the token lack.

Reads one object of each list, and asks with OPTIONS what may be written there; NetBox answers that by permission.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from backplane.inventory.netbox.client import Ask
from backplane.inventory.netbox.errors import NetBoxError, NetBoxForbidden
from backplane.inventory.netbox.verdict import permission_of

# What a sync writes there: A adds, C changes. Without letters it only reads.
_SYNC: Final = {
    "core/object-changes": "",
    "dcim/devices": "AC",
    "dcim/device-bays": "AC",
    "dcim/interfaces": "AC",
    "dcim/mac-addresses": "AC",
    "extras/journal-entries": "A",
}
_BOOTSTRAP: Final = {
    "extras/tags": "A",
    "extras/custom-fields": "A",
    "dcim/sites": "A",
    "dcim/locations": "A",
    "dcim/racks": "A",
    "dcim/manufacturers": "A",
    "dcim/device-roles": "A",
    "dcim/device-types": "A",
    "dcim/device-bay-templates": "A",
    "dcim/interface-templates": "A",
}


class Asks(Protocol):
    """A NetBox that can be asked; the client is one."""

    @property
    def takes_guards(self) -> bool: ...
    @property
    def version(self) -> str: ...
    def status(self) -> dict[str, Any]: ...
    def call(self, ask: Ask) -> Any: ...  # noqa: ANN401  (whatever JSON holds)


@dataclass(frozen=True, slots=True)
class Report:
    """What came of the test. `error` "" means that NetBox answers; `missing` names permissions in NetBox's words."""

    version: str = ""
    error: str = ""
    takes_guards: bool = False
    missing: tuple[str, ...] = ()
    missing_for_bootstrap: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        return not self.error and not self.missing and self.takes_guards

    @property
    def lines(self) -> tuple[str, ...]:
        """Say it in sentences."""
        if self.error:
            return (self.error,)
        said = [f"NetBox {self.version} answers and takes the token."]
        if not self.takes_guards:
            said.append("Writing needs NetBox 4.6; with this one plans can be made and read.")
        said += [f"The token lacks the permission {one}." for one in self.missing]
        said += [
            f"The token lacks the permission {one}: what is missing in NetBox must be made by hand."
            for one in self.missing_for_bootstrap
        ]
        if self.is_good:
            said.append("It may read and write all that a sync needs.")
        return tuple(said)


def try_connection(netbox: Asks) -> Report:
    """Return what works and what is missing; a NetBox that stops answering ends the test."""
    try:
        netbox.status()
        return Report(
            netbox.version,
            takes_guards=netbox.takes_guards,
            missing=tuple(_missing(netbox, _SYNC.items())),
            missing_for_bootstrap=tuple(_missing(netbox, _BOOTSTRAP.items())),
        )
    except NetBoxError as error:
        return Report(netbox.version, str(error), netbox.takes_guards)


def _missing(netbox: Asks, needs: Iterable[tuple[str, str]]) -> list[str]:
    found = []
    for path, writes in needs:
        try:
            netbox.call(Ask("GET", path, (("limit", 1),)))
            found += _missing_writes(netbox, path, writes)
        except NetBoxForbidden as error:
            if not error.permission:
                raise
            found.append(error.permission)
    return found


def _missing_writes(netbox: Asks, path: str, writes: str) -> list[str]:
    if not writes:
        return []
    told = netbox.call(Ask("OPTIONS", path))
    actions = told.get("actions", {}) if isinstance(told, dict) else {}
    wanted = (("A", "POST", "POST"), ("C", "PUT", "PATCH"))
    return [
        permission_of(method, path)
        for letter, action, method in wanted
        if letter in writes and action not in actions
    ]
