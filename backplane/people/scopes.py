"""Which addresses a phone's session and a machine's token may ask for. Method and path decide.

Whether the role suffices is checked by the views; this is the fence around them.
"""

import re
from enum import StrEnum
from typing import Final

from backplane.people.roles import Role

_SAFE: Final = {"GET", "HEAD"}
_ANSWERED_TO_PHONES: Final = re.compile(r"/(phone|sign-out|sign-in)/")
_AT_THE_DESK: Final = re.compile(r"/(settings|admin|password)(/|$)")
_OF_SWAPS: Final = re.compile(r"/w(/|$)")
# The chassis and its slots to look at with the parts that they fetch anew, labels' targets, help, and the script
# that keeps pages offline.
_SWAP_READS: Final = re.compile(
    r"/(c/[\w-]+/(snapshot/|link/|power/bars/|measures\.css|s/\d+/(recent/)?)?"
    r"|[sS]/[\w-]+/?|help/.*|sw\.js|healthz/|readyz/)$"
)
_SLOT_COMMAND: Final = re.compile(r"/c/[\w-]+/s/\d+/command/")
_CHASSIS_COMMAND: Final = re.compile(r"/c/[\w-]+/command/")
_LOCATE_OPS: Final = {"locate_on", "locate_off"}


class Scope(StrEnum):
    """What a machine's token may do; each stands alone."""

    READ = "read"
    LOCATE = "locate"
    POWER = "power"
    SWAP = "swap"

    @property
    def role(self) -> Role:
        """The role that a request within this scope has."""
        return _ROLES[self]

    @property
    def summary(self) -> str:
        return _SUMMARIES[self]


_ROLES: Final = {
    Scope.READ: Role.VIEWER,
    Scope.LOCATE: Role.TECHNICIAN,
    Scope.POWER: Role.OPERATOR,
    Scope.SWAP: Role.TECHNICIAN,
}
_SUMMARIES: Final = {
    Scope.READ: "reads chassis, events and swaps",
    Scope.LOCATE: "lights a slot to find it",
    Scope.POWER: "switches power, shuts down, tests lamps",
    Scope.SWAP: "starts and steers swaps",
}


def phone_may(method: str, path: str, *, is_swap_only: bool) -> bool:
    """Tell whether a phone's session may ask for this."""
    if _AT_THE_DESK.match(path):
        return False
    if not is_swap_only or _OF_SWAPS.match(path) or _ANSWERED_TO_PHONES.match(path):
        return True
    return method in _SAFE and bool(_SWAP_READS.match(path))


def is_of_swaps(path: str) -> bool:
    """Tell whether this is an address of the guided swap."""
    return bool(_OF_SWAPS.match(path))


def needed_scope(method: str, path: str, op: str) -> Scope | None:
    """Return the scope that a machine's request needs; None: no token opens this. `op` is the form's."""
    if _AT_THE_DESK.match(path) or _ANSWERED_TO_PHONES.match(path):
        return None
    if method in _SAFE:
        return Scope.READ
    if method != "POST":
        return None
    if _OF_SWAPS.match(path):
        return Scope.SWAP
    if _SLOT_COMMAND.fullmatch(path):
        return Scope.LOCATE if op in _LOCATE_OPS else Scope.POWER
    return Scope.POWER if _CHASSIS_COMMAND.fullmatch(path) else None
