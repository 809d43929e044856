"""By which way a request came in: the desk's password, a phone's pass, a machine's token. Only names it."""

from enum import StrEnum
from typing import Final

from django.http import HttpRequest

SWAPS: Final = "/w/"  # where a phone that is signed in for swaps only belongs


class Channel(StrEnum):
    """The values that the audit trail keeps; `local` is the command line."""

    DESK = "desk"
    PHONE = "phone"
    TOKEN = "token"  # noqa: S105  (a name, not a secret)
    LOCAL = "local"


def set_channel(request: HttpRequest, channel: Channel) -> None:
    """Note the channel as `request.channel`."""
    request.channel = channel  # type: ignore[attr-defined]  # requests carry what middleware found out, as request.user


def channel_of(request: HttpRequest) -> Channel:
    """Return the channel; a request that no middleware has seen is the desk's."""
    return getattr(request, "channel", Channel.DESK)
