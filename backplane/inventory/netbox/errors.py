"""What can go wrong with NetBox. str() is a sentence for a person, and says what to do; no secret is in it."""

# ruff: noqa: N818  (the names say what is wrong; the base class says that it is an error)

from dataclasses import dataclass


@dataclass
class NetBoxError(Exception):
    """Base of all: `detail` is what NetBox or the network said, cut short."""

    detail: str = ""

    def __post_init__(self) -> None:
        Exception.__init__(self, self.detail)

    def __str__(self) -> str:
        return self.detail


@dataclass
class NetBoxUnavailable(NetBoxError):
    """Nothing, or nothing useful, answers: whether a write arrived is not known. Trying again later may help."""

    retry_after_s: float | None = None

    def __str__(self) -> str:
        return f"NetBox does not answer: {self.detail}. Nothing is lost; it is tried again."


@dataclass
class NetBoxRejected(NetBoxError):
    """A 4xx to what was asked: asking the same again will not help."""

    status: int = 400

    def __str__(self) -> str:
        return f"NetBox refuses this ({self.status}): {self.detail}"


@dataclass
class NetBoxForbidden(NetBoxError):
    """No or a bad token (`permission` ""), or one that lacks `permission`."""

    permission: str = ""

    def __str__(self) -> str:
        if self.permission:
            return f"The token lacks the permission {self.permission}. Add it in NetBox for the token's user."
        return (
            f"NetBox does not take the token: {self.detail}."
            " Make a new one with write access and set NETBOX_TOKEN."
        )


@dataclass
class NetBoxStale(NetBoxError):
    """412: somebody changed an object since it was read. Nothing of the list was written."""

    def __str__(self) -> str:
        return "Changed in NetBox since it was read. It is read again."


@dataclass
class NetBoxDuplicate(NetBoxError):
    """400, 409 or 500: an object with this unique value exists. Nothing of the list was written."""

    def __str__(self) -> str:
        return f"NetBox has such an object already: {self.detail}"


@dataclass
class NetBoxNonsense(NetBoxError):
    """An answer that is no answer to what was asked: HTML, cut JSON, other objects. A write may have arrived."""

    def __str__(self) -> str:
        return (
            f"What answers does not talk like NetBox: {self.detail}."
            " Check NETBOX_URL and what stands in front of it."
        )


@dataclass
class NetBoxTooOld(NetBoxError):
    """Before 4.6 there is no If-Match, so a write could undo somebody's work."""

    def __str__(self) -> str:
        return (
            f"This is NetBox {self.detail}; writing needs 4.6, which refuses a change to what somebody"
            " else has changed. Plans can be made and read."
        )


@dataclass
class NetBoxNotSet(NetBoxError):
    """NETBOX_URL or NETBOX_TOKEN is missing."""

    def __str__(self) -> str:
        return "No NetBox is set. Set NETBOX_URL and NETBOX_TOKEN."
