"""Which NetBox, with which token, CA file and patience: read from the settings. Never prints the token."""

from dataclasses import dataclass, field

from django.conf import settings

from backplane.inventory.netbox.errors import NetBoxNotSet


@dataclass(frozen=True, slots=True)
class Access:
    """`url` without a slash at its end; `ca_file` "" means the system's authorities."""

    url: str
    token: str = field(repr=False)
    ca_file: str = ""
    timeout_s: float = 10.0

    @property
    def authorization(self) -> str:
        """The header's value. NetBox tells v2 from v1 by nbt_, not by the first word."""
        return f"{'Bearer' if self.token.startswith('nbt_') else 'Token'} {self.token}"


def is_set() -> bool:
    return bool(settings.NETBOX_URL and settings.NETBOX_TOKEN)


def access() -> Access:
    """Return the access of this installation. Raises NetBoxNotSet."""
    if not is_set():
        raise NetBoxNotSet
    return Access(
        settings.NETBOX_URL,
        settings.NETBOX_TOKEN,
        settings.NETBOX_CA_FILE,
        settings.NETBOX_TIMEOUT_S,
    )
