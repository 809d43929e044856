"""Who may ask: v1 and v2 tokens, read-only tokens, denied permissions. No or bad token is 403, never 401."""

from dataclasses import dataclass, field

from tests.support.netbox.kinds import Kind
from tests.support.netbox.refusals import forbidden

V1_TOKEN = "0123456789abcdef0123456789abcdef01234567"
V2_TOKEN = "nbt_doublekey123.abcdefghijklmnopqrstuvwxyz0123456789ABCD"
_ACTIONS = {"GET": "view", "POST": "add", "PUT": "change", "PATCH": "change", "DELETE": "delete"}


@dataclass(slots=True)
class Tokens:
    """The tokens a double takes. `denied` holds (action, content type), e.g. ("change", "dcim.devicebay")."""

    known: set[str] = field(default_factory=lambda: {V1_TOKEN, V2_TOKEN})
    read_only: set[str] = field(default_factory=set)
    denied: set[tuple[str, str]] = field(default_factory=set)

    def admit(self, method: str, header: str | None) -> None:
        """Raise RefusalError (403) unless the header carries a token that may do this.

        The version is told by the `nbt_` prefix, not by the keyword before it.
        """
        keyword, _, token = (header or "").partition(" ")
        if keyword.lower() not in {"token", "bearer"}:
            raise forbidden("Authentication credentials were not provided.")
        if token not in self.known:
            version = 2 if token.startswith("nbt_") else 1
            raise forbidden(f"Invalid v{version} token")
        if method != "GET" and token in self.read_only:
            raise forbidden("You do not have permission to perform this action.")

    def allow(self, method: str, kind: Kind) -> None:
        """Raise RefusalError (403) where this permission was taken away."""
        if (_ACTIONS.get(method, "view"), kind.content_type) in self.denied:
            raise forbidden("You do not have permission to perform this action.")
